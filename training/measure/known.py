"""Makes a folder of pairs whose blur kernels are known: photographs that are held back from training, shaken by our own generator.

python -m training.measure.known --out FOLDER       KIND_N_blur.png, KIND_N_sharp.png, meta.csv, and corners.npz, the paths [4, steps, 2] of each picture's corners by name
"""
import argparse
import csv
import os

import numpy as np
from PIL import Image

from training.folders import DATA
from training.measure.shaken import FOLDER, KIND, make

COUNT = 60


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
