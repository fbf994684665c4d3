"""Trains T on whole pictures with M as it is: the last step of a run, since T pools a picture and must know M's own mistakes.

train_timestep.py --run DIR --pool DIR [--out DIR]    reads DIR/state.pt, trains T of the averaged weights anew, writes state.pt to --out (default: DIR)
"""
import argparse
import glob
import os

import numpy as np
import torch
import torch.nn.functional as F
from scipy.stats import spearmanr

from blur import timestep_of_frames
from model import FideDiff, TimestepPredictor, load_config, timestep_of, value_of

RATE = 2e-4        # at 1e-3 all ReLUs of T's second layer died


@torch.no_grad()
def pooled_maps(model, blurred):
    """M's kernel map pooled as T pools it. blurred [N, S, S, 3] u8 -> [N, m*m, 8, 8]"""
    maps = torch.empty(len(blurred), model.kernel_estimator.m ** 2, 8, 8)
    for i, picture in enumerate(blurred):          # into one tensor: small answers kept one by one hold on to the large maps' memory
        maps[i] = F.adaptive_avg_pool2d(model.kernel_estimator(torch.from_numpy(picture[None]).permute(0, 3, 1, 2).float() / 255), 8)[0]
    return maps


def turned(maps, m, how):
    """One of the eight ways to flip and turn the pictures that the maps came from."""
    x = maps.view(len(maps), m, m, 8, 8)
    if how & 1:
        x = x.flip(1, 3)
    if how & 2:
        x = x.flip(2, 4)
    if how & 4:
        x = x.transpose(1, 2).transpose(3, 4)
    return x.reshape(maps.shape)


def expected_value(frames, extent):
    """E[v | extent] over the generator's own pictures, as a cubic in the logarithm of the extent. [N]

    One picture shows how far things moved, and n only through that: the expectation is the same target without its noise.
    """
    v = value_of(timestep_of_frames(frames).float()).clamp(0, 1).double()
    x = torch.log(torch.from_numpy(extent).double() + 0.5)
    powers = torch.stack([x ** i for i in range(4)], 1)
    return (powers @ torch.linalg.lstsq(powers, v[:, None]).solution)[:, 0].clamp(0, 1).float()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", required=True)
    parser.add_argument("--pool", required=True)
    parser.add_argument("--out")
    parser.add_argument("--config", default=os.path.join(os.path.dirname(__file__), "config", "default.json"))
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    config = load_config(args.config)
    state = torch.load(os.path.join(args.run, "state.pt"), map_location="cpu", weights_only=True)
    model = FideDiff(config)
    model.load_state_dict(state["average"])
    shards = [np.load(path) for path in sorted(glob.glob(os.path.join(args.pool, "pictures-*.npz")))]
    blurred, frames, extent = (np.concatenate([s[k].reshape(-1, *s[k].shape[2:]) for s in shards]) for k in ("blur", "frames", "extent"))
    maps, frames = pooled_maps(model, blurred), torch.from_numpy(frames)
    target = expected_value(frames, extent)
    held = len(maps) // 8                                          # the last photographs, all points of their chains
    m, k = config["kernel_estimator"]["m"], config["timestep_predictor"]
    model.timestep_predictor = T = TimestepPredictor(m, k["width"], k["hidden"])
    optimiser = torch.optim.AdamW(T.parameters(), lr=RATE, weight_decay=0.1)
    for step in range(args.steps):
        rows = torch.randint(len(maps) - held, (64,))
        for group in optimiser.param_groups:
            group["lr"] = RATE * (1 - step / args.steps)
        loss = F.mse_loss(T(turned(maps[rows], m, int(torch.randint(8, ())))), target[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if (step + 1) % 250 == 0:
            with torch.no_grad():
                v = T(maps[-held:])
                t = timestep_of(v)
            print(f"step {step + 1}  loss {loss.item():.4f}  held back: loss {F.mse_loss(v, target[-held:]).item():.4f}, "
                  f"error {(t - timestep_of_frames(frames[-held:])).abs().mean().item():.1f}, "
                  f"rank with extent {spearmanr(t, extent[-held:]).statistic:.3f}, t {t.min().item():.0f} to {t.max().item():.0f}", flush=True)
    for which in ("average", "model"):
        state[which].update({f"timestep_predictor.{n}": v for n, v in T.state_dict().items()})
    out = args.out or args.run
    os.makedirs(out, exist_ok=True)
    torch.save(state, os.path.join(out, "state.pt"))


if __name__ == "__main__":
    main()
