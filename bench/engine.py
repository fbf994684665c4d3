#!/usr/bin/env python3
"""Times `fidediff deblur` on the demonstration photograph and on one of 1280x720 made from it, decoding and encoding included.

Prints the median and the extremes of each, and adds a row to bench/results/engine.csv.

    engine.py FIDEDIFF [--rounds 5] [--no-record]
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile

from PIL import Image
from record import append

DEMO = pathlib.Path(__file__).parent.parent / "deploy" / "demo" / "blurred.jpg"


def seconds(program, picture, result):
    """What the engine says that one picture took; loading the weights is not in it."""
    done = subprocess.run([program, "deblur", picture, "-o", result, "--json"], check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[0])["seconds"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fidediff")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-record", action="store_true", help="print only")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        result, wide = pathlib.Path(work, "out.png"), pathlib.Path(work, "1280x720.png")
        Image.open(DEMO).resize((1280, 1280), Image.BICUBIC).crop((0, 280, 1280, 1000)).save(wide)
        for picture in (DEMO, wide):
            width, height = Image.open(picture).size
            times = sorted(seconds(args.fidediff, picture, result) for _ in range(args.rounds))
            middle = statistics.median(times)
            print(f"{picture.name} {width}x{height}: median {middle:.2f} s, from {times[0]:.2f} to {times[-1]:.2f} s")
            if not args.no_record:
                append("engine", {
                    "rounds": args.rounds, "picture": picture.name, "width": width, "height": height, "median_seconds": f"{middle:.3f}",
                    "least_seconds": f"{times[0]:.3f}", "most_seconds": f"{times[-1]:.3f}"})


if __name__ == "__main__":
    main()
