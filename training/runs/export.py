"""Writes a model folder from a run: config.json, f16 safetensors, provenance.json, ATTRIBUTION.csv and CARD.md.

python -m training.runs.export RUN... --out FOLDER [--before weights/default [--share S]] [--metrics FILE.json]
RUN are the run folders in the order they were trained; the last one's averaged weights are exported. --before is the model folder that the first run began
from: its stages and the photographs it learned from come before these, and with --share the weights lie only S of the way from its own. --metrics is what
evaluate --json wrote. The card's section "Limits" is written by people who have looked: where FOLDER has a card, it is kept.
"""
import argparse
import csv
import json
import os
import subprocess

import torch

from training.data.listing import ATTRIBUTED, attribution
from training.machine import processor
from training.network.digest import digest
from training.network.model import PARTS, FideDiff, load_config
from training.network.weights import averaged, mixed

CARD = """# Default weights

Trained from scratch by this repository's `training/`; no pretrained weights went into them.

| | |
|---|---|
| licence | [CC BY-SA 4.0](LICENSE) |
| parts | {parts} |
| parameters | {parameters:,} in f16 |
| stages | {steps:,} steps in {count} runs: [provenance.json](provenance.json) |
| hardware | {hardware} |
| data | {data} |
| SHA-256 of the files | `{digest}` |

## Data and licences

- {photographs} sharp photographs, blurred by `training/data/blur.py` and, of late, by kind of blur (`training/data/scenes.py`): [ATTRIBUTION.csv](ATTRIBUTION.csv) has file, origin, author and licence of each.
  Of {unstated} (AliceVision, openMVG, Depth Anything V2) the photographs' own licence is not stated: these weights learned from them, training pictures that are made from now on leave them out.
- GoPro training sequences of Seungjun Nah, Tae Hyun Kim, Kyoung Mu Lee: "Deep Multi-scale Convolutional Neural Network for Dynamic Scene Deblurring", CVPR 2017 (CC BY 4.0): frames averaged as in the paper's
  supplement D, and pairs as published.
- No picture of the evaluation folders, nor of GoPro's test sequences.

## Measured

{metrics}

Read LPIPS with care: it is measured with AlexNet, which the weights learned with too. Nothing that DISTS is made of was learned from.

{limits}"""

NO_LIMITS = """## Limits

Not looked at yet: make the sheet of `training/measure/limits.py`, look at photographs by real cameras, and write here what is not to be trusted.
"""


def limits_of(card):
    """The section "Limits" of a card, to its end; NO_LIMITS where there is none."""
    if not os.path.exists(card):
        return NO_LIMITS
    with open(card) as f:
        _, heading, rest = f.read().partition("## Limits\n")
    return heading + rest or NO_LIMITS


def earlier(folder):
    """The stages and the photographs of a model folder; none of None."""
    if folder is None:
        return [], []
    with open(os.path.join(folder, "provenance.json")) as f:
        stages = json.load(f)["stages"]
    with open(os.path.join(folder, "ATTRIBUTION.csv"), newline="") as f:
        return stages, list(csv.DictReader(f))


def metric_table(metrics):
    if not metrics:
        return "Run `make evaluate`."
    rows = ["| set | | PSNR | SSIM | LPIPS | DISTS |", "|---|---|---|---|---|---|"]
    for name, figures in metrics["sets"].items():
        for side in ("input", "output"):
            f = figures[side]
            rows.append(f"| {name} | {side} | " + " | ".join(f"{f[k]:.{d}f}" if f.get(k) is not None else "-" for k, d in
                                                              (("psnr", 2), ("ssim", 4), ("lpips", 4), ("dists", 4))) + " |")
    return "\n".join(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--out", required=True)
    parser.add_argument("--metrics")
    parser.add_argument("--config", help="instead of the last run's, whose bounds of what is sharp may be older")
    parser.add_argument("--hardware", default=processor())
    parser.add_argument("--before", metavar="FOLDER", help="the weights that the first run began from")
    parser.add_argument("--share", type=float, default=1.0, metavar="S", help="how far from those weights to the last run's, 0 to 1")
    args = parser.parse_args()
    if not 0 < args.share <= 1 or args.share < 1 and not args.before:
        parser.error(f"--share {args.share}: above 0 and at most 1, and below 1 only with --before, the weights on whose way it lies")
    states = [torch.load(os.path.join(r, "state.pt"), map_location="cpu", weights_only=True) for r in args.runs]
    model = FideDiff(load_config(args.config or args.runs[-1]))
    learned = states[-1]["average"]
    model.load_state_dict(mixed(averaged(args.before), learned, args.share) if args.share < 1 else learned)
    stages, before = earlier(args.before)
    model.save(args.out, torch.float16)
    metrics = json.load(open(args.metrics)) if args.metrics else None
    stages += [{"stage": s["stage"], "steps": int(s["step"]), "seconds": round(float(s["seconds"])), "note": ""} for s in states]
    if args.share < 1:
        stages[-1]["note"] = f"{args.share:g} of the way from the weights before"
    photographs = attribution(before)
    with open(os.path.join(args.out, "ATTRIBUTION.csv"), "w", newline="") as f:
        writer = csv.DictWriter(f, ATTRIBUTED, lineterminator="\n")
        writer.writeheader()
        writer.writerows(photographs)
    own = [row for row in photographs if not row["set"].startswith("gopro")]
    data = f"{len(own)} photographs with synthetic trajectories, GoPro frames and pairs"
    with open(os.path.join(args.out, "provenance.json"), "w") as f:
        json.dump({"hardware": args.hardware, "data": data, "stages": stages}, f, indent=1, ensure_ascii=False)
        f.write("\n")
    card = os.path.join(args.out, "CARD.md")
    limits = limits_of(card)
    with open(card, "w") as f:
        f.write(CARD.format(
            parts=", ".join(f"{p} {sum(v.numel() for v in model.part_tensors(p).values()):,}" for p in PARTS),
            parameters=sum(v.numel() for p in PARTS for v in model.part_tensors(p).values()),
            steps=sum(stage["steps"] for stage in stages), count=len(stages), limits=limits,
            hardware=args.hardware, data=data, digest=digest(args.out),
            metrics=metric_table(metrics), photographs=len(own), unstated=sum(row["licence"].startswith("not stated") for row in own)))
    print(subprocess.run(["ls", "-l", args.out], capture_output=True, text=True).stdout)


if __name__ == "__main__":
    main()
