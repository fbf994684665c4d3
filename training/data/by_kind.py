"""One shard of chains by kind of blur (`scenes.py`), with the real ones of GoPro; its arrays are mapped when they are read.

For N chains of P = 2 points on pictures of S = 384 pixels:
  sharp [N, S, S, 3] and blur [N, P, S, S, 3] u8      what a restoration should give, and what it gets
  kind [N] u8                                         index into scenes.KINDS
  frames [N, P] u8                                    n of t = (n - 1) * 20 where it has a meaning; 1: nothing moves, 0: not known
  travel [N, P] f16                                   pixels, mean over the picture; -1: not known
  paths [N, P, L, 4, K, 2] f16                        the corners' paths of up to L = 6 layers, for render.kernel_map
  share [N, P, L, 24, 24] u8                          how much of each cell of 16 pixels is which layer's, summing to 255; all zero where the paths are not known
"""
import glob
import json
import os
import shutil
import time

import numpy as np

from training.data import blur as B
from training.data.crops import Source
from training.data.listing import frames_of, photographs, read_pixels
from training.data.paths import KEPT
from training.data.render import CELL
from training.data.scenes import KERNELS_KNOWN, KINDS, LAYERS, MADE, POINTS, Stage, extent


SIDE = 384
MIXTURE = {"shake": 2, "rollzoom": 1, "region": 1.5, "object": 2.5, "parallax": 2, "lowlight": 1, "phone": 1.5, "frames": 2.5, "text": 1.5,
           "sharp": 1.6, "flat": 0.5, "gopro240": 0.8, "pairs": 1.2}
AT_ONCE = 8                       # crops from one place in time of the real pictures, which take long to decode
TRAINING = 1                      # first word of every training seed; the held-back set has another


def mixture_of(text):
    """Shares by kind from KIND=SHARE,... or a file of JSON."""
    if not text:
        return MIXTURE
    if text.endswith(".json"):
        with open(text) as f:
            shares = json.load(f)
    else:
        try:
            shares = {k.strip(): float(v) for k, v in (part.split("=") for part in text.split(","))}
        except ValueError:
            raise ValueError(f"the mixture {text!r} is not KIND=NUMBER,...: write for example shake=2,parallax=1, or name a .json file") from None
    unknown = set(shares) - set(KINDS)
    if unknown:
        raise ValueError(f"the mixture has {', '.join(sorted(unknown))}, which are no kinds: there are {', '.join(KINDS)}")
    if min(shares.values()) < 0 or sum(shares.values()) <= 0:
        raise ValueError(f"the mixture's shares are {shares}: none may be negative and one must be above 0")
    return shares


def counts_of(shares, count, rng):
    """How many chains of each kind: the shares rounded at random, so that the mean over shards is right. Real kinds are made in any number"""
    exact = np.array(list(shares.values()), float)
    exact = exact / exact.sum() * count
    whole = np.floor(exact).astype(int)
    rest = exact - whole
    extra = rng.choice(len(exact), count - whole.sum(), replace=False, p=rest / rest.sum()) if count > whole.sum() else []
    whole[extra] += 1
    return dict(zip(shares, whole.tolist()))


def place(shape, rng):
    return tuple(int(rng.integers(0, s - SIDE + 1)) for s in shape[:2])


def textured(pictures, rng):
    """The same place of several equal pictures [H, W, 3], the first of which is not flat there."""
    for _ in range(30):
        y, x = place(pictures[0].shape, rng)
        if pictures[0][y:y + SIDE, x:x + SIDE].std() > 15:
            break
    return [p[y:y + SIDE, x:x + SIDE] for p in pictures]


def gopro240(data, rng, count):
    """Averages of n consecutive 240-fps frames around a sharp middle frame (supplement D): sharp, (longer, shorter), frames."""
    files = sorted(glob.glob(os.path.join(data, "gopro240", "*.jpg")))
    if len(files) < 15:
        raise ValueError(f"{len(files)} frames in {data}/gopro240, at least 15 are needed: set gopro240=0 in the mixture, or get the frames")
    while count > 0:
        middle = int(rng.integers(7, len(files) - 7))
        stack = np.stack([read_pixels(f) for f in files[middle - 7: middle + 8]])
        for _ in range(min(AT_ONCE, count)):
            y, x = place(stack.shape[1:], rng)
            part = stack[:, y:y + SIDE, x:x + SIDE].astype(np.float32) / 255
            short, long = sorted(rng.choice(B.FRAMES, 2, replace=False).tolist())
            curve = B.GAMMA if rng.random() < 0.3 else 1.0
            mean = lambda n: ((part[7 - n // 2:8 + n // 2] ** curve).mean(0) ** (1 / curve) * 255 + 0.5).astype(np.uint8)
            yield stack[7, y:y + SIDE, x:x + SIDE], (mean(long), mean(short)), (long, short)
            count -= 1


def pairs(data, rng, count):
    """Pairs as the dataset ships them, both points the same; the number of averaged frames is known where the name says so."""
    files = sorted(glob.glob(os.path.join(data, "gopro_pairs", "*_blur.jpg")))
    if not files:
        raise ValueError(f"no pairs in {data}/gopro_pairs: set pairs=0 in the mixture, or get the pairs")
    while count > 0:
        file = files[rng.integers(len(files))]
        both = [read_pixels(file.replace("_blur", "_sharp")), read_pixels(file)]
        for _ in range(min(AT_ONCE // 2, count)):
            sharp, blurred = textured(both, rng)
            yield sharp, (blurred, blurred), (frames_of(file),) * 2
            count -= 1


def write(data, out, count, seed, shares, say=print, with_unstated=False):
    """One shard, whole or not at all; the path of it. with_unstated: of photographs, too, whose own licence nobody states"""
    path = os.path.join(out, f"kinds-{seed}")
    if os.path.exists(path):
        raise ValueError(f"{path} is there already: remove it, or give another --seed")
    part = path + ".part"
    shutil.rmtree(part, ignore_errors=True)
    os.makedirs(part)
    cells = SIDE // CELL
    shapes = {"sharp": ((SIDE, SIDE, 3), np.uint8), "blur": ((POINTS, SIDE, SIDE, 3), np.uint8), "kind": ((), np.uint8), "frames": ((POINTS,), np.uint8),
              "travel": ((POINTS,), np.float16), "paths": ((POINTS, LAYERS, 4, KEPT, 2), np.float16), "share": ((POINTS, LAYERS, cells, cells), np.uint8)}
    arrays = {name: np.lib.format.open_memmap(os.path.join(part, name + ".npy"), "w+", dtype, (count, *shape)) for name, (shape, dtype) in shapes.items()}
    rng = np.random.default_rng([TRAINING, seed])
    counts = counts_of(shares, count, rng)
    stage = Stage(Source(photographs(data, with_unstated)[0]), rng, SIDE) if any(counts.get(k) for k in MADE) else None
    order, started = iter(rng.permutation(count)), time.process_time()
    for kind, times in counts.items():
        if kind in MADE:
            for _ in range(times):
                i, taken = next(order), stage.take(kind)
                arrays["sharp"][i], arrays["kind"][i], arrays["frames"][i] = taken.target, KINDS.index(kind), taken.frames
                for p in range(POINTS):
                    arrays["blur"][i, p] = taken.blur[p]
                arrays["travel"][i] = extent(taken.corners, taken.share)[0]
                if kind in KERNELS_KNOWN:
                    arrays["paths"][i], arrays["share"][i] = taken.corners, in_bytes(taken.share.numpy())
        else:
            for sharp, blurred, frames in (gopro240 if kind == "gopro240" else pairs)(data, rng, times):
                i = next(order)
                arrays["sharp"][i], arrays["kind"][i], arrays["frames"][i], arrays["travel"][i] = sharp, KINDS.index(kind), frames, -1
                for p in range(POINTS):
                    arrays["blur"][i, p] = blurred[p]
    for a in arrays.values():
        a.flush()
    os.rename(part, path)
    seconds = time.process_time() - started
    say(f"{path}: {count} chains in {seconds:.0f} s of one core, {seconds / count / POINTS:.3f} s a blurred picture; " + ", ".join(f"{k} {v}" for k, v in counts.items()))
    return path


def in_bytes(share):
    """[P, L, G, G] summing to 1 over L -> u8 summing to 255: what rounding leaves goes to the largest."""
    scaled = share / share.sum(1, keepdims=True) * 255
    whole = np.floor(scaled).astype(int)
    largest = scaled.argmax(1)[:, None]
    np.put_along_axis(whole, largest, np.take_along_axis(whole, largest, 1) + 255 - whole.sum(1, keepdims=True), 1)
    return whole.astype(np.uint8)
