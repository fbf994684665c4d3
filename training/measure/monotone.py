"""Sees that a picture that is blurred more never reads clearly less: chains of one photograph under growing parts of one trajectory.

python -m training.measure.monotone [--chains N] [--max-fall X]    t of each picture by `fidediff blur-level`; exit code 1 where t falls by more than X on the way to any more blurred picture
"""
import argparse
import glob
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import torch
from PIL import Image

from training.data import blur as B
from training.data.chains import to_bytes
from training.data.listing import read_pixels
from training.folders import DATA, EXECUTABLE

SIDE = 512


def chain(path, generator):
    """(n, picture [SIDE, SIDE, 3] u8) of the middle of a photograph, from sharp to the whole trajectory, all with the same noise."""
    r = B.RADIUS
    sharp = read_pixels(path)
    scale = (SIDE + 2 * r) / min(sharp.shape[:2])
    if scale > 1:
        sharp = np.asarray(Image.fromarray(sharp).resize([round(n * scale) + 1 for n in sharp.shape[1::-1]], Image.LANCZOS))
    y, x = ((n - SIDE - 2 * r) // 2 for n in sharp.shape[:2])
    crop = sharp[y:y + SIDE + 2 * r, x:x + SIDE + 2 * r]
    linear = (torch.from_numpy(crop.copy()).permute(2, 0, 1)[None].float() / 255) ** B.GAMMA
    trajectory = B.trajectories(1, "cpu", generator)
    noise = int(torch.randint(2 ** 31, (), generator=generator))
    for n in (1, *B.FRAMES):
        light = B.blur(linear, B.window(B.corner_paths(trajectory, torch.zeros(1, 2), SIDE), n))[0][..., r:-r, r:-r]
        yield n, to_bytes(B.expose(light, torch.Generator().manual_seed(noise)))[0]


def timesteps(args, paths):
    """Of each path, by one run of the executable."""
    command = [args.fidediff, "blur-level", "--json", *paths] + (["--model", args.model] if args.model else [])
    lines = map(json.loads, subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines())
    return {line["input"]: line["predicted_timestep"] for line in lines}


def falls(t):
    """How far below the highest t so far each next one is."""
    return [max(0, max(t[:i]) - t[i]) for i in range(1, len(t))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.path.join(DATA, "eval"))
    parser.add_argument("--fidediff", default=EXECUTABLE)
    parser.add_argument("--model", help="model folder; the executable's own default if not given")
    parser.add_argument("--chains", type=int, default=36)
    parser.add_argument("--max-fall", type=float, metavar="X")
    args = parser.parse_args()
    torch.set_num_threads(2)
    generator = torch.Generator().manual_seed(7)
    photographs = sorted(glob.glob(os.path.join(args.data, "synthetic", "*_sharp.png")))
    with tempfile.TemporaryDirectory() as work:
        chains = []
        for i in range(args.chains):
            path = photographs[i % len(photographs)]
            chains.append((os.path.basename(path), []))
            for n, picture in chain(path, generator):
                chains[-1][1].append(os.path.join(work, f"{i}-{n}.png"))
                Image.fromarray(picture).save(chains[-1][1][-1], compress_level=1)
        found = timesteps(args, [p for _, paths in chains for p in paths])
    all_falls = []
    for name, paths in chains:
        t = [found[p] for p in paths]
        all_falls += falls(t)
        if max(falls(t)) > 10:
            print(f"{name}: t {' '.join(map(str, t))}")
    worst = max(all_falls)
    print(f"{args.chains} chains of {1 + len(B.FRAMES)} pictures: t falls by {worst} at most, in {np.mean(np.array(all_falls) > 0):.1%} of the steps at all")
    sys.exit(args.max_fall is not None and worst > args.max_fall)


if __name__ == "__main__":
    main()
