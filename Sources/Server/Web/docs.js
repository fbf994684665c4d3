// docs.js: openapi.yaml of the running service, to read. Draws what this document has, not all that OpenAPI could have.

import { parse } from './yaml.js';

const METHODS = ['get', 'put', 'post', 'patch', 'delete'];
let contract;

const resolve = item => item?.$ref
  ? resolve(item.$ref.slice(2).split('/').reduce((node, name) => node?.[name.replaceAll('~1', '/').replaceAll('~0', '~')], contract)) : item;
const refName = item => item?.$ref?.split('/').at(-1);

/** @param parts strings, nodes, lists of them, or null */
function make(tag, attributes, ...parts) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) node.setAttribute(name, value);
  node.append(...parts.flat(Infinity).filter(part => part !== null && part !== undefined && part !== ''));
  return node;
}

/** The Markdown that the document has: paragraphs, `code`. */
function prose(text) {
  if (!text) return [];
  return text.trim().split(/\n\n+/).map(paragraph => make('p', null, inline(paragraph.replaceAll('\n', ' '))));
}

function inline(text) {
  return text.split('`').map((part, index) => index % 2 ? make('code', null, part) : part);
}

// Schemas

/** In a few words, with links to the named ones. */
function kind(schema) {
  if (!schema) return ['bytes'];
  const name = refName(schema);
  if (name) return [make('a', { href: `#schema-${name}` }, name)];
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return choices.flatMap((choice, index) => index ? [' or ', ...kind(choice)] : kind(choice));
  if (schema.const !== undefined) return [make('code', null, JSON.stringify(schema.const))];
  if (schema.enum) return schema.enum.length > 8
    ? ['one of ', String(schema.enum.length), ' names'] : schema.enum.flatMap((value, index) => [index ? ', ' : '', make('code', null, String(value))]);
  if (schema.type === 'array') return ['list of ', ...kind(schema.items)];
  const types = [schema.type ?? 'anything'].flat().join(' or ');
  const { minimum: low, maximum: high } = schema;
  const range = low !== undefined && high !== undefined ? `, ${low} to ${high}` : low !== undefined ? `, from ${low}` : high !== undefined ? `, to ${high}` : '';
  return [types + range + (schema.format ? `, ${schema.format}` : '')];
}

function rows(items) {
  return make('dl', null, items.map(([name, type, isRequired, ...text]) => make('div', null,
    make('dt', null, name, isRequired ? make('span', { class: 'must' }, ' required') : null, make('span', { class: 'kind' }, type)), make('dd', null, text))));
}

function members(schema) {
  const required = new Set(schema.required ?? []);
  return rows(Object.entries(schema.properties ?? {}).map(([name, member]) => [
    make('code', null, name), kind(member), required.has(name), inline(resolve(member)?.description?.trim() ?? ''),
  ]));
}

function schemaCard([name, schema]) {
  return make('section', { class: 'schema', id: `schema-${name}` }, make('h2', null, name), prose(schema.description),
    schema.properties ? members(schema) : make('p', null, kind(schema)));
}

// Calls

function content(body) {
  return Object.entries(body.content ?? {}).map(([type, media]) => {
    const examples = [media.example, ...Object.values(media.examples ?? {}).map(item => resolve(item).value)].filter(item => item !== undefined);
    return [
      make('p', null, make('code', null, type), media.schema ? [': ', ...kind(media.schema)] : null),
      !refName(media.schema) && media.schema?.properties ? members(media.schema) : null,
      examples.map(example => make('pre', { tabindex: '0' }, typeof example === 'string' ? example : JSON.stringify(example, null, 2))),
    ];
  });
}

function response([status, reference]) {
  const found = resolve(reference);
  const headers = Object.entries(found.headers ?? {});
  const problems = found['x-problem-types'] ?? [];
  return [make('code', null, status === 'default' ? 'any other' : status), '', false, [
    prose(found.description),
    problems.length ? make('div', { class: 'problems' }, problems.map(problem => make('code', null, problem))) : null,
    headers.length || found.content ? make('details', null, make('summary', null, 'Header and body'),
      rows(headers.map(([name, header]) => [
        make('code', null, name), kind(resolve(header).schema), resolve(header).required, inline(resolve(header).description?.trim() ?? ''),
      ])), content(found)) : null,
  ]];
}

function curl(method, path, body) {
  const type = body && Object.keys(resolve(body).content)[0];
  return ['curl', method === 'get' ? '' : `-X ${method.toUpperCase()}`, type ? `-H 'Content-Type: ${type}' --data-binary @photo.jpg` : '',
    `'${location.origin}${path}'`].filter(Boolean).join(' ');
}

function callCard({ path, method, operation, shared }) {
  const parameters = [...shared, ...operation.parameters ?? []].map(resolve);
  const body = resolve(operation.requestBody);
  return make('section', { class: 'call', id: operation.operationId },
    make('h2', null, make('span', { class: `method ${method}` }, method.toUpperCase()), make('code', null, path)),
    make('p', null, make('strong', null, inline(operation.summary ?? ''))), prose(operation.description),
    make('pre', { tabindex: '0' }, curl(method, path, operation.requestBody)),
    parameters.length ? [make('h3', null, 'Parameters'), rows(parameters.map(item => [
      make('code', null, item.name), [item.in, ', ', ...kind(item.schema)], item.required,
      [...inline(item.description?.trim() ?? ''), item.schema?.default !== undefined ? make('span', { class: 'small' }, `Default ${item.schema.default}.`) : null],
    ]))] : null,
    body ? [make('h3', null, 'Body'), prose(body.description), content(body)] : null,
    make('h3', null, 'Answers'), rows(Object.entries(operation.responses).map(response)));
}

function calls() {
  return Object.entries(contract.paths).flatMap(([path, item]) => METHODS.filter(method => item[method]).map(method => (
    { path, method, operation: item[method], shared: item.parameters ?? [] })));
}

function draw() {
  const all = calls(), { info } = contract;
  const groups = contract.tags.map(tag => ({ tag, calls: all.filter(({ operation }) => operation.tags?.[0] === tag.name) }));
  const title = text => text[0].toUpperCase() + text.slice(1);
  document.getElementById('contents').append(...groups.flatMap(({ tag, calls }) => [
    make('h2', null, title(tag.name)),
    ...calls.map(({ path, method, operation }) => make('a', { href: `#${operation.operationId}` },
      make('span', { class: `method ${method}` }, method.toUpperCase()), make('span', null, path))),
  ]), make('h2', null, make('a', { href: '#schemas' }, 'Schemas')));
  document.getElementById('contract').replaceChildren(
    make('h1', null, `${info.title} ${info.version}`), ...prose(info.summary), ...prose(info.description),
    ...groups.flatMap(({ tag, calls }) => [make('h2', { class: 'group' }, title(tag.name)), ...prose(tag.description), ...calls.map(callCard)]),
    make('h2', { class: 'group', id: 'schemas' }, 'Schemas'), ...Object.entries(contract.components.schemas).map(schemaCard));
  // The part that the address names was not there when the browser looked for it.
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

try {
  const answer = await fetch('/openapi.yaml');
  if (!answer.ok) throw new Error(`the service answers ${answer.status}`);
  contract = parse(await answer.text());
  draw();
} catch (error) {
  document.getElementById('state').replaceChildren(`openapi.yaml cannot be shown (${error.message}). `, make('a', { href: '/openapi.yaml' }, 'Read it as text.'));
}
