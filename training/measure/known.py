"""Makes a folder of pairs whose blur kernels are known: photographs that are held back from training, shaken by our own generator.

known.py --out FOLDER       KIND_N_blur.png, KIND_N_sharp.png, meta.csv, and corners.npz, the paths [4, steps, 2] of each picture's corners by name
"""
import argparse
import csv
import os

import numpy as np
import torch
from PIL import Image

from training.data import blur as B
from training.data.pool import photographs, read_pixels
from training.folders import DATA, REPOSITORY

FOLDER = os.path.join(REPOSITORY, ".train", "known")
SIDE, COUNT = 384, 60
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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default=FOLDER)
    parser.add_argument("--data", default=DATA)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    paths = {}
    with open(os.path.join(args.out, "meta.csv"), "w", newline="") as f:
        table = csv.writer(f)
        table.writerow(("name", "kind", "photo", "frames", "mean_extent_px"))
        for name, photo, frames, sharp, blurred, corners in make(args.count, args.seed, args.data):
            for what, picture in (("sharp", sharp), ("blur", blurred)):
                Image.fromarray(picture).save(os.path.join(args.out, f"{name}_{what}.png"))
            extent = np.linalg.norm(corners.max(1) - corners.min(1), axis=-1).mean()
            table.writerow((name, KIND, photo, frames, f"{extent:.2f}"))
            paths[name] = corners
    np.savez(os.path.join(args.out, "corners.npz"), **paths)
    print(f"{args.count} pairs in {args.out}")


if __name__ == "__main__":
    main()
