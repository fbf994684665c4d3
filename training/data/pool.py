"""Builds the pool: patches with their chain of blurs, made once (`chains.py`) and drawn from at random (`pool_reader.py`).

python -m training.data.pool synthetic|heldback|gopro240|pairs --data DIR --out DIR --count N --seed S [--effects]   adds one shard to the pool
python -m training.data.pool pictures --data DIR --out DIR --count N --seed S                   pictures with their extents, for T
python -m training.data.pool unseen --data DIR --out DIR --count N --seed S                     the same of the photographs that eval/synthetic is made from, to measure by
python -m training.data.pool table --out DIR                                                     prints the counterpart of the paper's Table 1
"""
import argparse
import os

import numpy as np
import torch

from training.data import blur as B
from training.data.arrays import read_shard, save_shard, shards_of
from training.data.chains import gopro240, pairs, pictures, synthetic
from training.folders import DATA

MAKERS = {"synthetic": synthetic, "heldback": synthetic, "gopro240": gopro240, "pairs": pairs, "pictures": pictures, "unseen": pictures}


def table(folder):
    """Pairs by number of averaged frames, as the paper's Table 1."""
    columns = (1, *B.FRAMES, 0)
    print("| Avg. Frames | " + " | ".join("unknown" if n == 0 else str(n) for n in columns) + " | Total |")
    print("|" + "---|" * (len(columns) + 2))
    for kind in ("synthetic", "heldback", "gopro240", "pairs"):
        counts = np.zeros(len(columns), int)
        for path in shards_of(folder, kind):
            frames = read_shard(path)["frames"]
            counts += [(frames == n).sum() for n in columns]
        print(f"| {kind} | " + " | ".join(map(str, counts)) + f" | {counts.sum()} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=(*MAKERS, "table"))
    parser.add_argument("--data", default=DATA)
    parser.add_argument("--out", required=True)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pages", type=float, default=0, help="share of the synthetic patches that are of text")
    parser.add_argument("--effects", action="store_true", help="synthetic patches with highlights, response curves, defocus, a colour mosaic and parallax")
    parser.add_argument("--with-unstated", action="store_true", help="learn from photographs, too, whose own licence nobody states (SOURCES.csv)")
    args = parser.parse_args()
    torch.set_num_threads(1)
    if args.kind == "table":
        table(args.out)
        return
    path = os.path.join(args.out, f"{args.kind}-{args.seed}")
    if os.path.exists(path):
        parser.error(f"{path} is there already: remove it, or give another --seed")
    shard = MAKERS[args.kind](args, np.random.default_rng(args.seed))
    save_shard(path, shard)
    print(args.kind, {k: getattr(v, "shape", v) for k, v in shard.items()})


if __name__ == "__main__":
    main()
