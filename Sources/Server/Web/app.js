// app.js: the page at /: from photographs dropped, pasted or chosen to what is shown of them.

import * as api from './api.js';
import { isSettled } from './follow.js';
import { Photographs } from './photographs.js';
import { Strip } from './strip.js';
import { Viewer } from './viewer.js';
import { blurLevel, bytes, certificate, duration, status, versionName } from './words.js';
import { saveAll } from './zip.js';

const $ = id => document.getElementById(id);
const photographs = new Photographs();
const viewer = new Viewer();
const strip = new Strip($('strip'), photographs, select);
let selected = null;
let showsMotion = false;
let shown = '';                       // what the stage and the panels stand for, to see what is new

const hasResult = version => version?.phase === 'job' && version.job.state === 'succeeded';
const fileName = photograph => {
  const format = photograph.current.job.output.format;
  const stem = photograph.name.replace(/\.(jpe?g|png)$/i, '');
  return `${stem}-deblurred.${format === 'jpeg' ? 'jpg' : format}`;
};

function select(photograph) {
  selected = photograph;
  showsMotion = false;
  render();
}

function render() {
  const { list } = photographs;
  if (!list.includes(selected)) selected = list[0] ?? null;
  document.body.classList.toggle('busy', list.length > 0);
  $('work').hidden = list.length === 0;
  strip.render(selected);
  const done = list.filter(({ current }) => hasResult(current));
  $('download-all').hidden = done.length < 2;
  if (selected) renderPhotograph(selected);
}

function renderPhotograph(photograph) {
  const version = photograph.current, job = version.job, isReady = hasResult(version);
  $('name').textContent = photograph.name;
  const input = job?.input;
  $('size').textContent = input ? `${input.width} × ${input.height}, ${input.format === 'jpeg' ? 'JPEG' : 'PNG'}, ${bytes(input.bytes)}`
    : photograph.file ? bytes(photograph.file.size) : '';
  const isUnfinished = version.phase === 'sending' || version.phase === 'waiting' || (version.phase === 'job' && !isSettled(job));
  $('cancel').hidden = !isUnfinished;
  $('cancel').disabled = Boolean(job?.cancel_requested);
  $('remove').hidden = isUnfinished;
  $('download').hidden = !isReady;
  renderVeil(version, isReady);
  renderVersions(photograph);
  renderBlur(job);
  $('again').hidden = isUnfinished;
  renderStage(photograph, version, isReady);
}

function renderVeil(version, isReady) {
  $('veil').hidden = isReady;
  if (isReady) return;
  const { state, more, progress, queued } = status(version);
  // Written only when changed: a screen reader reads it out each time.
  if ($('state').textContent !== state) $('state').textContent = state;
  $('more').textContent = more;
  $('veil').classList.toggle('failed', ['refused', 'lost'].includes(version.phase) || version.job?.state === 'failed');
  $('progress').hidden = progress === null && !queued;
  $('progress').value = progress ?? 0;
}

function renderVersions(photograph) {
  const { versions, current } = photograph;
  $('versions').hidden = versions.length < 2;
  $('versions').replaceChildren(...versions.map(version => {
    const button = Object.assign(document.createElement('button'), { type: 'button', textContent: versionName(version) });
    button.setAttribute('aria-pressed', version === current);
    button.onclick = () => photographs.choose(photograph, version);
    return button;
  }));
}

function renderBlur(job) {
  const t = job?.predicted_timestep ?? null;
  $('blur').hidden = t === null;
  if (t === null) return;
  const level = blurLevel(t);
  $('blur-word').textContent = level.word;
  $('blur-text').textContent = level.text;
  $('mark').setAttribute('x', Math.min(t, 316));
  document.querySelectorAll('.zone').forEach((zone, index) => zone.classList.toggle('here', index === level.zone));
  const { seconds, output } = job;
  $('certificate').textContent = certificate(job);
  $('seconds').textContent = seconds ? `${job.unchanged ? 'Looked at' : 'Deblurred'} in ${duration(seconds.total)}${output ? `, ${bytes(output.bytes)}` : ''}.` : '';
}

async function renderStage(photograph, version, isReady) {
  const { links = {} } = version.job ?? {};
  const hasMotion = isReady && Boolean(links.kernels);
  $('show-motion').hidden = !hasMotion;
  $('motion-key').hidden = !hasMotion;
  $('motion-help').hidden = !(showsMotion && hasMotion);
  $('show-motion').setAttribute('aria-pressed', showsMotion && hasMotion);
  viewer.motion = showsMotion && hasMotion;
  const name = `${photograph.id} ${photograph.versions.indexOf(version)} ${links.self} ${isReady} ${showsMotion && hasMotion}`;
  if (name === shown) return;
  const isNew = shown.split(' ')[0] !== String(photograph.id);
  shown = name;
  viewer.blend = 1;
  resetStrength(version);
  const picture = async path => {
    try {
      return path ? await photographs.url(photograph, path) : null;
    } catch (error) {
      // Without the photograph itself the result is shown alone.
      if (path !== 'before') news(error.text);
      return null;
    }
  };
  const pictures = {
    before: await picture('before'), after: isReady ? await picture(links.result) : null, motion: showsMotion && hasMotion ? await picture(links.kernels) : null,
  };
  if (shown !== name) return;
  if (pictures.after) Object.assign($('download'), { href: pictures.after, download: fileName(photograph) });
  await viewer.show(pictures, isNew);
}

// Another strength: mixed here at once, made by the service when asked.

function resetStrength({ options }) {
  $('strength').value = Math.round((options.strength ?? 1) * 100);
  $('strength-value').textContent = `${$('strength').value} %`;
  $('timestep').value = options.timestep ?? 'auto';
  $('again-note').textContent = '';
}

const optionsOf = form => {
  const options = {};
  if (!$('strength-field').hidden && Number($('strength').value) < 100) options.strength = Number($('strength').value) / 100;
  if ($('timestep').value !== 'auto') options.timestep = $('timestep').value;
  return options;
};

$('strength').oninput = async () => {
  $('strength-value').textContent = `${$('strength').value} %`;
  const photograph = selected, { current, versions } = photograph;
  const same = ({ options }) => (options.timestep ?? 'auto') === (current.options.timestep ?? 'auto') && (options.strength ?? 1) === 1;
  const full = versions.find(version => hasResult(version) && same(version));
  if (!full || !viewer.canCompare) return;
  const pictures = { before: await photographs.url(photograph, 'before'), after: await photographs.url(photograph, full.job.links.result), motion: null };
  if (selected !== photograph || photograph.current !== current) return;
  viewer.blend = Number($('strength').value) / 100;
  await viewer.show(pictures, false);
};

$('again-form').onsubmit = event => {
  event.preventDefault();
  const options = optionsOf();
  const known = selected.versions.find(({ options: other, phase }) => phase === 'job' && JSON.stringify(other) === JSON.stringify(options));
  if (known) {
    $('again-note').textContent = 'That version is there already.';
    if (known !== selected.current) photographs.choose(selected, known);
  } else {
    photographs.again(selected, options);
    viewer.stage.focus({ preventScroll: false });
  }
};

// Photographs come in

function take(files) {
  const pictures = [...files].filter(file => /^image\//.test(file.type) || /\.(jpe?g|png)$/i.test(file.name ?? ''));
  if (pictures.length < files.length) news(pictures.length ? 'Only pictures were taken.' : 'That is no picture. JPEG and PNG can be deblurred.');
  if (pictures.length > 0) select(photographs.add(pictures)[0]);
}

$('files').onchange = event => {
  take(event.target.files);
  // So that the same file can be chosen again.
  event.target.value = '';
};
document.addEventListener('paste', event => event.clipboardData.files.length > 0 && take(event.clipboardData.files));

const bringsFiles = event => [...event.dataTransfer?.types ?? []].includes('Files');
let depth = 0;
const curtain = change => { depth = Math.max(0, depth + change); $('curtain').hidden = depth === 0; };
document.addEventListener('dragenter', event => bringsFiles(event) && curtain(1));
document.addEventListener('dragleave', event => bringsFiles(event) && curtain(-1));
document.addEventListener('dragover', event => bringsFiles(event) && event.preventDefault());
document.addEventListener('drop', event => {
  if (!bringsFiles(event)) return;
  event.preventDefault();
  depth = 0;
  curtain(0);
  take(event.dataTransfer.files);
});

// What is done with one

$('cancel').onclick = () => photographs.cancel(selected);
$('remove').onclick = () => { photographs.remove(selected); $('files').focus(); };
$('show-motion').onclick = toggleMotion;
viewer.stage.addEventListener('keydown', event => event.key.toLowerCase() === 'm' && !$('show-motion').hidden && toggleMotion());

function toggleMotion() {
  showsMotion = !showsMotion;
  render();
}

$('download-all').onclick = async () => {
  const done = photographs.list.filter(({ current }) => hasResult(current));
  $('download-all').disabled = true;
  try {
    await saveAll(await Promise.all(done.map(async photograph => ({
      name: fileName(photograph), blob: await api.picture(photograph.current.job.links.result),
    }))), 'deblurred.zip');
  } catch (error) {
    news(error.text ?? 'The pictures could not be put together.');
  } finally {
    $('download-all').disabled = false;
  }
};

// A service that asks for keys

const KEY_KEPT = 'It is sent with each request and kept until this tab is closed.';

function showKey(isShown, note = KEY_KEPT) {
  $('key-form').hidden = !isShown;
  $('key-open').hidden = isShown ? false : !api.key.value;
  $('key-open').setAttribute('aria-expanded', isShown);
  $('key-forget').hidden = !api.key.value;
  $('key-note').textContent = note;
  if (isShown) $('key').focus();
}

api.key.addEventListener('wanted', ({ wasSent }) => showKey(true, wasSent ? 'The service does not know that key.' : KEY_KEPT));
$('key-open').onclick = () => showKey($('key-form').hidden);
$('key-forget').onclick = () => {
  api.key.value = '';
  showKey(true, 'It is forgotten.');
};
$('key-form').onsubmit = async event => {
  event.preventDefault();
  api.key.value = $('key').value.trim();
  $('key').value = '';
  $('key-use').disabled = true;
  try {
    await api.check();
    showKey(false);
    // Pictures that were refused are asked for again.
    shown = '';
    photographs.retryRefused();
    photographs.restore();
    $('files').focus();
  } catch (error) {
    if (error.status !== 401) $('key-note').textContent = error.text ?? 'The key could not be tried.';
  } finally {
    $('key-use').disabled = false;
  }
};

function news(text) {
  const line = Object.assign(document.createElement('p'), { textContent: text });
  $('news').append(line);
  setTimeout(() => line.remove(), 8_000);
}

photographs.addEventListener('change', render);
photographs.addEventListener('news', event => news(event.text));
showKey(false);
photographs.restore();
// Whether a key is needed is known before the first photograph is dropped.
api.check().catch(() => {});
api.options().then(names => { $('strength-field').hidden = !names.has('strength'); }, () => {});
