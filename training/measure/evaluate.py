"""Figures of a model over eval/gopro and eval/synthetic: what goes in, what comes out, and what T says about it.

evaluate.py                                  the Swift executable and the weights it ships
evaluate.py --backend torch --model DIR      the twin instead
evaluate.py --check FILE.json --min-...      gates over an earlier run's figures; without --check, over this run's

PSNR, SSIM, LPIPS (AlexNet) and DISTS by set and by blur level; mean absolute error of t where the number of frames is known; Spearman's
correlation of t with the mean extent of the blur; the re-blur certificate; and what happens to pictures that were sharp: how many come back
unchanged, and the PSNR of the others against themselves.
"""
import argparse
import csv
import glob
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import torch
from PIL import Image
from scipy.stats import spearmanr

from training.folders import DATA, EXECUTABLE
from training.measure.figures import Figures, psnr

SETS = ("gopro", "synthetic")
UNCHANGED = 100.0                  # dB where all sharp pictures come back as they are


def read(path):
    return np.asarray(Image.open(path).convert("RGB")).astype(np.float64) / 255


def pairs(folder):
    """Rows {name, blur, sharp, frames or None, extent or None}; meta.csv knows the synthetic ones, _nN in a name the others."""
    meta = {}
    if os.path.exists(os.path.join(folder, "meta.csv")):
        with open(os.path.join(folder, "meta.csv"), newline="") as f:
            meta = {row["name"]: row for row in csv.DictReader(f)}
    for blur in sorted(glob.glob(os.path.join(folder, "*_blur.png"))):
        name = os.path.basename(blur)[:-len("_blur.png")]
        row, tail = meta.get(name), name.rpartition("_n")[2]
        frames = int(row["frames"]) if row else int(tail) if "_n" in name and tail.isdigit() else None
        yield {"name": name, "blur": blur, "sharp": blur[:-len("blur.png")] + "sharp.png",
               "frames": frames, "extent": float(row["mean_extent_px"]) if row else None}


def swift_outputs(args, inputs, folder):
    """One run of the executable over all pictures; its JSON lines."""
    command = [args.fidediff, "deblur", *inputs, "-o", folder, "--json"] + (["--model", args.model] if args.model else [])
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if line.startswith("{"):
                yield json.loads(line)
    if process.returncode:
        sys.exit(f"{args.fidediff} failed with code {process.returncode}")


def outputs(args, inputs, folder):
    """Deblurs all inputs; input path -> the object `--json` prints."""
    os.makedirs(folder, exist_ok=True)
    if args.backend == "torch":
        from training.measure.twin import Twin
        lines = Twin(args.model).deblur_files(inputs, folder)
    else:
        lines = swift_outputs(args, inputs, folder)
    found = {}
    for line in lines:
        found[os.path.basename(line["input"])] = line
        if sys.stderr.isatty():
            print(f"\r{len(found)} of {len(inputs)} deblurred", end="", file=sys.stderr)
    if missing := [i for i in inputs if os.path.basename(i) not in found]:
        sys.exit(f"no output for {', '.join(missing)}")
    return found


def measure(args, figures, work):
    """One row a picture: figures of input and output, t, seconds, PSNR of the sharp picture sent through the model."""
    rows = []
    for name in args.sets:
        listed = list(pairs(os.path.join(args.data, name)))
        if not listed:
            sys.exit(f"no *_blur.png in {os.path.join(args.data, name)}; --data names the folder that holds {' and '.join(SETS)}")
        done = outputs(args, [p[kind] for p in listed for kind in ("blur", "sharp")], os.path.join(work, name))
        for p in listed:
            sharp, line, still = read(p["sharp"]), done[os.path.basename(p["blur"])], done[os.path.basename(p["sharp"])]
            rows.append({"set": name, "name": p["name"], "frames": p["frames"], "extent_px": p["extent"],
                         "input": figures(read(p["blur"]), sharp), "output": figures(read(line["output"]), sharp),
                         "timestep": line["predicted_timestep"], "seconds": line["seconds"], "unchanged": line["unchanged"],
                         "reblur_psnr": line["reblur_psnr"], "sharp_psnr": psnr(read(still["output"]), sharp),
                         "sharp_timestep": still["predicted_timestep"], "sharp_unchanged": still["unchanged"]})
            if sys.stderr.isatty():
                print(f"\r{len(rows)} measured          ", end="\r", file=sys.stderr)
    return rows


def mean_figures(rows):
    average = lambda side: {n: float(np.mean([r[side][n] for r in rows])) for n in rows[0][side]}
    found = {"pairs": len(rows), "input": average("input"), "output": average("output")}
    return found | {"gain_db": found["output"]["psnr"] - found["input"]["psnr"]}


def summary(rows):
    sets = {}
    for name in dict.fromkeys(r["set"] for r in rows):
        own = [r for r in rows if r["set"] == name]
        levels = sorted({r["frames"] for r in own}, key=lambda n: n or 99)
        sharp = [r["sharp_psnr"] for r in own if not r["sharp_unchanged"]] or [UNCHANGED]
        sets[name] = mean_figures(own) | {
            "levels": {str(n or "unknown"): mean_figures([r for r in own if r["frames"] == n]) for n in levels},
            "sharp": {"unchanged": sum(r["sharp_unchanged"] for r in own), "mean_psnr": float(np.mean(sharp)), "worst_psnr": min(sharp)},
            "reblur": {"mean_psnr": float(np.mean([r["reblur_psnr"] for r in own])), "worst_psnr": min(r["reblur_psnr"] for r in own)},
            "seconds": float(np.mean([r["seconds"] for r in own]))}
    known = [r for r in rows if r["frames"]]
    error = float(np.mean([abs(r["timestep"] - (r["frames"] - 1) * 20) for r in known])) if known else None
    extents = [(r["timestep"], r["extent_px"]) for r in rows if r["extent_px"] is not None]
    return {"sets": sets, "timestep": {"pairs": len(known), "mean_absolute_error": error, "rank_correlation": rank_correlation(extents)}}


def rank_correlation(extents):
    """Spearman's; None for a constant prediction, which has no rank."""
    if len({t for t, _ in extents}) < 2:
        return None
    return float(spearmanr(*zip(*extents)).statistic)


def show(found):
    figure = lambda f: " / ".join(f"{v:.2f}" if n == "psnr" else f"{v:.4f}" for n, v in f.items())
    for name, s in found["sets"].items():
        print(f"\n| eval/{name} | pairs | input {' / '.join(n.upper() for n in s['input'])} | output | gain dB |\n|---|---|---|---|---|")
        for label, row in [("all", s)] + [(f"{n} frames" if n != "unknown" else "unknown", r) for n, r in s["levels"].items()]:
            print(f"| {label} | {row['pairs']} | {figure(row['input'])} | {figure(row['output'])} | {row['gain_db']:+.2f} |")
        print(f"of {s['pairs']} sharp pictures {s['sharp']['unchanged']} come back unchanged, the others at {s['sharp']['mean_psnr']:.2f} dB, the worst at "
              f"{s['sharp']['worst_psnr']:.2f} dB; re-blur certificate {s['reblur']['mean_psnr']:.1f} dB, the lowest {s['reblur']['worst_psnr']:.1f}; "
              f"{s['seconds']:.2f} s a picture")
    t = found["timestep"]
    if t["pairs"]:
        print(f"\nT: mean absolute error {t['mean_absolute_error']:.1f} over {t['pairs']} pictures of known t", end="")
        rank = t["rank_correlation"]
        print("" if rank is None else f"; rank correlation with the blur's extent {rank:.3f}")


def lpips_gain(found, name):
    """How much less than the input's; None where it was not measured."""
    side = lambda s: found["sets"].get(name, {}).get(s, {}).get("lpips")
    return None if side("output") is None else side("input") - side("output")


GATES = {"min-synthetic-gain": lambda f: f["sets"].get("synthetic", {}).get("gain_db"),
         "min-gopro-gain": lambda f: f["sets"].get("gopro", {}).get("gain_db"),
         "min-synthetic-lpips-gain": lambda f: lpips_gain(f, "synthetic"),
         "min-gopro-lpips-gain": lambda f: lpips_gain(f, "gopro"),
         "min-rank": lambda f: f["timestep"]["rank_correlation"],
         "min-sharp-unchanged": lambda f: sum(s["sharp"]["unchanged"] for s in f["sets"].values()),
         "min-sharp-worst": lambda f: min(s["sharp"]["worst_psnr"] for s in f["sets"].values())}


def failed_gates(found, args):
    failed = False
    for gate, value in GATES.items():
        least = getattr(args, gate.replace("-", "_"))
        if least is not None:
            measured = value(found)
            passed = measured is not None and measured >= least
            failed |= not passed
            print(f"{'passed' if passed else 'FAILED'}: --{gate} {least}, measured {'nothing' if measured is None else f'{measured:.3f}'}")
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.path.join(DATA, "eval"))
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    parser.add_argument("--backend", choices=("swift", "torch"), default="swift")
    parser.add_argument("--fidediff", default=EXECUTABLE)
    parser.add_argument("--model", help="model folder; the executable's own default if not given")
    parser.add_argument("--without", nargs="+", choices=Figures.PERCEPTUAL, default=(), help="figures to leave out")
    parser.add_argument("--outputs", help="keep the deblurred pictures in this folder")
    parser.add_argument("--json", metavar="FILE", help="write all figures, picture by picture too")
    parser.add_argument("--check", metavar="FILE", help="read the figures from here instead of running")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    for gate in GATES:
        parser.add_argument("--" + gate, type=float, metavar="X")
    args = parser.parse_args()
    if args.backend == "torch" and not args.model and not args.check:
        parser.error("--backend torch needs --model DIR")
    torch.set_num_threads(args.threads)
    if args.check:
        with open(args.check) as f:
            found = json.load(f)
    else:
        with tempfile.TemporaryDirectory() as work:
            rows = measure(args, Figures(args.without), args.outputs or work)
        found = summary(rows) | {"backend": args.backend, "pictures": rows}
    show(found)
    if args.json:
        with open(args.json, "w") as f:
            json.dump(found, f, indent=1)
            f.write("\n")
    sys.exit(failed_gates(found, args))


if __name__ == "__main__":
    main()
