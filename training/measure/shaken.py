"""Pairs whose blur kernels are known: photographs that are held back from training, shaken by our own generator."""
import os

import numpy as np
import torch
from PIL import Image

from training.data import blur as B
from training.data.listing import photographs, read_pixels
from training.folders import DATA, RUNS

FOLDER = os.path.join(RUNS, "known")       # where known.py puts them
SIDE = 384
KIND = "shake"


def crop(path, rng):
    """A square with the border that blurring takes off, at a random place; the photograph is enlarged where it is too small."""
    side, picture = SIDE + 2 * B.RADIUS, Image.fromarray(read_pixels(path))
    if min(picture.size) < side:
        scale = side / min(picture.size)
        picture = picture.resize([max(side, round(n * scale)) for n in picture.size], Image.LANCZOS)
    x, y = (int(rng.integers(0, n - side + 1)) for n in picture.size)
    return np.asarray(picture.crop((x, y, x + side, y + side)))


def shaken(sharp, frames, generator):
    """What a camera that shakes over `frames` frames makes of a crop [n, n, 3] of bytes: [SIDE, SIDE, 3] u8, and the corners' paths [4, steps, 2]."""
    r = B.RADIUS
    linear = (torch.from_numpy(sharp.copy()).permute(2, 0, 1)[None].float() / 255) ** B.GAMMA
    corners = B.window(B.corner_paths(B.trajectories(1, "cpu", generator), torch.zeros(1, 2), SIDE), frames)
    seen = B.expose(B.blur(linear, corners)[0][..., r:-r, r:-r], generator)[0].permute(1, 2, 0).clamp(0, 1)
    return (seen.numpy() * 255 + 0.5).astype(np.uint8), corners[0]


def make(count, seed, data=DATA):
    """(name, photograph, n frames, sharp, blurred, corners), one after the other; seeds give different pictures."""
    rng, generator, files = np.random.default_rng(seed), torch.Generator().manual_seed(seed), photographs(data)[1]
    for i in range(count):
        path, frames = files[rng.integers(len(files))], int(rng.choice(B.FRAMES))
        whole = crop(path, rng)
        blurred, corners = shaken(whole, frames, generator)
        r = B.RADIUS
        yield f"{KIND}_{i:03d}", os.path.basename(path), frames, whole[r:-r, r:-r], blurred, corners.numpy()
