// strip.js: the photographs as a row or column of cards.

import { status } from './words.js';

const SIDE = 128;                     // of a thumbnail, in pixels

export class Strip {
  #cards = new Map();                 // by photograph

  constructor(list, photographs, onSelect) {
    Object.assign(this, { list, photographs, onSelect });
  }

  render(selected) {
    const { list } = this.photographs;
    for (const [photograph, card] of this.#cards) {
      if (!list.includes(photograph)) {
        card.item.remove();
        this.#cards.delete(photograph);
      }
    }
    list.forEach((photograph, index) => {
      const card = this.#cards.get(photograph) ?? this.#make(photograph);
      if (this.list.children[index] !== card.item) this.list.insertBefore(card.item, this.list.children[index] ?? null);
      this.#fill(card, photograph, photograph === selected);
    });
  }

  #make(photograph) {
    const make = (tag, className) => Object.assign(document.createElement(tag), { className });
    const card = { item: make('li'), button: make('button', 'card'), text: make('span'), name: make('span', 'name'), what: make('span', 'what'),
      progress: make('progress') };
    const blank = make('span', 'blank');
    card.progress.max = 1;
    card.progress.setAttribute('aria-hidden', 'true');
    card.button.type = 'button';
    card.button.onclick = () => this.onSelect(photograph);
    card.name.textContent = photograph.name;
    card.text.append(card.name, card.what, card.progress);
    card.button.append(blank, card.text);
    card.item.append(card.button);
    this.#cards.set(photograph, card);
    this.#thumbnail(photograph).then(url => {
      if (url) blank.replaceWith(Object.assign(new Image(), { src: url, alt: '' }));
    });
    return card;
  }

  #fill(card, photograph, isSelected) {
    const version = photograph.current;
    const { state, progress, queued } = status(version);
    card.button.setAttribute('aria-current', isSelected);
    card.what.textContent = state;
    card.what.className = `what ${version.phase === 'job' ? version.job.state : version.phase === 'sending' || version.phase === 'waiting' ? '' : 'failed'}`;
    card.progress.hidden = (progress === null && !queued) || progress === 1;
    card.progress.value = progress ?? 0;
  }

  /** Small, so that many large photographs do not fill the memory. @returns an object URL, or null */
  async #thumbnail(photograph) {
    try {
      const whole = await createImageBitmap(await this.#picture(photograph), { imageOrientation: 'from-image' });
      const side = Math.min(whole.width, whole.height);
      const small = await createImageBitmap(
        whole, (whole.width - side) / 2, (whole.height - side) / 2, side, side, { resizeWidth: SIDE, resizeHeight: SIDE, resizeQuality: 'high' });
      whole.close();
      const canvas = Object.assign(document.createElement('canvas'), { width: SIDE, height: SIDE });
      canvas.getContext('bitmaprenderer').transferFromImageBitmap(small);
      const blob = await new Promise(resolve => canvas.toBlob(resolve, 'image/jpeg', .85));
      return blob && URL.createObjectURL(blob);
    } catch {
      return null;
    }
  }

  /** After a reload: the photograph where the service still has it, else its result. */
  async #picture(photograph) {
    try {
      return await this.photographs.blob(photograph, 'before');
    } catch {
      return this.photographs.blob(photograph, photograph.versions.find(({ job }) => job?.state === 'succeeded').job.links.result);
    }
  }
}
