"""Writes a model folder whose weights lie between those of two others, and scales what U predicts.

python -m training.runs.mix A B --share S [--scale F] --out DIR      (1 - S) A + S B; A and B are model folders, or a run's state.pt, of which the average is taken

Near the best weights for one measure, that measure falls with the square of the way and another rises in proportion to it: a little of B costs least.
"""
import argparse

import torch

from training.folders import configuration
from training.network.model import FideDiff, load_config
from training.network.weights import averaged, mixed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("a")
    parser.add_argument("b")
    parser.add_argument("--share", type=float, required=True, help="of B, 0 to 1")
    parser.add_argument("--scale", type=float, default=1.0, help="of U's last layer")
    parser.add_argument("--config", default=configuration("default"))
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    model = FideDiff(load_config(args.config))
    model.load_state_dict(mixed(averaged(args.a), averaged(args.b), args.share, args.scale))
    model.save(args.out, torch.float16)


if __name__ == "__main__":
    main()
