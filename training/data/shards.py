"""Writes one shard of chains by kind of blur (`scenes.py`), with the real ones of GoPro; `by_kind.py` says what it has.

python -m training.data.shards --data DIR --out POOL --count N --seed S [--mixture FILE.json or shake=2,parallax=2,...]      writes POOL/kinds-S
"""
import argparse

import torch

from training.data.by_kind import mixture_of, write
from training.folders import DATA


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=DATA)
    parser.add_argument("--out", required=True)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--mixture", help="a .json file or KIND=SHARE,...; the default is MIXTURE of by_kind.py")
    parser.add_argument("--with-unstated", action="store_true", help="learn from photographs, too, whose own licence nobody states (SOURCES.csv)")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    if args.count < 1 or args.seed < 0:
        parser.error(f"--count {args.count} --seed {args.seed}: --count is at least 1, --seed at least 0")
    torch.set_num_threads(args.threads)
    try:
        write(args.data, args.out, args.count, args.seed, mixture_of(args.mixture), with_unstated=args.with_unstated)
    except ValueError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
