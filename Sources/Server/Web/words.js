// words.js: what the page says about a job.

// The words of BlurLevel.swift: t below the first number is the word beside it.
const LEVELS = [
  [60, 'sharp', 'Sharp', 'No motion blur to speak of. Deblurring changes little here: what looks soft was not motion.'],
  [100, 'slight', 'Slightly blurred', 'Fine detail is smeared.'],
  [170, 'moderate', 'Moderately blurred', 'Edges are smeared; shapes are whole.'],
  [240, 'strong', 'Strongly blurred', 'Edges have run together; some detail is beyond recovery.'],
  [Infinity, 'severe', 'Severely blurred', 'Much is beyond recovery; expect an improvement, not a sharp picture.'],
];

/** @param t predicted timestep @returns {name, word, text, zone} */
export function blurLevel(t) {
  const zone = LEVELS.findIndex(([limit]) => t < limit);
  const [, name, word, meaning] = LEVELS[zone];
  const frames = t / 20 + 1, milliseconds = Math.round(frames / 240 * 1000);
  const rounded = Number.isInteger(frames) ? frames : frames.toFixed(1);
  return {
    name, word, zone,
    text: `${meaning} It looks like ${rounded} ${frames === 1 ? 'frame' : 'frames'} of a 240-a-second recording laid over each other, `
      + `${milliseconds}\u00A0ms of movement (t\u00A0=\u00A0${t}).`,
  };
}

// In dB; as openapi.yaml.
const DOUBTFUL = 25;

/** @returns what the re-blur certificate says of a job's result; empty while there is none */
export function certificate({ unchanged, reblur_psnr: psnr }) {
  if (unchanged) return 'The photograph comes back as it is. If you see movement in it, say below how much to assume.';
  if (psnr === null || psnr === undefined) return '';
  const found = `${psnr.toFixed(1)}\u00A0dB`;
  return psnr < DOUBTFUL
    ? `Blurred again, the result does not match the photograph well (${found}): do not trust its details.`
    : `Blurred again by the movement found, the result matches the photograph (${found}).`;
}

export function duration(seconds) {
  if (seconds < 1) return 'less than a second';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return `${Math.round(seconds / 60)} min`;
}

export function bytes(count) {
  return count < 1e6 ? `${Math.max(1, Math.round(count / 1e3))} kB` : `${(count / 1e6).toFixed(1)} MB`;
}

/** @returns {state, more, progress}: progress null where none is known */
export function status(version) {
  const { phase, job } = version;
  switch (phase) {
    case 'sending': return { state: 'Sending', more: '', progress: version.sent };
    case 'waiting': return {
      state: version.isFull ? 'The queue is full' : 'The service does not answer', more: 'It is sent again by itself.', progress: null,
    };
    case 'refused': return version.needsKey ? { state: 'Waits for a key', more: 'With one it is sent by itself.', progress: null } : { state: 'Not accepted', more: version.refusal, progress: null };
    case 'lost': return { state: 'No longer stored', more: version.refusal, progress: null };
  }
  const estimate = job.estimated_seconds ?? null;
  const left = estimate === null ? '' : `About ${duration(estimate)} left`;
  switch (job.state) {
    case 'queued': {
      const ahead = (job.queue_position ?? 1) - 1;
      return {
        state: ahead === 0 ? 'Next in the queue' : `${ahead} ${ahead === 1 ? 'picture' : 'pictures'} ahead`, more: left, progress: null, queued: true,
      };
    }
    case 'running': {
      const percent = `Deblurring, ${Math.round(job.progress * 100)} %`;
      return { state: job.cancel_requested ? 'Being cancelled' : percent, more: left, progress: job.progress };
    }
    case 'failed': return { state: 'Could not be deblurred', more: problem(job.problem), progress: null };
    case 'cancelled': return { state: 'Cancelled', more: '', progress: null };
    default: return { state: 'Done', more: '', progress: 1 };
  }
}

function problem(found) {
  if (!found) return '';
  const text = `${found.detail}; ${found.what_to_do}.`;
  return text[0].toUpperCase() + text.slice(1);
}

/** @returns a version's name among the others of its photograph */
export function versionName({ options }) {
  const parts = [];
  if (options.timestep && options.timestep !== 'auto') parts.push(`as ${blurLevel(Number(options.timestep)).name}`);
  if (options.strength !== undefined && Number(options.strength) < 1) parts.push(`${Math.round(options.strength * 100)} %`);
  return parts.join(', ') || 'Full';
}
