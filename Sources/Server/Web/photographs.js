// photographs.js: the photographs of this browser, each with its versions (one job each). Sends, follows, cancels, remembers; draws nothing.
//
// A version's phase: sending, waiting (refused for now, sent again by itself), refused, job (see its `job`), lost (no longer stored).

import * as api from './api.js';
import { follow, isSettled } from './follow.js';

const STORED = 'fidediff-photographs';
const MAX_STORED = 60;
const MAX_SENDING = 2;

export class Photographs extends EventTarget {
  list = [];
  #sending = 0;
  #waiting = [];
  #serial = 0;
  #unread = [];                       // remembered, but the service could not be asked for them yet

  /** @fires change: with `photograph`, or without when the list itself changed */
  #changed(photograph) {
    this.#store();
    this.dispatchEvent(Object.assign(new Event('change'), { photograph }));
  }

  #news(text) {
    this.dispatchEvent(Object.assign(new Event('news'), { text }));
  }

  /** @param files Files or Blobs; sent in their order, listed before those that are there @returns their photographs */
  add(files) {
    const added = files.map(file => this.#photograph(file.name || 'Pasted picture', file));
    this.list.unshift(...added);
    for (const photograph of added) this.#enqueue(photograph, {});
    this.#changed();
    this.#sendNext();
    return added;
  }

  #photograph(name, file) {
    this.#serial += 1;
    return { id: this.#serial, name, file, versions: [], current: null, urls: new Map() };
  }

  /** Another version of the photograph. @param options {strength, timestep} */
  again(photograph, options) {
    this.#enqueue(photograph, options);
    this.#changed(photograph);
    this.#sendNext();
  }

  #enqueue(photograph, options) {
    const version = { options, phase: 'sending', sent: 0, job: null, refusal: '', stop: new AbortController() };
    photograph.versions.push(version);
    photograph.current = version;
    this.#waiting.push([photograph, version]);
  }

  #sendNext() {
    while (this.#sending < MAX_SENDING && this.#waiting.length > 0) {
      const [photograph, version] = this.#waiting.shift();
      this.#sending += 1;
      this.#send(photograph, version).finally(() => {
        this.#sending -= 1;
        this.#sendNext();
      });
    }
  }

  /** Gives its place up as soon as the picture is accepted or refused. */
  async #send(photograph, version) {
    if (version.stop.signal.aborted) return;
    try {
      photograph.file ??= await this.#inputOf(photograph);
      version.job = await api.submit(photograph.file, version.options, sent => {
        version.sent = sent;
        this.#changed(photograph);
      }, version.stop.signal);
      version.phase = 'job';
      this.#changed(photograph);
      this.#follow(photograph, version);
    } catch (error) {
      if (error.name === 'AbortError') return this.#drop(photograph, version);
      this.#refused(photograph, version, error);
    }
  }

  /** After a reload the file is no longer at hand; the service may still have it. */
  async #inputOf(photograph) {
    const path = photograph.versions.map(version => version.job?.links.input).find(Boolean);
    if (!path) throw new api.Refusal(410, { detail: 'this page no longer has the file', what_to_do: 'choose it again' }, null);
    return api.picture(path);
  }

  #refused(photograph, version, error) {
    if (!(error instanceof api.Refusal)) throw error;
    // 0: no answer at all.
    const mayPass = [0, 429, 503].includes(error.status);
    version.phase = mayPass ? 'waiting' : 'refused';
    version.isFull = error.status === 429;
    version.needsKey = error.status === 401;
    // A key that may only read is refused so.
    version.mayPassWithKey = error.status === 401 || error.status === 403;
    version.refusal = error.text;
    this.#changed(photograph);
    if (!mayPass) return;
    setTimeout(() => {
      if (version.stop.signal.aborted) return;
      version.phase = 'sending';
      version.sent = 0;
      this.#waiting.push([photograph, version]);
      this.#changed(photograph);
      this.#sendNext();
    }, (error.retryAfterSeconds ?? 5) * 1_000);
  }

  /** With another key: what was refused for want of one is sent again. */
  retryRefused() {
    for (const photograph of this.list) {
      for (const version of photograph.versions.filter(version => version.phase === 'refused' && version.mayPassWithKey)) {
        version.phase = 'sending';
        this.#waiting.push([photograph, version]);
      }
    }
    this.#changed();
    this.#sendNext();
  }

  async #follow(photograph, version) {
    try {
      await follow(version.job, job => {
        version.job = job;
        this.#changed(photograph);
      }, trouble => this.#news(trouble ? trouble.text : 'The service answers again.'), version.stop.signal);
    } catch (error) {
      if (!(error instanceof api.Refusal)) throw error;
      version.phase = 'lost';
      version.refusal = error.text;
      this.#changed(photograph);
    }
  }

  async cancel(photograph) {
    const version = photograph.current;
    if (version.phase !== 'job') {
      version.stop.abort();
      // Where nothing is under way, nothing notices.
      return this.#drop(photograph, version);
    }
    try {
      const job = await api.remove(version.job.links.self);
      if (job) version.job = job;
      this.#changed(photograph);
    } catch (error) {
      this.#news(error.text);
    }
  }

  /** Deletes a photograph with its versions, here and at the service. */
  async remove(photograph) {
    this.list = this.list.filter(other => other !== photograph);
    for (const version of photograph.versions) {
      version.stop.abort();
      if (version.phase !== 'job') continue;
      // An unfinished job is cancelled by this; the service forgets it in its own time.
      api.remove(version.job.links.self).catch(error => error.status !== 404 && error.status !== 410 && this.#news(error.text));
    }
    for (const url of photograph.urls.values()) url.then(URL.revokeObjectURL, () => {});
    this.#changed();
  }

  #drop(photograph, version) {
    photograph.versions = photograph.versions.filter(other => other !== version);
    if (photograph.current === version) photograph.current = photograph.versions.at(-1) ?? null;
    if (photograph.versions.length === 0) this.list = this.list.filter(other => other !== photograph);
    this.#changed();
  }

  choose(photograph, version) {
    photograph.current = version;
    this.#changed(photograph);
  }

  /** @param path of a link; `before` is the photograph itself @returns a promise of its bytes */
  async blob(photograph, path) {
    if (path !== 'before') return api.picture(path);
    return photograph.file ??= await this.#inputOf(photograph);
  }

  /** @returns a promise of an object URL; the same for the same path */
  url(photograph, path) {
    const known = photograph.urls.get(path);
    if (known) return known;
    const url = this.blob(photograph, path).then(blob => URL.createObjectURL(blob));
    photograph.urls.set(path, url);
    // A failure is not kept: the next look tries again.
    url.catch(() => photograph.urls.delete(path));
    return url;
  }

  #store() {
    const stored = this.list.map(({ name, versions }) => ({
      name, versions: versions.filter(({ job }) => job).map(({ job, options }) => ({ self: job.links.self, options })),
    })).filter(({ versions }) => versions.length > 0).concat(this.#unread).slice(0, MAX_STORED);
    try {
      localStorage.setItem(STORED, JSON.stringify(stored));
    } catch {
      // Full or forbidden: the page works, but forgets on reload.
    }
  }

  /** The photographs of an earlier visit, as far as the service still has them. Again after a key was given. */
  async restore() {
    let stored = this.#unread;
    if (stored.length === 0 && this.list.length === 0) {
      try {
        stored = JSON.parse(localStorage.getItem(STORED)) ?? [];
      } catch {
        return;
      }
    }
    this.#unread = stored;
    const found = await Promise.all(stored.map(async ({ name, versions }) => {
      const jobs = await Promise.allSettled(versions.map(({ self }) => api.job(self)));
      const photograph = this.#photograph(name, null);
      photograph.versions = versions.flatMap(({ options }, index) => jobs[index].status === 'fulfilled'
        ? [{ options, phase: 'job', sent: 1, job: jobs[index].value, refusal: '', stop: new AbortController() }] : []);
      photograph.current = photograph.versions.at(-1) ?? null;
      return { photograph, troubles: jobs.map(({ reason }) => reason?.status).filter(status => status !== undefined && ![404, 410].includes(status)) };
    }));
    // No answer, or no key: what is remembered stays so.
    this.#unread = stored.filter((_, index) => found[index].photograph.versions.length === 0 && found[index].troubles.length > 0);
    const alive = found.map(({ photograph }) => photograph).filter(({ versions }) => versions.length > 0);
    this.list.push(...alive);
    for (const photograph of alive) {
      for (const version of photograph.versions.filter(({ job }) => !isSettled(job))) this.#follow(photograph, version);
    }
    this.#changed();
  }
}
