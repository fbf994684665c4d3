"""Figures of a model over folders of pairs: what goes in, what comes out, what T says about it, and what happens to pictures that were sharp.

python -m training.measure.evaluate                                  the Swift executable and the weights it ships, over eval/gopro, eval/synthetic and eval2
python -m training.measure.evaluate --data FOLDER...                 other folders of NAME_blur.png and NAME_sharp.png; a meta.csv may name kind, frames and mean_extent_px
python -m training.measure.evaluate --backend torch --model DIR      the twin instead
python -m training.measure.evaluate --gates [FILE.json]              exit code 1 where a gate isn't kept
python -m training.measure.evaluate --check FILE.json                tables and gates of an earlier run's figures

Gains in PSNR, SSIM, LPIPS (AlexNet) and DISTS by set and kind with bootstrap intervals; one figure sums up eval2, the mean gain over its blurred kinds.
A picture that equals its target has no gain: it was to stay. Sets that don't tell kinds apart have their sharp pictures sent through besides.
"""
import argparse
import json
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import torch

from training.folders import EXECUTABLE, REPOSITORY
from training.measure import gates, restorer, worst
from training.measure.figures import Figures, psnr
from training.measure.pairs import ALL, SETS, pairs, read, set_name
from training.measure.report import report
from training.measure.table import markdown

SHEET = os.path.join(REPOSITORY, "artifacts", "worst.png")
figures = None                     # a Figures, one in each process that measures


def begin(without):
    global figures
    torch.set_num_threads(1)
    figures = Figures(without)


def measured(pair, line, still):
    """The row of one pair. line: what the executable said of the blurred picture; still: of the sharp one, where it was sent through."""
    blurred, sharp, output = read(pair["blur"]), read(pair["sharp"]), read(line["output"])
    row = {k: pair[k] for k in ("set", "kind", "name", "frames", "extent_px")} | {k: line[k] for k in ("seconds", "unchanged", "reblur_psnr")}
    row |= {"timestep": line["predicted_timestep"], "result": line["output"]}
    if np.array_equal(blurred, sharp):
        still = line
        row |= {"input": None, "output": None}
    else:
        row |= dict(zip(("input", "output"), figures.several([blurred, output], sharp)))
    if still:
        row |= {"sharp_psnr": psnr(read(still["output"]), sharp), "sharp_timestep": still["predicted_timestep"], "sharp_unchanged": still["unchanged"]}
    return row


def measure(args, work):
    """One row a picture. Pictures are measured by two processes while the next ones are restored."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn"), initializer=begin, initargs=(args.without,)) as pool:
        waiting = []
        for folder in args.data:
            listed, out = pairs(folder), os.path.join(work, set_name(folder))
            os.makedirs(out, exist_ok=True)
            inputs = [path for p in listed for path in ((p["blur"], p["sharp"]) if p["kind"] == ALL else (p["blur"],))]
            lines = restorer.by_twin(args.model, inputs, out) if args.backend == "torch" else restorer.by_executable(args.fidediff, args.model, inputs, out)
            owner, done = {path: p for p in listed for path in (p["blur"], p["sharp"])}, {}
            for path, line in restorer.restored(lines, inputs):
                done[path], p = line, owner[path]
                if p["blur"] in done and (p["kind"] != ALL or p["sharp"] in done):
                    waiting.append(pool.submit(measured, p, done[p["blur"]], done.get(p["sharp"])))
        order = [set_name(folder) for folder in args.data]
        return sorted((w.result() for w in waiting), key=lambda r: (order.index(r["set"]), r["name"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", metavar="FOLDER", default=SETS)
    parser.add_argument("--backend", choices=("swift", "torch"), default="swift")
    parser.add_argument("--fidediff", default=EXECUTABLE)
    parser.add_argument("--model", help="model folder; the executable's own default if not given")
    parser.add_argument("--without", nargs="+", choices=Figures.PERCEPTUAL, default=(), help="figures to leave out")
    parser.add_argument("--outputs", help="keep the deblurred pictures in this folder")
    parser.add_argument("--sheet", metavar="FILE", default=SHEET, help="contact sheet of the worst ten (default: %(default)s)")
    parser.add_argument("--json", metavar="FILE", help="write all figures, picture by picture too")
    parser.add_argument("--check", metavar="FILE", help="read the pictures' figures from here instead of running")
    parser.add_argument("--gates", metavar="FILE", nargs="?", const=gates.FILE, help="least figures to keep (default: %(const)s)")
    args = parser.parse_args()
    if args.backend == "torch" and not args.model and not args.check:
        parser.error("--backend torch needs --model DIR")
    if args.check:
        with open(args.check) as f:
            rows = json.load(f)["pictures"]
    else:
        with tempfile.TemporaryDirectory() as work:
            rows = measure(args, args.outputs or work)
            worst.sheet(rows, args.data, args.sheet)
        rows = [{k: v for k, v in r.items() if k != "result"} for r in rows]
    found = report(rows) | {"backend": args.backend}
    print(markdown(found))
    if not args.check:
        print(f"\nThe worst ten: {args.sheet}")
    if args.json:
        with open(args.json, "w") as f:
            json.dump(found | {"pictures": rows}, f, indent=1)
            f.write("\n")
    if args.gates:
        failed, number = gates.failures(found, gates.read(args.gates))
        print("\n".join(["", *failed, f"{number - len(failed)} of {number} gates of {os.path.relpath(args.gates)} kept"]))
        sys.exit(bool(failed))


if __name__ == "__main__":
    main()
