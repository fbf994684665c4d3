"""Trains T on whole pictures with M as it is: the last step of a run, since T pools a picture and must know M's own mistakes.

python -m training.runs.timestep --run DIR --pool DIR [--out DIR]    reads DIR/state.pt, trains T of the averaged weights anew, writes state.pt to --out (default: DIR)
"""
import argparse
import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from scipy.optimize import isotonic_regression
from scipy.stats import spearmanr

from training.data.blur import timestep_of_frames
from training.data.arrays import read_shard, shards_of
from training.folders import configuration
from training.network.model import FideDiff, load_config, timestep_of, value_of
from training.runs.autocorrelations import turned_kernels

RATE = 5e-3
SHARP = 6                          # how often a sharp picture counts: a shard has one for three blurred ones, while two of three photographs are sharp


@torch.no_grad()
def mean_kernels(model, blurred):
    """M's kernels at each scale, averaged over each picture. blurred [N, S, S, 3] u8 -> [N, scales, m*m]"""
    kernels = torch.empty(len(blurred), model.config["scales"], model.kernel_estimator.m ** 2)
    for i, picture in enumerate(blurred):          # into one tensor: small answers kept one by one hold on to the large maps' memory
        for scale, kernel_map in enumerate(model.kernel_maps(torch.from_numpy(picture[None]).permute(0, 3, 1, 2).float() / 255)):
            kernels[i, scale] = kernel_map.mean((2, 3))[0]
    return kernels


def spread(kernels):
    """The deviation of the kernels along their longest axis, in taps of the full size, the mean over the scales: motion is long one way, while what M does
    not know is as wide as it is long. [N, scales, m*m] -> [N]"""
    m = round(kernels.shape[-1] ** 0.5)
    y, x = (c.flatten() for c in torch.meshgrid(*[torch.arange(m) - m // 2.0] * 2, indexing="ij"))
    xx, yy, xy = (kernels @ c for c in (x * x, y * y, x * y))
    deviations = ((xx + yy) / 2 + (((xx - yy) / 2) ** 2 + xy ** 2).sqrt()).sqrt()
    return (deviations * 2.0 ** torch.arange(kernels.shape[1])).mean(1)


def level_of_spread(spreads, values, weights, knots=25):
    """E[v | spread] over the pictures, never falling: a function of spreads [N]."""
    order = spreads.argsort()
    rising = isotonic_regression(values[order].double().numpy(), weights=weights[order].double().numpy()).x
    logs = np.log(spreads[order].double().numpy())
    at = np.quantile(logs, np.linspace(0, 1, knots))
    means = np.maximum.accumulate([rising[abs(logs - place) < 0.04].mean() for place in at])
    return lambda own: torch.from_numpy(np.interp(own.double().log().numpy(), at, means)).float()


def mixed(kernels):
    """Pictures of which a part moves otherwise: for half of them, a random share comes from another picture of the batch."""
    share = torch.rand(len(kernels)) * (torch.rand(len(kernels)) < 0.5)
    return torch.lerp(kernels, kernels[torch.randperm(len(kernels))], share[:, None, None])


class MeanTimestepPredictor(nn.Module):
    """T with equal weights for its 64 places, so that it judges the mean kernel.

    With weights of its own for each place it learned that every place is blurred alike, and put pictures of which one half moves below those that move a little everywhere.
    """

    def __init__(self, m, width, hidden, scales):
        super().__init__()
        self.linear, self.fc1, self.fc2 = nn.Linear(scales * m * m, width), nn.Linear(width, hidden), nn.Linear(hidden, 1)
        # Variances along so many directions at each scale, of which the longest axis is the largest.
        angles = torch.arange(width // scales) * torch.pi * scales / width
        y, x = (c.flatten() for c in torch.meshgrid(*[torch.linspace(-1, 1, m)] * 2, indexing="ij"))
        directions = (torch.outer(angles.cos(), x) + torch.outer(angles.sin(), y)) ** 2 * 80
        self.linear.weight.data = torch.block_diag(*[directions * 4 ** scale for scale in range(scales)])
        self.linear.requires_grad_(False).bias.data.zero_()

    def forward(self, kernels):
        return torch.sigmoid(self.fc2(F.relu(self.fc1(self.linear(kernels.flatten(1))))))[:, 0]

    def everywhere(self):
        """The weights of the `TimestepPredictor` that says the same."""
        own = self.state_dict()
        return own | {"fc1.weight": own["fc1.weight"].repeat_interleave(64, 1) / 64}


def expected_value(frames, extent):
    """E[v | extent] over the generator's own pictures, as a cubic in the logarithm of the extent: a function of extents [N].

    One picture shows how far things moved, and n only through that: the expectation is the same target without its noise.
    """
    powers = lambda extent: torch.stack([torch.log(extent.double() + 0.5) ** i for i in range(4)], 1)
    v = value_of(timestep_of_frames(frames).float()).clamp(0, 1).double()
    solution = torch.linalg.lstsq(powers(extent), v[:, None]).solution
    return lambda extent: (powers(extent) @ solution)[:, 0].clamp(0, 1).float()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", required=True)
    parser.add_argument("--pool", required=True)
    parser.add_argument("--out")
    parser.add_argument("--config", default=configuration("default"))
    parser.add_argument("--steps", type=int, default=20000)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    config = load_config(args.config)
    state = torch.load(os.path.join(args.run, "state.pt"), map_location="cpu", weights_only=True)
    model = FideDiff(config)
    model.load_state_dict(state["average"])
    shards = [read_shard(path) for path in shards_of(args.pool, "pictures")]
    blurred, frames, extent = (np.concatenate([s[k].reshape(-1, *s[k].shape[2:]) for s in shards]) for k in ("blur", "frames", "extent"))
    kernels, frames, extent = mean_kernels(model, blurred), torch.from_numpy(frames), torch.from_numpy(extent).float()
    target = expected_value(frames, extent)
    learned = len(kernels) * 7 // 8                                # the last photographs are held back, all points of their chains
    m, k = config["kernel_estimator"]["m"], config["timestep_predictor"]
    weights = torch.where(frames[:learned] > 1, 1, SHARP)
    level = level_of_spread(spread(kernels[:learned]), target(extent[:learned]), weights)
    T = MeanTimestepPredictor(m, k["width"], k["hidden"], config["scales"])
    optimiser = torch.optim.AdamW([p for p in T.parameters() if p.requires_grad], lr=RATE)
    for step in range(args.steps):
        rows = torch.randint(learned, (256,))
        for group in optimiser.param_groups:
            group["lr"] = RATE * (1 - step / args.steps)
        turned = turned_kernels(kernels[rows].flatten(0, 1)[..., None, None], m, int(torch.randint(8, ())))
        mean = mixed(turned.view(len(rows), *kernels.shape[1:]))
        loss = F.mse_loss(T(mean), level(spread(mean)))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if (step + 1) % 1000 == 0:
            with torch.no_grad():
                v = T(kernels[learned:])
                t = timestep_of(v)
            print(f"step {step + 1}  loss {loss.item():.4f}  held back: off its spread's level by {(v - level(spread(kernels[learned:]))).abs().max().item():.3f}, "
                  f"error {(t - timestep_of_frames(frames[learned:])).abs().mean().item():.1f}, "
                  f"rank with extent {spearmanr(t, extent[learned:]).statistic:.3f}, t {t.min().item():.0f} to {t.max().item():.0f}", flush=True)
    for which in state.keys() & {"average", "model"}:
        state[which].update({f"timestep_predictor.{n}": v for n, v in T.everywhere().items()})
    out = args.out or args.run
    os.makedirs(out, exist_ok=True)
    torch.save(state, os.path.join(out, "state.pt"))


if __name__ == "__main__":
    main()
