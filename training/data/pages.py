"""Draws a page of text to learn from, to look at.

python -m training.data.pages OUT.png [SEED]
"""
import argparse

import numpy as np
from PIL import Image

from training.data.lettering import page


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("seed", type=int, nargs="?", default=0)
    args = parser.parse_args()
    Image.fromarray(page(np.random.default_rng(args.seed))).save(args.out)


if __name__ == "__main__":
    main()
