"""Writes baselines.csv: what leaving a picture alone, classical filters and the shipped weights gain on each set and kind.

baselines.py --shipped FILE.json [--known FOLDER]

FILE.json is what `evaluate.py --json` wrote for the shipped weights over the evaluation sets and over a folder that known.py made; the figures of the blurred
inputs are in it too. Wiener's filter is measured where the true kernel is known, on that folder; its balance is chosen on other pictures (another seed).
Unsharp masking has one setting for all.
"""
import argparse
import csv
import json
import os

import numpy as np
import torch

from training.measure import classical, shaken
from training.measure.figures import Figures, psnr
from training.measure.pairs import SETS, pairs, read, set_name
from training.measure.report import BETTER, report

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "baselines.csv")
BALANCES = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
CHOSEN_ON, CHOICE_SEED = 8, 2
COLUMNS = ("set", "kind", "method", "pictures", *BETTER, *(f"{f}_{part}" for f in BETTER for part in ("gain", "low", "high")), "worse")


def best_balance():
    """Of BALANCES, the one with the highest mean PSNR over pictures that nothing is measured on."""
    made = [(s / 255, b / 255, c) for *_, s, b, c in shaken.make(CHOSEN_ON, CHOICE_SEED)]
    return max(BALANCES, key=lambda balance: np.mean([psnr(classical.wiener(b, c, balance), s) for s, b, c in made]))


def measured(rows, files, restore, figures):
    """The rows of an evaluation with another output: `restore` of the blurred picture."""
    for row in rows:
        pair = files[row["set"], row["name"]]
        output = figures(restore(read(pair["blur"]), row["name"]), read(pair["sharp"]))
        shared = [f for f in output if f in row["input"]]
        yield row | {side: {f: values[f] for f in shared} for side, values in (("input", row["input"]), ("output", output))}


def lines(rows, method):
    """Rows of the CSV: one a kind, and one for the mean over the blurred kinds where a set has several."""
    for name, s in report(rows)["sets"].items():
        kinds = dict(s["kinds"]) | ({"mean": s["mean"]} if s["mean"] and len(s["kinds"]) > 1 else {})
        for kind, e in kinds.items():
            figures = e.get("output", {})
            row = {"set": name, "kind": kind, "method": method, "pictures": e["pictures"], "worse": round(e["worse"], 3)} | {f: round(v, 4) for f, v in figures.items()}
            for figure, gain in e["gains"].items():
                row |= {f"{figure}_{part}": round(gain[part], 4) for part in ("gain", "low", "high")}
            yield row


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shipped", required=True, metavar="FILE.json")
    parser.add_argument("--data", nargs="+", metavar="FOLDER", default=SETS)
    parser.add_argument("--known", metavar="FOLDER", default=shaken.FOLDER)
    parser.add_argument("--without", nargs="+", choices=Figures.PERCEPTUAL, default=(), help="figures of the filters to leave out")
    parser.add_argument("--out", metavar="FILE.csv", default=OUT)
    args = parser.parse_args()
    torch.set_num_threads(1)
    with open(args.shipped) as f:
        rows = [r for r in json.load(f)["pictures"] if r["input"]]
    files = {(set_name(folder), p["name"]): p for folder in (*args.data, args.known) for p in pairs(folder)}
    figures = Figures(args.without)
    corners = np.load(os.path.join(args.known, "corners.npz"))
    own = [r for r in rows if r["set"] == set_name(args.known)]
    if not own:
        parser.error(f"{args.shipped} has no pictures of {args.known}: run evaluate.py over it too (--data)")
    balance = best_balance()
    print(f"Wiener: balance {balance:g}")
    methods = {"blurred input": [r | {"output": r["input"]} for r in rows],
               "unsharp masking": list(measured(rows, files, lambda picture, name: classical.unsharp(picture), figures)),
               "Wiener, true kernel": list(measured(own, files, lambda picture, name: classical.wiener(picture, corners[name], balance), figures)),
               "shipped weights": rows}
    with open(args.out, "w", newline="") as f:
        table = csv.DictWriter(f, COLUMNS, lineterminator="\n")
        table.writeheader()
        for method, found in methods.items():
            table.writerows(lines(found, method))
    print(f"wrote {args.out}")


if __name__ == "__main__":
    main()
