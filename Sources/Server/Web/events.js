// events.js: server-sent events (HTML section 9.2) read from the body of a fetch: EventSource can send no header, and so no key.

// A carriage return at the end of what has come may be half of a line's end.
const LINE_END = /\r\n|\n|\r(?=[^])/;

/** @param texts async iterable of texts, cut anywhere @returns async iterable of {id, event, data} */
export async function* parse(texts) {
  let rest = '', id = '', event = '', data = [];
  for await (const text of texts) {
    rest += text;
    for (let end = LINE_END.exec(rest); end; end = LINE_END.exec(rest)) {
      const line = rest.slice(0, end.index);
      rest = rest.slice(end.index + end[0].length);
      if (line === '') {
        if (data.length > 0) yield { id, event: event || 'message', data: data.join('\n') };
        [event, data] = ['', []];
        continue;
      }
      const colon = line.indexOf(':');
      // A comment, as it keeps the connection open, has no name.
      const name = colon < 0 ? line : line.slice(0, colon), value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (name === 'data') data.push(value);
      else if (name === 'event') event = value;
      else if (name === 'id') id = value;
    }
  }
}

/** @param body of a response @returns async iterable of its texts; ending it early ends the request */
export async function* texts(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } finally {
    reader.cancel().catch(() => {});
  }
}
