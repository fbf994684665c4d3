"""Writes a model folder from a run: config.json, f16 safetensors and CARD.md.

export.py RUN... --out weights/default [--metrics FILE.json]
RUN are the run folders in the order they were trained; the last one's averaged weights are exported. --metrics is what evaluate.py --json wrote.
"""
import argparse
import hashlib
import json
import os
import platform
import subprocess

import torch

from training.network.model import PARTS, FideDiff, load_config

CARD = """# Default weights

Trained from scratch by this repository's `training/`; no pretrained weights went into them.

| | |
|---|---|
| parts | {parts} |
| parameters | {parameters:,} in f16 |
| stages | {stages} |
| hardware | {hardware} |
| data | {data} |
| SHA-256 of the files | `{digest}` |

## Data and licences

656 sharp photographs (CC BY-SA 4.0, CC0, Unsplash, MIT, BSD, Apache, "free to use"; every origin is listed in the data set's SOURCES.csv), blurred by `training/data/blur.py`;
GoPro training sequences of Nah et al., CVPR 2017 (CC BY 4.0): 240-fps frames averaged as in the paper's supplement D, and pairs as published.
Pictures of the evaluation folders and of GoPro's test sequences were not used.

## Measured

{metrics}

## Limits

The weights are small and were trained on two CPU cores: they take away a part of the blur and keep the picture honest rather than inventing detail.
Blur longer than about 40 pixels, defocus and compression artefacts are outside what they learned. The blur level t is the equivalent number of frames
at 240 per second, n = t/20 + 1, as far as one picture can tell: a fast shake of 5 frames and a slow one of 15 can leave the same trace.
"""


def digest(folder, files):
    h = hashlib.sha256()
    for name in sorted(files):
        with open(os.path.join(folder, name), "rb") as f:
            h.update(f.read())
    return h.hexdigest()


def processor():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} cores of {model}"


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
    parser.add_argument("--data", default="656 photographs with synthetic trajectories, GoPro frames and pairs")
    args = parser.parse_args()
    states = [torch.load(os.path.join(r, "state.pt"), map_location="cpu", weights_only=True) for r in args.runs]
    config = load_config(args.runs[-1])
    model = FideDiff(config)
    model.load_state_dict(states[-1]["average"])
    model.save(args.out, torch.float16)
    metrics = json.load(open(args.metrics)) if args.metrics else None
    with open(os.path.join(args.out, "CARD.md"), "w") as f:
        f.write(CARD.format(
            parts=", ".join(f"{p} {sum(v.numel() for v in model.part_tensors(p).values()):,}" for p in PARTS),
            parameters=sum(v.numel() for p in PARTS for v in model.part_tensors(p).values()),
            stages="; ".join(f"{s['stage']} {s['step']:,} steps in {s['seconds']:,.0f} s" for s in states),
            hardware=args.hardware, data=args.data, digest=digest(args.out, ["config.json", *config["files"].values()]),
            metrics=metric_table(metrics)))
    print(subprocess.run(["ls", "-l", args.out], capture_output=True, text=True).stdout)


if __name__ == "__main__":
    main()
