"""Contact sheets of the kinds of blur, to be looked at: sharp, the two points of the chain, and the true kernels of nine places.

python -m training.data.sheet --data DIR --out FOLDER [--kinds shake,...]        writes FOLDER/KIND.png from held-back photographs
"""
import argparse
import os

import numpy as np
import torch
from PIL import Image

from training.data.crops import Source
from training.data.listing import photographs
from training.data.render import kernel_map
from training.data.scenes import KINDS, MADE, Stage
from training.folders import DATA, configuration
from training.network.model import load_config

SIDE, PICTURES = 384, 4
KERNELS = load_config(configuration("default"))["kernel_estimator"]
SEED = 3                          # first word; training shards and the held-back set have others


def kernels_drawn(corners, share):
    """The kernels of nine places, each as bright as its strongest tap. [SIDE, SIDE, 3] u8"""
    m, spacing = KERNELS["m"], KERNELS["tap_spacing"]
    kernels = kernel_map(torch.from_numpy(corners), share, m, spacing)
    drawn, cell, cells = np.zeros((SIDE, SIDE), np.float32), SIDE // 3, kernels.shape[-1]
    for i in range(3):
        for j in range(3):
            k = kernels[:, (2 * i + 1) * cells // 6, (2 * j + 1) * cells // 6].reshape(m, m).numpy()
            k = np.kron(k / k.max(), np.ones((6, 6)))
            drawn[i * cell:i * cell + len(k), j * cell:j * cell + len(k)] = k
    return np.repeat((drawn * 255).astype(np.uint8)[..., None], 3, 2)


def sheet(stage, kind):
    rows = []
    for _ in range(PICTURES):
        taken = stage.take(kind)
        rows.append(np.concatenate([taken.target, *taken.blur, kernels_drawn(taken.corners[0], taken.share[0])], 1))
    return Image.fromarray(np.concatenate(rows))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=DATA)
    parser.add_argument("--out", required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", default=",".join(MADE))
    args = parser.parse_args()
    torch.set_num_threads(1)
    os.makedirs(args.out, exist_ok=True)
    for kind in args.kinds.split(","):
        if kind not in MADE:
            parser.error(f"{kind!r} is no kind that scenes are made of: there are {', '.join(MADE)}")
        rng = np.random.default_rng([SEED, KINDS.index(kind), args.seed])
        sheet(Stage(Source(photographs(args.data)[1]), rng, SIDE), kind).save(os.path.join(args.out, kind + ".png"))
