"""Contact sheets of what the generator makes, one a kind, to be looked at: sharp, as the camera saw it, and the true kernels of nine places.

sheet.py --data DIR --out FOLDER        writes FOLDER/KIND.png
"""
import argparse
import os

import numpy as np
import torch
from PIL import Image

from training.data.generator import EFFECTS, Generator, read_photographs
from training.folders import DATA, configuration
from training.network.model import load_config

# All of it, and each effect by itself; the camera shakes in every one but the still.
KINDS = {"all": EFFECTS, "shake": {}} | {effect: {effect: 1.0} for effect in EFFECTS}
SIDE, PICTURES = 192, 6
KERNELS = load_config(configuration("default"))["kernel_estimator"]


def kernels_drawn(kernels):
    """[m*m, h, w] -> [SIDE, SIDE, 3]: the kernels of nine places, each as bright as its strongest tap."""
    h, w = kernels.shape[-2:]
    drawn = np.zeros((SIDE, SIDE), np.float32)
    cell = SIDE // 3
    for i in range(3):
        for j in range(3):
            k = kernels[:, (2 * i + 1) * h // 6, (2 * j + 1) * w // 6].reshape(KERNELS["m"], KERNELS["m"]).numpy()
            k = np.kron(k / k.max(), np.ones((3, 3)))
            drawn[i * cell:i * cell + len(k), j * cell:j * cell + len(k)] = k
    return np.repeat(drawn[..., None], 3, 2)


def sheet(photographs, effects, seed):
    generator = Generator(photographs, [], [], "cpu", {"synthetic": 1}, seed, dict.fromkeys(EFFECTS, 0.0) | effects)
    sharp, seen, _, kernels, _ = generator.batch(PICTURES, SIDE, KERNELS)
    rows = []
    for i in range(PICTURES):
        pictures = [x[i].permute(1, 2, 0).numpy() for x in (sharp, seen)] + [kernels_drawn(kernels[i])]
        rows.append(np.concatenate(pictures, 1))
    half = PICTURES // 2
    joined = np.concatenate([np.concatenate(rows[:half]), np.ones((half * SIDE, 8, 3), np.float32), np.concatenate(rows[half:])], 1)
    return Image.fromarray((joined * 255 + 0.5).clip(0, 255).astype(np.uint8))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=DATA)
    parser.add_argument("--out", required=True)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(2)
    os.makedirs(args.out, exist_ok=True)
    held_back = read_photographs(args.data)[1]
    for kind, effects in KINDS.items():
        sheet(held_back, effects, args.seed).save(os.path.join(args.out, kind + ".png"))
