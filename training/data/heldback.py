"""Writes the held-back set: pictures of each kind of blur from photographs that are never trained on, by which choices are made.

python -m training.data.heldback --data DIR --out FOLDER [--each 30]      KIND_NN_blur.png, KIND_NN_sharp.png and meta.csv, the same at every call
"""
import argparse

import torch

from training.data.held_pictures import write
from training.folders import DATA


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=DATA)
    parser.add_argument("--out", required=True)
    parser.add_argument("--each", type=int, default=30)
    args = parser.parse_args()
    if not 1 <= args.each <= 100:
        parser.error(f"--each {args.each}: 1 to 100, since names have two digits")
    torch.set_num_threads(1)
    write(args.data, args.out, args.each)


if __name__ == "__main__":
    main()
