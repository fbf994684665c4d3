"""What damage, chance and malice make of a picture's file. A file is taken apart into its segments or chunks, and joined again."""

import struct
import zlib

JPEG, PNG = b"\xff\xd8", b"\x89PNG\r\n\x1a\n"
# Of numbers in two and four bytes: where signs, sums and products go wrong.
EXTREMES = {2: (0, 1, 2, 3, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF),
            4: (0, 1, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF)}
SIDES = (0, 1, 15, 16, 17, 255, 1_000, 4_096, 32_767, 65_500, 65_535)
MOST_BYTES = 1 << 20


def parts(data):
    """-> segments of a JPEG, each scan with its header, or chunks of a PNG; what cannot be followed is one part."""
    found, at = [], 0
    if data.startswith(PNG):
        found, at = [PNG], len(PNG)
        while at + 12 <= len(data):
            end = at + 12 + struct.unpack_from(">I", data, at)[0]
            if end > len(data):
                break
            found.append(data[at:end])
            at = end
    elif data.startswith(JPEG):
        found, at = [JPEG], 2
        while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] not in (0, 0xFF, 0xD9):
            end = at + 2 + struct.unpack_from(">H", data, at + 2)[0]
            if data[at + 1] == 0xDA:
                while end + 1 < len(data) and not (data[end] == 0xFF and data[end + 1] not in (0, 0xFF, *range(0xD0, 0xD8))):
                    end += 1
            if end > len(data):
                break
            found.append(data[at:end])
            at = end
    return [*found, data[at:]] if data[at:] else found


def checked(chunk):
    """A chunk with the check sum that fits."""
    return chunk[:-4] + struct.pack(">I", zlib.crc32(chunk[4:-4]))


def is_chunk(part):
    return len(part) >= 12 and part[4:8].isalpha() and struct.unpack(">I", part[:4])[0] == len(part) - 12


def is_frame(part):
    return len(part) > 9 and part[0] == 0xFF and 0xC0 <= part[1] <= 0xCF and part[1] not in (0xC4, 0xC8, 0xCC)


# Each: (rng, file, another file) -> file.

def flipped(rng, data, _):
    data = bytearray(data)
    reach = rng.choice((len(data), min(len(data), 64)))        # headers are few bytes of many
    for _ in range(rng.choice((1, 1, 2, 4, 16)) if reach else 0):
        data[rng.randrange(reach)] ^= 1 << rng.randrange(8)
    return bytes(data)


def overwritten(rng, data, _):
    data = bytearray(data)
    size = rng.choice((1, 2, 4))
    if len(data) >= size:
        at = rng.randrange(len(data) - size + 1)
        data[at:at + size] = rng.choice((bytes(size), b"\xff" * size, b"\x7f" + b"\xff" * (size - 1), rng.randbytes(size)))
    return bytes(data)


def truncated(rng, data, _):
    end = rng.choice((rng.randint(0, len(data)), max(0, len(data) - rng.randint(1, 16))))
    return data[:end]


def lengthened(rng, data, _):
    return data + rng.choice((bytes(rng.choice((1, 5_000))), rng.randbytes(300), data))


def cut_out(rng, data, _):
    at = rng.randint(0, len(data))
    return data[:at] + data[at + rng.choice((1, 2, 7, 100)):]


def spliced(rng, data, other):
    if rng.random() < 0.5:
        return data[:rng.randint(0, len(data))] + other[rng.randint(0, len(other)):]
    ours, theirs = parts(data), parts(other)
    return b"".join(ours[:rng.randint(1, max(1, len(ours)))] + theirs[rng.randint(0, len(theirs)):])


def misstated(rng, data, _):
    """A length field says something else."""
    found = parts(data)
    index = rng.randrange(len(found)) if found else 0
    part = found[index] if found else b""
    at, form = (0, ">I") if data.startswith(PNG) else (2, ">H")
    if len(part) >= at + struct.calcsize(form):
        true = struct.unpack_from(form, part, at)[0]
        size = struct.calcsize(form)
        stated = rng.choice((*EXTREMES[size], true + 1, true - 1, 2 * true)) % (1 << 8 * size)
        found[index] = part[:at] + struct.pack(form, stated) + part[at + size:]
    return b"".join(found)


def reordered(rng, data, _):
    found = parts(data)
    if len(found) < 3:
        return data
    index = rng.randrange(1, len(found))
    match rng.randrange(5):
        case 0:
            del found[index]
        case 1:
            found[1:] = rng.sample(found[1:], len(found) - 1)
        case 2:
            other = rng.randrange(1, len(found))
            found[index], found[other] = found[other], found[index]
        case 3:
            found.insert(rng.randrange(1, len(found)), found[index])
        case _:
            found[index:index] = [found[index]] * min(rng.choice((10, 300, 5_000)), MOST_BYTES // len(found[index]))
    return b"".join(found)


def claimed(rng, data, _):
    """The header says another size, depth, kind or number of components."""
    found = parts(data)
    for index, part in enumerate(found):
        part = bytearray(part)
        if is_chunk(part) and part[4:8] == b"IHDR" and len(part) == 25:
            if rng.random() < 0.6:
                at = rng.choice((8, 12))
                part[at:at + 4] = struct.pack(">I", rng.choice((*SIDES, *EXTREMES[4])))
            else:
                part[rng.randrange(16, 21)] = rng.choice((0, 1, 2, 3, 4, 6, 8, 16, 255))
            found[index] = checked(bytes(part))
        elif is_frame(part):
            if rng.random() < 0.6:
                at = rng.choice((5, 7))
                part[at:at + 2] = struct.pack(">H", rng.choice(SIDES))
            elif rng.random() < 0.5:
                part[1] = rng.choice((0xC0, 0xC1, 0xC2, 0xC3, 0xC9, 0xCA))
            else:
                part[rng.randrange(4, len(part))] = rng.choice((0, 1, 2, 3, 4, 8, 12, 0x11, 0x22, 0x41, 0x44, 255))
            found[index] = bytes(part)
    return b"".join(found)


def damaged(rng, data, _):
    """The content of a chunk or segment, under a check sum that fits; of a PNG's pixels and texts also what was compressed."""
    found = parts(data)
    known = [index for index, part in enumerate(found) if is_chunk(part) or part[:1] == b"\xff" and len(part) > 5]
    if not known:
        return data
    index = rng.choice(known)
    part = bytearray(found[index])
    if not is_chunk(part):
        at = rng.randrange(4, len(part))
        part[at:at + 1] = rng.choice((rng.randbytes(1), b"\xff", b"\0", b"\xff\xff", b""))
        found[index] = bytes(part)
        return b"".join(found)
    content = bytes(part[8:-4])
    if part[4:8] == b"IDAT" and rng.random() < 0.7:
        try:
            raw = bytearray(zlib.decompress(content))
            for _ in range(rng.choice((1, 3, 50))):
                raw[rng.randrange(len(raw))] = rng.randrange(256)
            content = zlib.compress(bytes(raw * rng.choice((1, 1, 1, 400))))
        except (zlib.error, ValueError):
            pass
    elif content:
        content = flipped(rng, content, b"")
    found[index] = checked(struct.pack(">I", len(content)) + bytes(part[4:8]) + content + bytes(4))
    return b"".join(found)


def misdirected(rng, data, _):
    """A number within Exif's directories: an offset, a count, a type."""
    found = parts(data)
    for index, part in enumerate(found):
        at = next((at for at in (part.find(b"II*\0"), part.find(b"MM\0*")) if at >= 0), -1)
        if at < 0 or len(part) < at + 40:
            continue
        size = rng.choice((2, 4))
        place = at + rng.randrange(4, min(len(part) - at, 300) - size)
        number = rng.choice((*EXTREMES[size], 8, rng.randrange(len(part)))) % (1 << 8 * size)
        part = part[:place] + number.to_bytes(size, "little" if part[at] == 0x49 else "big") + part[place + size:]
        found[index] = checked(part) if is_chunk(part) else part
    return b"".join(found)


ALL = (flipped, overwritten, truncated, lengthened, cut_out, spliced, misstated, reordered, claimed, damaged, misdirected)


def mutated(rng, data, other):
    """-> file, names of what was done to it."""
    done = rng.choices(ALL, k=rng.choice((1, 1, 1, 2, 3)))
    for act in done:
        data = act(rng, data, other)[:MOST_BYTES]
    return data, "+".join(act.__name__ for act in done)
