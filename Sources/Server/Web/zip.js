// zip.js: several files as one ZIP archive (APPNOTE.TXT 6.3, method 0: pictures are compressed already). Below 4 GB and 65,536 files.

const TABLE = Uint32Array.from({ length: 256 }, (_, value) => {
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xEDB88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

function crc32(data) {
  let crc = 0xFFFFFFFF;
  for (const byte of data) crc = TABLE[(crc ^ byte) & 0xFF] ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Numbers as [bytes, value], little-endian. */
function record(...numbers) {
  const data = new DataView(new ArrayBuffer(numbers.reduce((sum, [size]) => sum + size, 0)));
  let offset = 0;
  for (const [size, value] of numbers) {
    size === 2 ? data.setUint16(offset, value, true) : data.setUint32(offset, value, true);
    offset += size;
  }
  return new Uint8Array(data.buffer);
}

/** Names that are there already get a number. */
function distinct(names) {
  const taken = new Set();
  return names.map(name => {
    const dot = name.lastIndexOf('.');
    let free = name;
    for (let number = 2; taken.has(free); number += 1) free = `${name.slice(0, dot)}-${number}${name.slice(dot)}`;
    taken.add(free);
    return free;
  });
}

/** @param files [{name, blob}] @returns a Blob */
export async function zip(files, date = new Date()) {
  const time = date.getHours() << 11 | date.getMinutes() << 5 | date.getSeconds() >> 1;
  const day = (date.getFullYear() - 1980) << 9 | (date.getMonth() + 1) << 5 | date.getDate();
  const names = distinct(files.map(({ name }) => name)).map(name => new TextEncoder().encode(name));
  const parts = [], directory = [];
  let offset = 0;
  for (const [index, { blob }] of files.entries()) {
    const name = names[index], crc = crc32(new Uint8Array(await blob.arrayBuffer()));
    // Version 2.0; bit 11: the name is UTF-8; stored.
    const common = [[2, 20], [2, 0x0800], [2, 0], [2, time], [2, day], [4, crc], [4, blob.size], [4, blob.size], [2, name.length], [2, 0]];
    parts.push(record([4, 0x04034B50], ...common), name, blob);
    directory.push(record([4, 0x02014B50], [2, 20], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]), name);
    offset += 30 + name.length + blob.size;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = record([4, 0x06054B50], [2, 0], [2, 0], [2, files.length], [2, files.length], [4, size], [4, offset], [2, 0]);
  return new Blob([...parts, ...directory, end], { type: 'application/zip' });
}

export async function saveAll(files, name) {
  const url = URL.createObjectURL(await zip(files));
  Object.assign(document.createElement('a'), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
