"""Weights on the held-back pictures: what choices are made by. Never the evaluation sets.

python -m training.measure.heldback MODEL [--data FOLDER] [--every N] [--json FILE] [--against FILE]      MODEL is a model folder or a run's state.pt

FOLDER is what `python -m training.data.heldback` makes: KIND_..._blur.png, KIND_..._sharp.png and meta.csv. Each picture goes through the twin as it would through the
engine, in one view. Prints the mean gain of each kind with its bootstrap interval, the share made worse, and what becomes of sharp pictures.
"""
import argparse
import csv
import json
import multiprocessing
import os

import numpy as np
import torch
from PIL import Image

from training.folders import HELDBACK
from training.measure.kinds import summary
from training.measure.twin import Twin
from training.network import fast
from training.network.model import FideDiff, load_config
from training.network.weights import averaged


EQUAL = 100.0                      # dB: above it two pictures are the same, and there is nothing to gain


def twin_of(path, views=1):
    """The twin with the weights of a model folder or of a run's average. views: orientations that are averaged"""
    config = load_config(path if os.path.isdir(path) else os.path.dirname(os.path.abspath(path))) | {"views": views}
    model = FideDiff(config).eval().requires_grad_(False)
    model.load_state_dict(averaged(path))
    return Twin.of(fast.accelerate(model.to(memory_format=torch.channels_last)))


def listed(folder, every=1):
    """Rows of meta.csv, every n-th of each kind."""
    with open(os.path.join(folder, "meta.csv"), newline="") as f:
        rows, seen = list(csv.DictReader(f)), {}
    for row in rows:
        n = seen[row["kind"]] = seen.get(row["kind"], -1) + 1
        if n % every == 0:
            yield row


def psnr(a, b):
    return float(-10 * np.log10(max(np.mean((a.astype(np.float64) - b) ** 2) / 255 ** 2, 1e-12)))


def measured(work):
    """One row a picture: name, kind, gain in dB or None where it equals its target, PSNR of the result against what was given, t, and whether it came back unchanged."""
    path, folder, rows, views, threads = work
    torch.set_num_threads(threads)
    twin, found = twin_of(path, views), []
    for row in rows:
        read = lambda what: np.asarray(Image.open(os.path.join(folder, f"{row['name']}_{what}.png")).convert("RGB"))
        blurred, sharp = read("blur"), read("sharp")
        out, said = twin.deblur(blurred)
        before = psnr(blurred, sharp)
        found.append({"name": row["name"], "kind": row["kind"], "gain": psnr(out, sharp) - before if before < EQUAL else None, "kept": psnr(out, blurred),
                      "extent": float(row["mean_extent_px"]), "timestep": said["predicted_timestep"], "unchanged": said["unchanged"]})
    return found


def measure(path, folder=HELDBACK, every=1, views=1, processes=2):
    """Rows of all pictures of the folder."""
    rows = list(listed(folder, every))
    work = [(path, folder, rows[i::processes], views, 1) for i in range(processes)]
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        found = [row for part in pool.map(measured, work) for row in part]
    return sorted(found, key=lambda row: row["name"])


def still(rows):
    """What becomes of the sharp pictures: how many come back unchanged, and the PSNR of the others against themselves, in the mean and at the worst."""
    sharp = [row for row in rows if row["kind"] == "sharp"]
    changed = [row["kept"] for row in sharp if not row["unchanged"]] or [EQUAL]
    return {"pictures": len(sharp), "unchanged": sum(row["unchanged"] for row in sharp), "kept": float(np.mean(changed)), "worst": min(changed)}


def show(found, words):
    for kind, k in found["kinds"].items():
        print(f"{kind:10} {k['pictures']:3} pictures  {k['gain']:+.3f} dB [{k['low']:+.3f}, {k['high']:+.3f}]  {words} {k['worse']:.0%}  worst {k['worst']}")
    m = found["mean"]
    print(f"mean over the blurred kinds  {m['gain']:+.3f} dB [{m['low']:+.3f}, {m['high']:+.3f}]  {words} {m['worse']:.1%}")


def difference(rows, others):
    """What `summary` says of rows less others, picture by picture: much of the spread of gains is the pictures' own and falls out."""
    before = {row["name"]: row["gain"] for row in others}
    return summary([row | {"gain": row["gain"] - before[row["name"]]} for row in rows if row["gain"] is not None and row["name"] in before])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--data", default=HELDBACK)
    parser.add_argument("--every", type=int, default=1, help="of each kind, every n-th picture")
    parser.add_argument("--views", type=int, default=1)
    parser.add_argument("--json", metavar="FILE", help="write all figures, picture by picture too")
    parser.add_argument("--against", metavar="FILE", help="what --json wrote for other weights: the difference, picture by picture")
    args = parser.parse_args()
    rows = measure(args.model, args.data, args.every, args.views)
    found = summary(rows) | {"still": still(rows)}
    show(found, "made worse")
    print("sharp pictures: {unchanged} of {pictures} unchanged, the others at {kept:.1f} dB, the worst at {worst:.1f}".format(**found["still"]))
    if args.against:
        with open(args.against) as f:
            print(f"\nmore than {args.against}:")
            show(difference(rows, json.load(f)["pictures"]), "less by 0.1 dB")
    if args.json:
        with open(args.json, "w") as f:
            json.dump(found | {"pictures": rows}, f, indent=1)


if __name__ == "__main__":
    main()
