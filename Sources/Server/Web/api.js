// api.js: the calls of the service that the page needs. Knows no element of the page.

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

// For the tab's life: a key that the service asked for. It is sent to this origin alone.
const KEY = 'fidediff-key';
export const key = {
  get: () => sessionStorage.getItem(KEY),
  set: value => sessionStorage.setItem(KEY, value),
};

function authorization() {
  return key.get() ? { Authorization: `Bearer ${key.get()}` } : {};
}

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
  let response;
  try {
    response = await fetch(path, { ...options, headers: authorization() });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Refusal(0, null, null);
  }
  if (response.ok) return response;
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
  const query = new URLSearchParams(options).toString();
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', query ? `/v1/jobs?${query}` : '/v1/jobs');
    // What it is, the service reads from its first bytes.
    request.setRequestHeader('Content-Type', picture.type || 'application/octet-stream');
    for (const [name, value] of Object.entries(authorization())) request.setRequestHeader(name, value);
    request.upload.onprogress = event => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => request.status === 202 || request.status === 200
      ? resolve(JSON.parse(request.responseText))
      : reject(new Refusal(request.status, problemOf(request.responseText), seconds(request.getResponseHeader('Retry-After'))));
    request.onerror = () => reject(new Refusal(0, null, null));
    request.onabort = () => reject(new DOMException('taken back', 'AbortError'));
    signal?.addEventListener('abort', () => request.abort());
    request.send(picture);
  });
}

export const job = async (path, signal) => (await call(path, { signal })).json();

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
