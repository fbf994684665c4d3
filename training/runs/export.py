"""Writes a model folder from a run: config.json, f16 safetensors, provenance.json and CARD.md.

python -m training.runs.export RUN... --out weights/default [--provenance weights/default/provenance.json] [--metrics FILE.json]
RUN are the run folders in the order they were trained; the last one's averaged weights are exported. --provenance is that of the weights that the first
run began from: its stages come before these. --metrics is what evaluate.py --json wrote. The card's section "Limits" is written by people who have looked:
where OUT has a card, it is kept.
"""
import argparse
import json
import os
import subprocess

import torch

from training.machine import processor
from training.network.digest import digest
from training.network.model import PARTS, FideDiff, load_config

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

- 721 sharp photographs, blurred by `training/data/blur.py` and, of late, by kind of blur (`training/data/scenes.py`): [ATTRIBUTION.csv](ATTRIBUTION.csv) has file, origin, author and licence of each. Of 51
  (AliceVision, openMVG, Depth Anything V2) the photographs' own licence is not stated: these weights learned from them, training pictures that are made from now on leave them out.
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


def earlier_stages(path):
    if path is None:
        return []
    with open(path) as f:
        return json.load(f)["stages"]


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
    parser.add_argument("--hardware", default=processor())
    parser.add_argument("--provenance", help="provenance.json of the weights that the first run began from")
    parser.add_argument("--data", default="721 photographs with synthetic trajectories, GoPro frames and pairs")
    args = parser.parse_args()
    states = [torch.load(os.path.join(r, "state.pt"), map_location="cpu", weights_only=True) for r in args.runs]
    config = load_config(args.runs[-1])
    model = FideDiff(config)
    model.load_state_dict(states[-1]["average"])
    model.save(args.out, torch.float16)
    metrics = json.load(open(args.metrics)) if args.metrics else None
    stages = earlier_stages(args.provenance) + [
        {"stage": s["stage"], "steps": int(s["step"]), "seconds": round(float(s["seconds"])), "note": ""} for s in states]
    with open(os.path.join(args.out, "provenance.json"), "w") as f:
        json.dump({"hardware": args.hardware, "data": args.data, "stages": stages}, f, indent=1, ensure_ascii=False)
        f.write("\n")
    card = os.path.join(args.out, "CARD.md")
    limits = limits_of(card)
    with open(card, "w") as f:
        f.write(CARD.format(
            parts=", ".join(f"{p} {sum(v.numel() for v in model.part_tensors(p).values()):,}" for p in PARTS),
            parameters=sum(v.numel() for p in PARTS for v in model.part_tensors(p).values()),
            steps=sum(stage["steps"] for stage in stages), count=len(stages), limits=limits,
            hardware=args.hardware, data=args.data, digest=digest(args.out),
            metrics=metric_table(metrics)))
    print(subprocess.run(["ls", "-l", args.out], capture_output=True, text=True).stdout)


if __name__ == "__main__":
    main()
