"""Draws the curves of training runs (`curves.py`).

python -m training.runs.plot RUN/log.jsonl [MORE/log.jsonl ...] -o curves.svg
"""
import argparse
import os
import sys

from training.runs.curves import draw, read_log


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logs", nargs="+")
    parser.add_argument("-o", "--output", default="curves.svg")
    args = parser.parse_args()
    logs = {}
    for path in args.logs:
        folder = os.path.basename(os.path.dirname(os.path.abspath(path)))
        logs[path if folder in logs else folder] = read_log(path)
    if not any(logs.values()):
        sys.exit("no curve in " + ", ".join(args.logs))
    with open(args.output, "w") as f:
        f.write(draw(logs))


if __name__ == "__main__":
    main()
