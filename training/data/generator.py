"""Makes training batches where the network trains: crops of sharp photographs, blurred on the device, never the same twice.

The same batches as `pool.Pool` gives: on two CPU cores the pool, made once, is cheaper; on a GPU this is.
"""
import glob
import os

import numpy as np
import torch
import torch.nn.functional as F

from training.data import blur as B
from training.data import camera
from training.data.pool import frames_of, photographs, read_pixels
from training.network.model import kernel_stride

# What happens to how many of the synthetic pictures. `region`: a part moves on its own and hides what is behind it; `depth`: parallax; `still`: nothing moves.
EFFECTS = {"region": 0.5, "depth": 0.3, "still": 1 / 18} | camera.EFFECTS | {"jpeg": 0.5}


class Generator:
    """Pictures blurred by random trajectories, averages of consecutive real frames, and real pairs."""

    def __init__(self, photographs, sequences, pairs, device, shares, seed=0, effects=EFFECTS):
        """photographs: list of [3, H, W] u8; sequences: list of [N, 3, H, W] u8 at 240 frames a second; pairs: list of (sharp, blurred, n or 0)

        shares: of a batch, {"synthetic": ..., "gopro240": ..., "pairs": ...}
        """
        self.device, self.effects = device, effects
        self.photographs = [p.to(device) for p in photographs]
        self.sequences = [s.to(device) for s in sequences]
        self.pairs = [(s.to(device), b.to(device), n) for s, b, n in pairs]
        self.rng = np.random.default_rng(seed)
        self.generator = torch.Generator(device).manual_seed(seed)
        there = {"synthetic": self.photographs, "gopro240": self.sequences, "pairs": self.pairs}
        self.kinds = [k for k in shares if there[k]]
        weight = np.array([shares[k] for k in self.kinds], float)
        self.weight = weight / weight.sum()

    def batch(self, count, side, kernel_estimator, with_kernels=True):
        """sharp and blurred [B, 3, side, side] in 0..1, n frames [B], kernels [B, m*m, side/s, side/s] or zeros, whether those are true [B]; s: stride of the kernel map"""
        counts = dict(zip(self.kinds, self.rng.multinomial(count, self.weight)))
        parts = []
        if counts.get("synthetic"):
            parts.append(self.synthetic(counts["synthetic"], side, kernel_estimator, with_kernels))
        real = [self.averaged(side) for _ in range(counts.get("gopro240", 0))] + [self.paired(side) for _ in range(counts.get("pairs", 0))]
        if real:
            sharp, seen, frames = zip(*real)
            cells = side // kernel_stride(kernel_estimator)
            unknown = torch.zeros(len(real), kernel_estimator["m"] ** 2, cells, cells, device=self.device)
            parts.append((torch.stack(sharp), torch.stack(seen), torch.tensor(frames, device=self.device), unknown,
                          torch.zeros(len(real), dtype=torch.bool, device=self.device)))
        return tuple(torch.cat(p) for p in zip(*parts))

    def crops(self, count, side):
        """Textured crops at random scales down to one half. [count, 3, side, side] in 0..1"""
        found = []
        while len(found) < count:
            picture = self.photographs[self.rng.integers(len(self.photographs))]
            size = min(int(side / self.rng.uniform(0.5, 1)), *picture.shape[1:])
            crop = picture[self.place(picture.shape, size)][None].float() / 255
            if crop.std() < 0.03:
                continue
            found.append(F.interpolate(crop, size=(side, side), mode="bicubic", antialias=True, align_corners=False).clamp(0, 1) if size != side else crop)
        return torch.cat(found)

    @torch.no_grad()
    def synthetic(self, count, side, kernel_estimator, with_kernels):
        r, g, device, effects = B.RADIUS, self.generator, self.device, self.effects
        image = self.crops(count, side + 2 * r)
        curve = camera.response(count, B.GAMMA, image, g, effects["response"])
        light = camera.highlights(image ** curve, g, effects["highlights"])
        region = camera.some(count, effects["region"], image, g)
        path, second = B.scenes(region.flatten() > 0, device, g)
        centre = torch.rand(count, 2, device=device, generator=g) * 1000 - 500
        mask = B.region_masks(count, side + 2 * r, device, g) * region
        n = np.where(self.rng.random(count) < effects["still"], 1, self.rng.choice(B.FRAMES, count))
        depth = B.parallax(count, effects["depth"], device, g)
        corners, moving = torch.zeros(count, 4, B.KEPT, 2, device=device), torch.zeros(count, B.KEPT, 2, device=device)
        for value in np.unique(n):
            rows = torch.from_numpy(np.flatnonzero(n == value)).to(device)
            corners[rows] = B.thin(B.window(B.corner_paths(path[rows], centre[rows], side) * depth[rows], int(value)))
            moving[rows] = B.thin(B.window(second[rows], int(value)))
        seen, share = B.blur(light, corners, mask, moving)
        cut = (..., slice(r, -r), slice(r, -r))
        seen = camera.exposed(seen[cut], curve, g, effects)
        sharp, share = image[cut], share[cut]
        quality = 75 + 25 * torch.rand(count, device=device, generator=g)
        seen = torch.lerp((seen * 255).round() / 255, camera.jpeg(seen, quality), camera.some(count, effects["jpeg"], image, g))
        m, stride = kernel_estimator["m"], kernel_stride(kernel_estimator)
        cells = side // stride
        if with_kernels:
            kernels = B.kernel_map(corners, cells, m, kernel_estimator["tap_spacing"], F.avg_pool2d(share, stride), moving)
        else:
            kernels = torch.zeros(count, m * m, cells, cells, device=device)
        return sharp, seen, torch.from_numpy(n).to(device), kernels, torch.full((count,), with_kernels, device=device)

    def place(self, shape, side):
        y, x = (int(self.rng.integers(0, s - side + 1)) for s in shape[-2:])
        return (..., slice(y, y + side), slice(x, x + side))

    def turned(self, pair):
        if self.rng.random() < 0.5:
            pair = pair.flip(-1)
        return pair.transpose(-1, -2) if self.rng.random() < 0.5 else pair

    @torch.no_grad()
    def averaged(self, side):
        """The mean of n consecutive frames around a sharp middle one (supplement D)."""
        sequence = self.sequences[self.rng.integers(len(self.sequences))]
        n = int(self.rng.choice(B.FRAMES))
        middle = int(self.rng.integers(n // 2, len(sequence) - n // 2))
        part = sequence[middle - n // 2: middle + n // 2 + 1][self.place(sequence.shape, side)].float() / 255
        curve = B.GAMMA if self.rng.random() < 0.3 else 1.0
        return *self.turned(torch.stack([part[n // 2], (part ** curve).mean(0) ** (1 / curve)])), n

    def paired(self, side):
        """A crop of a real pair; n is 0 where it is not known."""
        sharp, seen, n = self.pairs[self.rng.integers(len(self.pairs))]
        at = self.place(sharp.shape, side)
        return *self.turned(torch.stack([sharp[at], seen[at]]).float() / 255), n


def read(path):
    """[3, H, W] u8"""
    return torch.from_numpy(read_pixels(path).copy()).permute(2, 0, 1)


def read_photographs(data):
    """Those to learn from and those held back, of a folder laid out as ../shared/data, packed or not."""
    return tuple([read(f) for f in files] for files in photographs(data))


def read_frames(data):
    """Sequences at 240 frames a second, and pairs."""
    frames = [read(f) for f in sorted(glob.glob(os.path.join(data, "gopro240", "*.jpg")))]
    blurred = sorted(glob.glob(os.path.join(data, "gopro_pairs", "*_blur.jpg")))
    return [torch.stack(frames)] if frames else [], [(read(f.replace("_blur", "_sharp")), read(f), frames_of(f)) for f in blurred]
