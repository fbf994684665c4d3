// viewer.js: the stage: two pictures under one transformation, a divider between them, zoom down to single pixels.
//
// `scale` is CSS pixels a pixel of the picture. "100 %" = one pixel of the screen a pixel of the picture, so scale = 1 / devicePixelRatio.

const MAX_ZOOM = 16;
const STEPS = [.125, .25, .5, 1, 2, 3, 4, 6, 8, 12, 16];
const $ = id => document.getElementById(id);
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

export class Viewer {
  stage = $('stage');
  #divider = $('divider');
  #size = null;                       // {width, height} of the picture
  #scale = 1;
  #x = 0;                             // of the picture's corner in the stage, CSS pixels
  #y = 0;
  #split = 50;                        // of the stage's width, per cent
  #fits = true;                       // stays fitted when the stage changes its size
  #pointers = new Map();
  #drag = null;                       // 'split', 'pan' or 'pinch'
  #pictures = { before: null, after: null, motion: null };

  constructor() {
    const { stage } = this;
    new ResizeObserver(() => this.#fits ? this.fit() : this.#draw()).observe(stage);
    stage.addEventListener('pointerdown', event => this.#down(event));
    stage.addEventListener('pointermove', event => this.#move(event));
    for (const kind of ['pointerup', 'pointercancel']) stage.addEventListener(kind, event => this.#up(event));
    stage.addEventListener('wheel', event => this.#wheel(event), { passive: false });
    stage.addEventListener('dblclick', event => this.#toggleZoom(this.#point(event)));
    stage.addEventListener('keydown', event => this.#key(event));
    $('zoom-in').onclick = () => this.step(1);
    $('zoom-out').onclick = () => this.step(-1);
    $('zoom-fit').onclick = () => this.fit();
    $('zoom-pixels').onclick = () => this.zoom(1);
  }

  /** @param pictures object URLs {before, after, motion}, each or null; @param isNew another photograph: the view starts afresh */
  async show(pictures, isNew) {
    if (isNew) this.#split = 50;
    const shown = {};
    for (const kind of ['before', 'after', 'motion']) {
      const image = $(kind), url = pictures[kind];
      if (this.#pictures[kind] !== url) {
        if (url) image.src = url; else image.removeAttribute('src');
      }
      shown[kind] = url;
    }
    this.#pictures = shown;
    const first = $(pictures.before ? 'before' : 'after');
    if (!first.src) {
      this.#size = null;
      return this.#draw();
    }
    try {
      await first.decode();
    } catch {
      // Replaced meanwhile, or not a picture after all: the newer call draws.
      return;
    }
    if (this.#pictures !== shown) return;
    const isOther = this.#size?.width !== first.naturalWidth || this.#size?.height !== first.naturalHeight;
    this.#size = { width: first.naturalWidth, height: first.naturalHeight };
    this.stage.style.setProperty('--ratio', first.naturalWidth / first.naturalHeight);
    if (isNew || isOther) this.fit(); else this.#draw();
  }

  /** How much of the deblurred picture is mixed in, 0...1. */
  set blend(value) { $('after').style.opacity = value; }

  set motion(isShown) {
    $('motion-layer').hidden = !isShown;
  }

  get canCompare() { return Boolean(this.#pictures.before && this.#pictures.after); }

  // Zoom. `zoom` is in screen pixels a pixel of the picture.

  get #zoom() { return this.#scale * devicePixelRatio; }

  get #fitScale() {
    const { clientWidth, clientHeight } = this.stage;
    const { width, height } = this.#size;
    // A small picture is not blown up beyond its pixels times two.
    return Math.min(clientWidth / width, clientHeight / height, 2);
  }

  fit() {
    this.#fits = true;
    if (this.#size) this.#scale = this.#fitScale;
    this.#draw();
  }

  zoom(zoom, at = null) {
    if (!this.#size) return;
    const scale = clamp(zoom / devicePixelRatio, Math.min(this.#fitScale, 1 / devicePixelRatio), MAX_ZOOM / devicePixelRatio);
    const { clientWidth, clientHeight } = this.stage;
    const point = at ?? { x: clientWidth / 2, y: clientHeight / 2 };
    // What lies under the point stays under it.
    this.#x = point.x - (point.x - this.#x) * scale / this.#scale;
    this.#y = point.y - (point.y - this.#y) * scale / this.#scale;
    this.#scale = scale;
    this.#fits = Math.abs(scale - this.#fitScale) < 1e-6;
    this.#draw();
  }

  step(direction, at = null) {
    if (!this.#size) return;
    const fit = this.#fitScale * devicePixelRatio;
    const steps = [...STEPS.filter(step => step > fit * 1.02), fit].sort((a, b) => a - b);
    const now = this.#zoom;
    this.zoom(direction > 0 ? steps.find(step => step > now * 1.01) ?? MAX_ZOOM : steps.findLast(step => step < now * .99) ?? fit, at);
  }

  #toggleZoom(at) {
    if (!this.#size) return;
    if (this.#fits) this.zoom(this.#zoom < .99 ? 1 : this.#zoom * 3, at); else this.fit();
  }

  // Drawing

  #draw() {
    const { stage } = this, has = Boolean(this.#size);
    stage.classList.toggle('empty', !has);
    this.#divider.hidden = !this.canCompare || !has;
    $('zoom-level').textContent = has ? `${Math.round(this.#zoom * 100)} %` : '';
    if (!has) {
      $('tag-before').classList.add('off');
      $('tag-after').classList.add('off');
      return;
    }
    const { clientWidth, clientHeight } = stage;
    const width = this.#size.width * this.#scale, height = this.#size.height * this.#scale;
    const isZoomed = width > clientWidth + 1 || height > clientHeight + 1;
    stage.classList.toggle('zoomed', isZoomed);
    stage.classList.toggle('pixels', this.#zoom >= 2);
    this.#x = width <= clientWidth ? (clientWidth - width) / 2 : clamp(this.#x, clientWidth - width, 0);
    this.#y = height <= clientHeight ? (clientHeight - height) / 2 : clamp(this.#y, clientHeight - height, 0);
    // On whole screen pixels, or a picture at 100 % would be resampled.
    const whole = value => Math.round(value * devicePixelRatio) / devicePixelRatio;
    for (const kind of ['before', 'after', 'motion']) {
      const { style } = $(kind);
      style.width = `${this.#size.width}px`;
      style.height = `${this.#size.height}px`;
      style.transform = `translate(${whole(this.#x)}px, ${whole(this.#y)}px) scale(${this.#scale})`;
    }
    // Without a picture to compare with, all of the stage is that one.
    const split = this.canCompare ? this.#split : this.#pictures.after ? 0 : 100;
    $('after-layer').style.clipPath = `inset(0 0 0 ${split}%)`;
    this.#divider.style.left = `${split}%`;
    this.#divider.setAttribute('aria-valuenow', Math.round(split));
    this.#divider.setAttribute('aria-valuetext', `${Math.round(split)} % before, ${Math.round(100 - split)} % after`);
    $('tag-before').classList.toggle('off', split < 14);
    $('tag-after').classList.toggle('off', split > 86 || !this.#pictures.after);
  }

  #setSplit(split) {
    if (!this.canCompare) return;
    this.#split = clamp(split, 0, 100);
    this.#draw();
  }

  // Pointers: one moves the divider or, on a zoomed picture beside it, the picture; two pinch.

  #point({ clientX, clientY }) {
    const { left, top } = this.stage.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  }

  #down(event) {
    if (!this.#size || event.button !== 0) return;
    this.#pointers.set(event.pointerId, this.#point(event));
    this.stage.setPointerCapture(event.pointerId);
    if (this.#pointers.size === 2) {
      this.#drag = 'pinch';
    } else if (this.#pointers.size === 1) {
      const onDivider = event.target.closest('.divider') !== null;
      this.#drag = onDivider || !this.stage.classList.contains('zoomed') ? 'split' : 'pan';
      this.stage.classList.toggle('dragging', this.#drag === 'pan');
      // A touch may be the start of a scroll: the divider follows its movement only.
      if (this.#drag === 'split' && event.pointerType === 'mouse') this.#setSplit(this.#point(event).x / this.stage.clientWidth * 100);
    }
  }

  #move(event) {
    const last = this.#pointers.get(event.pointerId);
    if (!last) return;
    const point = this.#point(event);
    if (this.#drag === 'split') {
      this.#setSplit(point.x / this.stage.clientWidth * 100);
    } else if (this.#drag === 'pan') {
      this.#x += point.x - last.x;
      this.#y += point.y - last.y;
      this.#draw();
    } else if (this.#drag === 'pinch') {
      const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
      if (other) {
        const distance = (a, b) => Math.max(Math.hypot(a.x - b.x, a.y - b.y), 1);
        this.#x += (point.x - last.x) / 2;
        this.#y += (point.y - last.y) / 2;
        this.zoom(this.#zoom * distance(point, other) / distance(last, other), { x: (point.x + other.x) / 2, y: (point.y + other.y) / 2 });
      }
    }
    this.#pointers.set(event.pointerId, point);
  }

  #up(event) {
    this.#pointers.delete(event.pointerId);
    this.#drag = null;
    this.stage.classList.remove('dragging');
  }

  #wheel(event) {
    // On a fitted picture the wheel scrolls the page, unless the stage was clicked first.
    if (!event.ctrlKey && this.#fits && document.activeElement !== this.stage) return;
    event.preventDefault();
    this.zoom(this.#zoom * Math.exp(-event.deltaY * (event.ctrlKey ? .01 : .002)), this.#point(event));
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isZoomed = this.stage.classList.contains('zoomed') && event.target === this.stage;
    const step = event.shiftKey ? 10 : 2, pan = 60;
    const move = (x, y) => { this.#x += x; this.#y += y; this.#draw(); };
    const actions = {
      '+': () => this.step(1), '=': () => this.step(1), '-': () => this.step(-1), 0: () => this.fit(), 1: () => this.zoom(1), 2: () => this.zoom(2),
      ' ': () => this.#setSplit(this.#split < 50 ? 100 : 0),
      ArrowLeft: () => isZoomed ? move(pan, 0) : this.#setSplit(this.#split - step),
      ArrowRight: () => isZoomed ? move(-pan, 0) : this.#setSplit(this.#split + step),
      ArrowUp: isZoomed && (() => move(0, pan)), ArrowDown: isZoomed && (() => move(0, -pan)),
      Home: () => this.#setSplit(0), End: () => this.#setSplit(100),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }
}
