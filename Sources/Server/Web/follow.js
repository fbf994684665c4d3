// follow.js: tells how a job goes on until it is settled: by server-sent events where the job's links carry them, else by asking again.

import * as api from './api.js';

export const isSettled = job => ['succeeded', 'failed', 'cancelled'].includes(job.state);

// A browser opens about six connections to one server, and an event stream holds one: two leave room for pictures.
const MAX_STREAMS = 2;
// After so many requests without an answer the page says so, and asks on.
const QUIET_FAILURES = 3;
let streams = 0;

const pause = (milliseconds, signal) => new Promise(resolve => {
  const end = () => { clearTimeout(timer); document.removeEventListener('visibilitychange', wake); resolve(); };
  // Back in front, the page is up to date at once.
  const wake = () => document.visibilityState === 'visible' && end();
  const timer = setTimeout(end, milliseconds);
  document.addEventListener('visibilitychange', wake);
  signal.addEventListener('abort', end);
});

/**
 * @param onJob   told the job whenever it is known anew
 * @param onTrouble told a Refusal while the service does not answer, null when it does again
 * @throws Refusal when the job is gone
 */
export async function follow(job, onJob, onTrouble, signal) {
  if (!isSettled(job) && job.links.events && streams < MAX_STREAMS) {
    streams += 1;
    try {
      job = await listen(job, onJob, signal);
    } finally {
      streams -= 1;
    }
  }
  if (!isSettled(job)) await poll(job, onJob, onTrouble, signal);
}

/** @returns the last job heard of; over, unless the stream ended early, whatever the reason: asking again finds it out */
async function listen(job, onJob, signal) {
  try {
    for await (const next of api.follow(job.links.events, signal)) {
      job = next;
      onJob(job);
      if (isSettled(job)) break;
    }
  } catch {
    // The service stops, the connection is lost, or the key is refused.
  }
  return job;
}

async function poll(job, onJob, onTrouble, signal) {
  const path = job.links.self;
  let milliseconds = 250, failures = 0;
  while (!signal.aborted) {
    await pause(document.visibilityState === 'hidden' ? 5_000 : milliseconds, signal);
    if (signal.aborted) return;
    try {
      const next = await api.job(path, signal);
      if (failures >= QUIET_FAILURES) onTrouble(null);
      failures = 0;
      // Quick while it moves, slower while it only waits.
      const moved = next.state !== job.state || next.progress !== job.progress || next.queue_position !== job.queue_position;
      milliseconds = moved ? 250 : Math.min(milliseconds * 1.4, 2_000);
      job = next;
      onJob(job);
      if (isSettled(job)) return;
    } catch (error) {
      if (error.name === 'AbortError') return;
      if (error.status === 401) {
        await api.key.next(signal);
        continue;
      }
      if (error.status >= 400 && error.status < 500 && error.status !== 429) throw error;
      failures += 1;
      milliseconds = error.retryAfterSeconds ? error.retryAfterSeconds * 1_000 : Math.min(milliseconds * 2, 10_000);
      if (failures === QUIET_FAILURES) onTrouble(error);
    }
  }
}
