"""One change at a time: short runs from the same weights, with the same patches, steps and seed, that differ in one thing.

python -m training.studies.ablate --pool POOL --init weights/default --steps 400 none no-control no-t ...      a line of JSON each
"""
import argparse
import copy
import json
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from training.data.blur import timestep_of_frames
from training.data.arrays import POINTS
from training.data.pool_reader import Pool
from training.losses.discriminator import Discriminator, discriminator_loss, generator_loss
from training.losses.perceptual import EALPIPS, LPIPS
from training.network.light import GAMMA
from training.network.model import FideDiff, kernel_stride, load_config, rounded_timestep
from training.runs.optimiser import Optimiser
from training.data.batch import middle
from training.losses.losses import LAMBDA_GAN, LAMBDA_LPIPS, psnr
from training.runs.run import PARTS, SHARES, UNKNOWN_T, uncertain

CHANGES = {
    "none": "nothing",
    "no-control": "U alone, without F and C",
    "no-attention": "no transformer block in U and C",
    "no-t": "every picture at one timestep, 120",
    "no-chains": "each trajectory at one level of blur only, so that no two t lead to the same sharp picture",
    "true-kernels": "the true kernels in the place of M's",
    "physics": "F also gets the picture deconvolved with M's kernels",
    "physics-true": "the same with the true kernels, which F gets as well",
    "lpips": "EA-LPIPS added to L1",
    "lpips-tenth": "a tenth of it added",
    "gan": "the discriminator's loss added to L1",
}
WINDOW, NOISE = 64, (0.01, 0.1, 0.3)
PATCH, CONTEXT = 128, 64           # what U sees, and how much further M sees on each side


class Nothing(nn.Module):
    """In the place of a transformer."""

    def forward(self, x, *args, **kwargs):
        return (x,)


def wiener(seen, kernels, spacing, stride):
    """Deconvolved in linear light in overlapping windows, each with the mean of its kernels, at three noise levels. [B, 9, H, W]"""
    b, _, h, w = seen.shape
    m, step = round(kernels.shape[1] ** 0.5), WINDOW // 2
    light = F.pad(seen ** GAMMA, [step] * 4, mode="reflect")
    own = F.avg_pool2d(F.pad(kernels, [step // stride] * 4, mode="replicate"), WINDOW // stride, step // stride)
    rows, columns = own.shape[-2:]
    n = rows * columns
    taps = torch.zeros(b * n, 1, WINDOW, WINDOW)
    at = (torch.arange(m) - m // 2) * spacing % WINDOW
    taps[:, 0, at[:, None], at] = own.flatten(2).transpose(1, 2).reshape(b * n, m, m)
    tent = 1 - torch.arange(1.0 - spacing, spacing).abs() / spacing
    taps = F.conv2d(F.pad(taps, [spacing - 1] * 4, mode="circular"), (tent[:, None] * tent)[None, None])
    k = torch.fft.rfft2(taps / taps.sum((2, 3), keepdim=True))     # of a correlation, as in reblur.py: the blur's transform is its conjugate
    hann = torch.hann_window(WINDOW, periodic=True)
    window = (hann[:, None] * hann).flatten()
    patches = F.unfold(light, WINDOW, stride=step).view(b, 3, -1, n).permute(0, 3, 1, 2).reshape(b * n, 3, WINDOW, WINDOW)
    found = []
    for noise in NOISE:
        sharp = torch.fft.irfft2(torch.fft.rfft2(patches) * k / (k.abs() ** 2 + noise), s=(WINDOW, WINDOW)) * (1 + noise)
        sharp = (sharp.view(b, n, 3, -1) * window).permute(0, 2, 3, 1).reshape(b, -1, n)
        found.append(F.fold(sharp, (h + WINDOW, w + WINDOW), WINDOW, stride=step)[..., step:-step, step:-step])
    return torch.cat(found, 1).clamp(1e-4, 1) ** (1 / GAMMA)


class Run:
    def __init__(self, change, config, folder):
        self.change, self.config, self.true_kernels = change, config, "true" in change
        self.model = FideDiff(config).load(folder)
        if change == "no-attention":
            for part in (self.model.unet, self.model.controlnet):
                for block in [*part.down_blocks, part.mid_block, *getattr(part, "up_blocks", [])]:
                    if getattr(block, "attentions", None):
                        block.attentions = nn.ModuleList(Nothing() for _ in block.attentions)
        if change.startswith("physics"):
            channels = config["unet"]["block_out_channels"][0]
            self.model.filter.deconvolved = nn.Conv2d(9 * config["vae"]["factor"] ** 2, channels, 3, padding=1)
            nn.init.zeros_(self.model.filter.deconvolved.weight), nn.init.zeros_(self.model.filter.deconvolved.bias)
        self.model.requires_grad_(False)
        parts = [p for p in PARTS["control"] + PARTS["foundation"] if p not in PARTS["kernel"]]
        for name, p in self.model.named_parameters():
            p.requires_grad_(name.split(".")[0] in parts)

    @torch.no_grad()
    def judged(self, sharp, seen, true):
        """The patches in the middle of what M sees, the kernels to use and T's timestep; M and T stay as they are."""
        maps, stride = self.model.kernel_maps(seen), kernel_stride(self.config["kernel_estimator"])
        kernels, t = maps[0], rounded_timestep(self.model.timestep_predictor(maps))
        return middle(sharp, CONTEXT), middle(seen, CONTEXT), middle(true if self.true_kernels else kernels, CONTEXT, stride), t

    def restored(self, model, seen, kernels, t, record=None):
        if self.change == "no-t":
            t = torch.full_like(t, 120)
        hook = None
        if self.change.startswith("physics"):
            k = self.config["kernel_estimator"]
            picture = F.pixel_unshuffle(wiener(seen, kernels, k["tap_spacing"], kernel_stride(k)) * 2 - 1, self.config["vae"]["factor"])
            hook = model.filter.register_forward_hook(lambda own, _, out: out + own.deconvolved(picture))
        out = model(seen, t=t, kernels=kernels, control=self.change != "no-control", record=record)
        if hook:
            hook.remove()
        return out


def mixed_timestep(predicted, frames):
    """As run.py has it with --predicted-t 0.5."""
    t = uncertain(torch.where(frames > 0, timestep_of_frames(frames), UNKNOWN_T))
    return torch.where((frames == 0) | (torch.rand(len(frames)) < 0.5), predicted, t)


@torch.no_grad()
def figures(run, model, held, lpips):
    gain, distance = [], []
    for sharp, seen, _, true, _ in held:
        sharp, seen, kernels, t = run.judged(sharp, seen, true)
        out = run.restored(model, seen, kernels, t).clamp(0, 1)
        blurred = psnr(seen, sharp) < 38
        gain.append((psnr(out, sharp) - psnr(seen, sharp))[blurred])
        distance.append(lpips(out, sharp).flatten()[blurred])
    return {"gain_db": round(torch.cat(gain).mean().item(), 3), "lpips": round(torch.cat(distance).mean().item(), 4)}


def train(change, args, config, pool, held):
    torch.manual_seed(0)
    run, k = Run(change, config, args.init), config["kernel_estimator"]
    model = run.model
    average = copy.deepcopy(model)
    pool.rng = np.random.default_rng(0)
    pool.point = (lambda chain, rng: chain % POINTS) if change == "no-chains" else Pool.point
    optimiser, lpips = Optimiser(model, args.lr), LPIPS()
    trained = [p for p in model.parameters() if p.requires_grad]
    perceptual = EALPIPS().requires_grad_(False) if "lpips" in change else None
    weight = LAMBDA_LPIPS / (10 if "tenth" in change else 1)
    if change == "gan":
        critic = Discriminator(model.unet)
        judge = torch.optim.AdamW(critic.parameters(), lr=args.lr / 2, betas=(0.5, 0.99))
    begun, seconds = figures(run, model, held, lpips), 0.0
    for step in range(args.steps):
        sharp, seen, frames, true, known = pool.batch(8, PATCH + 2 * CONTEXT, k, with_kernels=run.true_kernels)
        if run.true_kernels:
            sharp, seen, frames, true = (x[known] for x in (sharp, seen, frames, true))
        start, record = time.process_time(), {}
        sharp, seen, kernels, t = run.judged(sharp, seen, true)
        out = run.restored(model, seen, kernels, mixed_timestep(t, frames), record)
        loss = F.l1_loss(out, sharp)
        if perceptual:
            loss = loss + weight * perceptual(out.clamp(0, 1), sharp).mean()
        if change == "gan":
            loss = loss + LAMBDA_GAN * generator_loss(critic, record["latent_clean"])
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        left = torch.tensor((1 - step / args.steps) * torch.pi)
        optimiser.step(args.lr * min(1.0, (step + 1) / 20) * (0.02 + 0.49 * (1 - torch.cos(left).item())))
        if change == "gan":
            judged = discriminator_loss(critic, model.encode(sharp).detach(), record["latent_clean"].detach())
            judge.zero_grad(set_to_none=True)
            judged.backward()
            judge.step()
        with torch.no_grad():
            for a, p in zip(average.parameters(), model.parameters()):
                a.lerp_(p, 1 - args.average)
        seconds += time.process_time() - start
    ended = figures(run, average, held, lpips)
    return {"change": change, "what": CHANGES[change], "steps": args.steps, "seconds": round(seconds), "before": begun, "after": ended}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("changes", nargs="+", choices=CHANGES)
    parser.add_argument("--pool", required=True)
    parser.add_argument("--init", required=True, help="model folder")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--lr", type=float, default=5e-4)
    parser.add_argument("--average", type=float, default=0.98)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    config = load_config(args.init)
    k = config["kernel_estimator"]
    pool = Pool(args.pool, SHARES["control"])
    held = Pool(args.pool, {"heldback": 1}, seed=1, plain=True)
    held = [held.batch(16, PATCH + 2 * CONTEXT, k) for _ in range(6)]
    for change in args.changes:
        print(json.dumps(train(change, args, config, pool, held)), flush=True)
