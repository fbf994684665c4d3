// yaml.js: YAML as openapi.yaml is written: block and flow collections, plain and quoted scalars, literal and folded texts, anchors and
// aliases, comments. No tags, no documents, no plain scalar over several lines: what it does not know it refuses.
// `make test-page` compares what this makes of openapi.yaml with what PyYAML does.

class Reader {
  #lines;
  #at = 0;
  #anchors = new Map();

  constructor(text) {
    this.#lines = text.split('\n').map((raw, index) => ({ raw, number: index + 1, indent: raw.search(/[^ ]/) }));
  }

  read() {
    const value = this.#block(0);
    if (this.#peek()) this.#refuse('more after the end');
    return value;
  }

  #refuse(what) {
    throw new SyntaxError(`YAML, line ${this.#lines[Math.min(this.#at, this.#lines.length - 1)].number}: ${what}`);
  }

  /** The next line that is neither empty nor a comment; stays. */
  #peek() {
    while (this.#at < this.#lines.length) {
      const line = this.#lines[this.#at];
      if (line.indent >= 0 && line.raw[line.indent] !== '#') return line;
      this.#at += 1;
    }
    return null;
  }

  /** The collection whose first line stands at the indentation `least` or deeper; null when there is none. */
  #block(least) {
    const line = this.#peek();
    if (!line || line.indent < least) return null;
    return /^-( |$)/.test(line.raw.slice(line.indent)) ? this.#sequence(line.indent) : this.#mapping(line.indent);
  }

  #sequence(indent) {
    const items = [];
    for (let line = this.#peek(); line && line.indent === indent && /^-( |$)/.test(line.raw.slice(indent)); line = this.#peek()) {
      const rest = line.raw.slice(indent + 1);
      const inner = rest.search(/[^ ]/);
      if (inner >= 0 && keyOf(rest.slice(inner))) {
        // "- name: x": a mapping that begins behind the dash.
        line.raw = ' '.repeat(indent + 1) + rest;
        line.indent = indent + 1 + inner;
        items.push(this.#mapping(line.indent));
      } else {
        items.push(this.#value(rest.trim(), indent));
      }
    }
    return items;
  }

  #mapping(indent) {
    const members = {};
    for (let line = this.#peek(); line && line.indent === indent; line = this.#peek()) {
      const found = keyOf(line.raw.slice(indent));
      if (!found) this.#refuse('neither "key:" nor "- item"');
      if (Object.hasOwn(members, found.key)) this.#refuse(`"${found.key}" is there twice`);
      members[found.key] = this.#value(found.rest, indent);
    }
    const next = this.#peek();
    if (next && next.indent > indent) this.#refuse('indented too far');
    return members;
  }

  /** What stands behind "key:" or "-", on this line and, deeper than `indent`, on those below. */
  #value(text, indent) {
    let anchor = null;
    const found = /^&([^\s,[\]{}]+) *(.*)$/.exec(text);
    if (found) [, anchor, text] = found;
    const value = this.#unnamed(text, indent);
    if (anchor) this.#anchors.set(anchor, value);
    return value;
  }

  #unnamed(text, indent) {
    const bare = text.replace(/^#.*$/, '');
    if (/^[|>][+-]?$/.test(bare)) return this.#text(bare, indent);
    if (bare === '') {
      this.#at += 1;
      // A sequence may stand as deep as its key.
      const next = this.#peek();
      const isSequence = next && next.indent === indent && next.raw[indent] === '-' && !/^ *- /.test(this.#lines[this.#at - 1].raw);
      return this.#block(isSequence ? indent : indent + 1);
    }
    // A flow collection, or a quoted text, may go on below.
    let whole = bare;
    for (;;) {
      const flow = new Flow(whole, this.#anchors);
      const value = flow.whole();
      if (value !== undefined) {
        this.#at += 1;
        return value;
      }
      this.#at += 1;
      const line = this.#lines[this.#at];
      if (!line || (line.indent >= 0 && line.indent <= indent)) this.#refuse(flow.trouble);
      whole += ' ' + line.raw.trim();
    }
  }

  #text(style, indent) {
    this.#at += 1;
    const lines = [];
    let depth = null;
    for (; this.#at < this.#lines.length; this.#at += 1) {
      const line = this.#lines[this.#at];
      if (line.indent >= 0 && line.indent <= indent) break;
      if (line.indent >= 0) depth ??= line.indent;
      lines.push(line.indent < 0 ? '' : line.raw.slice(depth));
    }
    let empty = 0;
    while (lines.at(-1) === '') { lines.pop(); empty += 1; }
    const text = style[0] === '|' ? lines.join('\n') : lines.join('\n').replace(/([^\n])\n(?=[^\n ])/g, '$1 ').replace(/\n\n/g, '\n');
    return text + (style[1] === '-' ? '' : style[1] === '+' ? '\n'.repeat(empty + 1) : '\n');
  }
}

/** "key: rest" -> {key, rest}; null for what is no key. */
function keyOf(text) {
  const found = /^(?:'((?:[^']|'')*)'|"([^"\\]*)"|([^\s'"{}[\],&*#|>@`%!-][^:#]*?|[^\s'"{}[\],&*#|>@`%!-](?:[^:]|:(?! ))*?|-[^\s:][^:]*?)):(?: +(.*))?$/.exec(text.trimEnd());
  if (!found) return null;
  return { key: found[1]?.replaceAll("''", "'") ?? found[2] ?? found[3], rest: (found[4] ?? '').trim() };
}

/** One flow value; `whole` gives undefined, and `trouble` says why, when the text is not over yet. */
class Flow {
  #text;
  #at = 0;
  #anchors;
  trouble = '';

  constructor(text, anchors) {
    this.#text = text;
    this.#anchors = anchors;
  }

  whole() {
    if (!/^[{['"*]/.test(this.#text)) return plain(this.#text.replace(/ #.*$/, '').trim());
    const value = this.#value();
    if (value === undefined) return undefined;
    this.#skip();
    if (this.#at < this.#text.length && this.#text[this.#at] !== '#') return this.#stop('more behind the value');
    return value;
  }

  #stop(what) {
    this.trouble ||= what;
    return undefined;
  }

  #skip() {
    while (this.#text[this.#at] === ' ') this.#at += 1;
  }

  #value() {
    this.#skip();
    switch (this.#text[this.#at]) {
      case '{': return this.#members();
      case '[': return this.#items();
      case "'": case '"': return this.#quoted();
      case '*': return this.#alias();
      default: return plain(this.#take(/[^,\]}]*/y).trim());
    }
  }

  #take(pattern) {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (!found) return '';
    this.#at = pattern.lastIndex;
    return found[0];
  }

  #alias() {
    const name = this.#take(/\*[^\s,[\]{}]+/y).slice(1);
    return this.#anchors.has(name) ? this.#anchors.get(name) : this.#stop(`there is no anchor "${name}"`);
  }

  #quoted() {
    if (this.#text[this.#at] === "'") {
      const text = this.#take(/'(?:[^']|'')*'/y);
      return text ? text.slice(1, -1).replaceAll("''", "'") : this.#stop('a quote is not closed');
    }
    const text = this.#take(/"(?:[^"\\]|\\.)*"/y);
    return text ? JSON.parse(text) : this.#stop('a quote is not closed');
  }

  #items() {
    const items = [];
    this.#at += 1;
    for (;;) {
      this.#skip();
      if (this.#text[this.#at] === ']') { this.#at += 1; return items; }
      const value = this.#value();
      if (value === undefined) return undefined;
      items.push(value);
      if (!this.#separator(']')) return undefined;
    }
  }

  #members() {
    const members = {};
    this.#at += 1;
    for (;;) {
      this.#skip();
      if (this.#text[this.#at] === '}') { this.#at += 1; return members; }
      const isQuoted = /['"]/.test(this.#text[this.#at] ?? '');
      const key = isQuoted ? this.#quoted() : this.#take(/[^:,{}[\]]+/y).trim();
      this.#skip();
      if (key === undefined || key === '' || this.#text[this.#at] !== ':') return this.#stop('a mapping is not closed');
      this.#at += 1;
      const value = this.#value();
      if (value === undefined) return undefined;
      members[key] = value;
      if (!this.#separator('}')) return undefined;
    }
  }

  #separator(end) {
    this.#skip();
    if (this.#text[this.#at] === ',') { this.#at += 1; return true; }
    if (this.#text[this.#at] === end) return true;
    this.#stop(`"${end}" is missing`);
    return false;
  }
}

/** The core schema of YAML 1.2 (section 10.3.2), as far as JSON has its values. */
function plain(text) {
  if (/^(~|null)?$/.test(text)) return null;
  if (/^(true|false)$/.test(text)) return text === 'true';
  if (/^[-+]?(0|[1-9]\d*)$/.test(text) || /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/.test(text)) return Number(text);
  return text;
}

/** @throws SyntaxError */
export const parse = text => new Reader(text).read();
