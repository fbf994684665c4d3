"""Minutes of one large GPU, made the most of: a probe of batch and rate, then a run that ends with its time. training/gpu.sh calls it.

python -m training.runs.gpu --data .pack --out RUN --seconds N [--device cuda] [--config FILE] [--init MODEL]

The batch is the one that learns from most pictures a second. The rate is the highest whose loss, after a few steps from the same start, is within MARGIN of the
lowest: a short probe favours small steps, a long run large ones. What the probe takes comes off the run's time.
"""
import argparse
import math
import sys
import tempfile
import time

import torch

from training.folders import WEIGHTS, configuration
from training.runs.options import arguments
from training.runs.run import NotFinite, Run

BATCHES, RATES = (64, 128, 256), (4e-4, 8e-4, 1.6e-3)
MARGIN = 0.01                      # of the loss, a tenth of a logarithm of the squared error: 0.4 dB
PROBED = 3                         # steps that a batch is timed over
STEPS = 40                         # of a rate's probe
SAVE_SECONDS = 20                  # that stay for the last checkpoint


def options(args, out, batch, rate, *more):
    given = ["--stage", "control", "--freeze-kernels", "--data", args.data, "--out", out, "--config", args.config, "--device", args.device, "--batch", str(batch), "--patch", str(args.patch),
             "--context", str(args.context), "--lr", str(rate), "--predicted-t", "0.5", "--warmup", "20", "--seed", str(args.seed), *more]
    return arguments(given + (["--init", args.init] if args.init else []) + (["--bf16"] if args.device == "cuda" else []))


def wait(device):
    if device == "cuda":
        torch.cuda.synchronize()


def pictures_a_second(args, batch):
    """0 where the batch is too large for the memory."""
    with tempfile.TemporaryDirectory() as out:
        try:
            run = Run(options(args, out, batch, RATES[0], "--rate", "constant"))
            run.step()
            wait(args.device)
            begun = time.perf_counter()
            for _ in range(PROBED):
                run.step()
            wait(args.device)
            return batch * PROBED / (time.perf_counter() - begun)
        except torch.OutOfMemoryError:
            return 0.0


def loss_at(args, batch, rate):
    """The mean loss over the last half of a few steps, infinite where a step's is not finite."""
    with tempfile.TemporaryDirectory() as out:
        run, losses = Run(options(args, out, batch, rate, "--rate", "constant")), []
        try:
            for _ in range(args.probe_steps):
                losses.append(run.step()["psnr"].item())
        except NotFinite:
            return math.inf
        return sum(losses[len(losses) // 2:]) / (len(losses) - len(losses) // 2)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--data", required=True)
    add("--out", required=True)
    add("--seconds", type=float, required=True, help="for everything, the probe and the last checkpoint too")
    add("--device", default="cuda")
    add("--config", default=configuration("default"))
    add("--init", default=WEIGHTS, help="model folder; nothing for weights from scratch")
    add("--batches", type=int, nargs="+", default=BATCHES)
    add("--rates", type=float, nargs="+", default=RATES)
    add("--probe-steps", type=int, default=STEPS)
    add("--patch", type=int, default=192)
    add("--context", type=int, default=64)
    add("--seed", type=int, default=0)
    add("--export-every", type=float, default=60)
    args = parser.parse_args()
    begun = time.time()
    speeds = {batch: pictures_a_second(args, batch) for batch in args.batches}
    print("pictures a second by batch: " + ", ".join(f"{b}: {s:.0f}" for b, s in speeds.items()), flush=True)
    batch = max(speeds, key=speeds.get)
    if not speeds[batch]:
        sys.exit(f"none of the batches {args.batches} fits into the memory: give smaller --batches")
    losses = {rate: loss_at(args, batch, rate) for rate in args.rates} if len(args.rates) > 1 else {args.rates[0]: 0.0}
    print(f"loss after {args.probe_steps} steps by rate: " + ", ".join(f"{r:g}: {v:.4f}" for r, v in losses.items()), flush=True)
    rate = max(r for r, v in losses.items() if v <= min(losses.values()) + MARGIN)
    left = args.seconds - (time.time() - begun) - SAVE_SECONDS
    if left <= 0:
        sys.exit(f"the probe took {time.time() - begun:.0f} of {args.seconds:.0f} s: nothing is left to train in; give more --seconds, fewer --batches or --rates")
    print(f"{left:.0f} seconds with batches of {batch} at {rate:g}", flush=True)
    Run(options(args, args.out, batch, rate, "--rate", "cosine", "--seconds", str(left), "--export-every", str(args.export_every), "--save-every", "1000000", "--log-every", "20")).train()


if __name__ == "__main__":
    main()
