// api.js: the calls of the service that the page needs. Knows no element of the page.

import * as events from './events.js';
import { parse } from './yaml.js';

/** What the service refused: an RFC 9457 problem, or a request that got no answer. */
export class Refusal extends Error {
  /** @param problem members of application/problem+json; null when there was no answer */
  constructor(status, problem, retryAfterSeconds) {
    super(problem ? problem.detail : 'the service does not answer');
    this.status = status;
    this.whatToDo = problem ? problem.what_to_do : 'see whether it runs and whether you are online';
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** For a person: what is wrong, and the way out. */
  get text() {
    const text = `${this.message}; ${this.whatToDo ?? 'try again'}`;
    return text[0].toUpperCase() + text.slice(1) + '.';
  }
}

/**
 * The key that the service asks for: kept for the tab's life, sent to this origin alone and in the header alone.
 * @fires wanted: the service refused a request for want of a key, or with the one that it got (`wasSent`)
 * @fires change
 */
class Key extends EventTarget {
  static #NAME = 'fidediff-key';
  #value = '';

  constructor() {
    super();
    try {
      this.#value = sessionStorage.getItem(Key.#NAME) ?? '';
    } catch {
      // Storage is forbidden: the key lasts as long as the page.
    }
  }

  get value() { return this.#value; }

  set value(value) {
    this.#value = value;
    try {
      if (value) sessionStorage.setItem(Key.#NAME, value); else sessionStorage.removeItem(Key.#NAME);
    } catch {
      // As above.
    }
    this.dispatchEvent(new Event('change'));
  }

  get header() { return this.#value ? { Authorization: `Bearer ${this.#value}` } : {}; }

  /** @param sent what a request that was answered 401 had; an answer to an earlier key says nothing of this one */
  refused(sent) {
    if (sent === this.#value) this.dispatchEvent(Object.assign(new Event('wanted'), { wasSent: sent !== '' }));
  }

  /** @returns a promise: there is another key, or none is waited for any more */
  next(signal) {
    return new Promise(resolve => {
      this.addEventListener('change', resolve, { once: true, signal });
      signal.addEventListener('abort', resolve, { once: true });
    });
  }
}
export const key = new Key();

function problemOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return { detail: 'the service gave an answer that is not its own', what_to_do: 'look at what stands between it and this page' };
  }
}

function seconds(text) {
  const value = Number(text);
  return text !== null && Number.isFinite(value) ? value : null;
}

/** @throws Refusal */
async function call(path, options = {}) {
  const sent = key.value;
  let response;
  try {
    response = await fetch(path, { ...options, headers: { ...options.headers, ...key.header } });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Refusal(0, null, null);
  }
  if (response.ok) return response;
  if (response.status === 401) key.refused(sent);
  throw new Refusal(response.status, problemOf(await response.text()), seconds(response.headers.get('Retry-After')));
}

/**
 * Puts a picture in the queue. XMLHttpRequest: fetch tells nothing of a body under way.
 * @param options  {strength, timestep}, each may be absent
 * @param onProgress told the sent fraction, 0...1
 * @returns the job
 * @throws Refusal
 */
export function submit(picture, options, onProgress, signal) {
  const query = new URLSearchParams(options).toString(), sent = key.value;
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', query ? `/v1/jobs?${query}` : '/v1/jobs');
    // What it is, the service reads from its first bytes.
    request.setRequestHeader('Content-Type', picture.type || 'application/octet-stream');
    for (const [name, value] of Object.entries(key.header)) request.setRequestHeader(name, value);
    request.upload.onprogress = event => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => {
      if (request.status === 202 || request.status === 200) return resolve(JSON.parse(request.responseText));
      if (request.status === 401) key.refused(sent);
      reject(new Refusal(request.status, problemOf(request.responseText), seconds(request.getResponseHeader('Retry-After'))));
    };
    request.onerror = () => reject(new Refusal(0, null, null));
    request.onabort = () => reject(new DOMException('taken back', 'AbortError'));
    signal?.addEventListener('abort', () => request.abort());
    request.send(picture);
  });
}

export const job = async (path, signal) => (await call(path, { signal })).json();

/** The job as it is and whenever it changes, until it is settled or the stream ends. @returns async iterable of jobs */
export async function* follow(path, signal) {
  const response = await call(path, { signal, headers: { Accept: 'text/event-stream' } });
  for await (const { data } of events.parse(events.texts(response.body))) yield JSON.parse(data);
}

/** Whether the service answers this browser. @throws Refusal */
export const check = async () => { await call('/v1/jobs?limit=1'); };

/** A picture as a blob: an <img> of its own could not send a key. */
export const picture = async path => (await call(path)).blob();

/** Cancels what is unfinished, deletes what is finished. @returns the job, or null when it is gone */
export async function remove(path) {
  const response = await call(path, { method: 'DELETE' });
  return response.status === 204 ? null : response.json();
}

/** @returns which options POST /v1/jobs takes, by the contract of the running service */
export async function options() {
  const document = parse(await (await call('/openapi.yaml')).text());
  const resolve = item => item.$ref
    ? item.$ref.slice(2).split('/').reduce((node, name) => node[name.replaceAll('~1', '/').replaceAll('~0', '~')], document) : item;
  return new Set((document.paths['/v1/jobs'].post.parameters ?? []).map(item => resolve(item).name));
}
