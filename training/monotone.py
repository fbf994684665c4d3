"""Sees that a picture that is blurred more never reads clearly less: chains of one photograph under growing parts of one trajectory.

monotone.py [--chains N] [--max-fall X]    t of each picture by `fidediff blur-level`; exit code 1 where t falls by more than X on the way to any more blurred picture
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

import blur as B

HERE = os.path.dirname(os.path.abspath(__file__))
SIDE = 512


def chain(path, generator):
    """(n, picture [SIDE, SIDE, 3] u8) of the middle of a photograph, from sharp to the whole trajectory, all with the same noise."""
    r = B.RADIUS
    sharp = np.asarray(Image.open(path).convert("RGB"))
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
        seen = B.expose(light, torch.Generator().manual_seed(noise))[0].permute(1, 2, 0)
        yield n, (seen.numpy() * 255 + 0.5).astype(np.uint8)


def timesteps(command, paths):
    lines = subprocess.run([*command, "blur-level", "--json", *paths], check=True, capture_output=True, text=True).stdout.splitlines()
    return [json.loads(line)["predicted_timestep"] for line in lines]


def falls(t):
    """How far below the highest t so far each next one is."""
    return [max(0, max(t[:i]) - t[i]) for i in range(1, len(t))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.path.join(HERE, "..", "..", "shared", "data", "eval"))
    parser.add_argument("--fidediff", default=os.path.join(HERE, "..", ".build", "release", "fidediff"))
    parser.add_argument("--model", help="model folder; the executable's own default if not given")
    parser.add_argument("--chains", type=int, default=36)
    parser.add_argument("--max-fall", type=float, metavar="X")
    args = parser.parse_args()
    torch.set_num_threads(2)
    generator = torch.Generator().manual_seed(7)
    photographs = sorted(glob.glob(os.path.join(args.data, "synthetic", "*_sharp.png")))
    worst, all_falls = 0, []
    with tempfile.TemporaryDirectory() as work:
        for i in range(args.chains):
            photograph = photographs[i % len(photographs)]
            paths = []
            for n, picture in chain(photograph, generator):
                paths.append(os.path.join(work, f"{i}-{n}.png"))
                Image.fromarray(picture).save(paths[-1], compress_level=1)
            t = timesteps([args.fidediff], paths + (["--model", args.model] if args.model else []))
            all_falls += falls(t)
            if max(falls(t)) > 10:
                print(f"{os.path.basename(photograph)}: t {' '.join(map(str, t))}")
            worst = max(worst, *falls(t))
    print(f"{args.chains} chains of {1 + len(B.FRAMES)} pictures: t falls by {worst} at most, in {np.mean(np.array(all_falls) > 0):.1%} of the steps at all")
    sys.exit(args.max_fall is not None and worst > args.max_fall)


if __name__ == "__main__":
    main()
