"""Trains an M that sees autocorrelations alone: the first step of a run.

python -m training.runs.kernels --pool DIR --out DIR [--seconds N]    reads the shards synthetic-* and heldback-*, writes state.pt
python -m training.runs.kernels ... --init MODEL --go-on              goes on from the M of an earlier run or of a model folder, which may be narrower

The lags of a picture are computed once and drawn many times, flipped and turned: over twenty times as many pictures a second as in train.py.
"""
import argparse
import copy
import os
import time

import numpy as np
import torch

from training.data.arrays import shards_of
from training.folders import configuration
from training.losses.losses import kernel_loss
from training.network.model import FideDiff, load_config
from training.network.weights import averaged
from training.runs.autocorrelations import Lags, grown, turned_kernels, turned_lags, validate
from training.runs.optimiser import Optimiser


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--config", default=configuration("default"))
    add("--init", help="model folder or state.pt of which U, C, F and the rest are kept")
    add("--go-on", action="store_true", help="its M is kept as well")
    add("--pool", required=True)
    add("--out", required=True)
    add("--seconds", type=float, default=1200, help="after the lags are there")
    add("--batch", type=int, default=8)
    add("--lr", type=float, default=1e-3)
    add("--average", type=float, default=0.998, help="decay of the average of the weights")
    add("--threads", type=int, default=2)
    add("--bf16", action="store_true", help="the network runs in bfloat16, the loss and the weights stay in float32")
    args = parser.parse_args()
    if args.go_on and not args.init:
        parser.error("--go-on needs --init")
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    config = load_config(args.config)
    model = FideDiff(config)
    M = model.kernel_estimator
    if args.init:
        old, anew = averaged(args.init), () if args.go_on else ("kernel_estimator.",)
        model.load_state_dict({name: born if name.startswith(anew) else grown(born, old[name]) for name, born in model.state_dict().items()})
    held, learned = (Lags(shards_of(args.pool, kind), M) for kind in ("heldback", "synthetic"))
    print(f"{len(learned)} pictures, {len(held)} held back", flush=True)
    learning = copy.deepcopy(M)     # M is its average
    optimiser = Optimiser(learning, args.lr, betas=(0.9, 0.999), weight_decay=1e-2)
    step, recent, clock = 0, [], time.time()

    def save():
        torch.save({"average": model.state_dict(), "stage": "kernel (autocorrelations)", "step": step, "seconds": time.time() - clock}, os.path.join(args.out, "state.pt"))

    os.makedirs(args.out, exist_ok=True)
    while (left := 1 - (time.time() - clock) / args.seconds) > 0:
        here, everywhere, kernels = learned.batch(torch.randint(len(learned), (args.batch,)), M.m, M.tap_spacing)
        how = int(torch.randint(8, ()))
        with torch.autocast("cpu", torch.bfloat16, enabled=args.bf16):
            logits = learning.logits_of_lags(*turned_lags(here, everywhere, how)).float()
        loss = kernel_loss(logits, turned_kernels(kernels, M.m, how), torch.ones(args.batch, dtype=torch.bool))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step(args.lr * min(1, (step + 1) / 100) * left)
        step += 1
        with torch.no_grad():
            for mean, p in zip(M.parameters(), learning.parameters()):
                mean.lerp_(p, 1 - min(args.average, step / (step + 10)))
        recent = [*recent[-499:], loss.item()]
        if step % 500 == 0:
            print(f"step {step}  seconds {time.time() - clock:.0f}  loss {np.mean(recent):.4f}  {validate(M, held)}", flush=True)
            save()
    print(f"step {step}  {validate(M, held)}", flush=True)
    save()


if __name__ == "__main__":
    main()
