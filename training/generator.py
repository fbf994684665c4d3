"""Makes training batches where the network trains: crops of sharp photographs, blurred on the device, never the same twice.

The same batches as `pool.Pool` gives: on two CPU cores the pool, made once, is cheaper; on a GPU this is.
"""
import glob
import os

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

import blur as B
import camera

CELL = 4                            # pixels along one side of a kernel map's position


class Generator:
    """sharp and blurred pictures of random trajectories, and averages of real frames where a folder holds `frames`."""

    def __init__(self, photographs, frames, device, seed=0, real=0.15):
        """photographs: list of [3, H, W] u8; frames: list of sequences [N, 3, H, W] u8 at 240 a second; real: share of a batch that comes from those."""
        self.device = device
        self.photographs = [p.to(device) for p in photographs]
        self.frames = [f.to(device) for f in frames]
        self.real = real if frames else 0.0
        self.rng = np.random.default_rng(seed)
        self.generator = torch.Generator(device).manual_seed(seed)

    def batch(self, count, side, m, spacing, with_kernels=True):
        """sharp and blurred [B, 3, side, side] in 0..1, n frames [B], kernels [B, m*m, side/4, side/4] or zeros, whether those are true [B]"""
        real = int(self.rng.binomial(count, self.real))
        parts = [self.synthetic(count - real, side, m, spacing, with_kernels)]
        if real:
            sharp, seen, frames = self.averaged(real, side)
            parts.append((sharp, seen, frames, torch.zeros(real, *parts[0][3].shape[1:], device=self.device), torch.zeros(real, dtype=torch.bool, device=self.device)))
        return tuple(torch.cat(p) for p in zip(*parts))

    def crops(self, count, side):
        """Textured crops at random scales down to one half. [count, 3, side, side] in 0..1"""
        found = []
        while len(found) < count:
            picture = self.photographs[self.rng.integers(len(self.photographs))]
            h, w = picture.shape[1:]
            size = min(int(side / self.rng.uniform(0.5, 1)), h, w)
            y, x = self.rng.integers(0, h - size + 1), self.rng.integers(0, w - size + 1)
            crop = picture[None, :, y:y + size, x:x + size].float() / 255
            found.append(F.interpolate(crop, size=(side, side), mode="bicubic", antialias=True, align_corners=False).clamp(0, 1) if size != side else crop)
        return torch.cat(found)

    @torch.no_grad()
    def synthetic(self, count, side, m, spacing, with_kernels):
        r, g, device = B.RADIUS, self.generator, self.device
        image = self.crops(count, side + 2 * r)
        curve = camera.response(count, image, g)
        light = camera.highlights(image ** curve, g)
        path = B.trajectories(count, device, g)
        second = path[..., :2] + B.trajectories(count, device, g)[..., :2] * 0.7
        centre = torch.rand(count, 2, device=device, generator=g) * 1000 - 500
        mask = B.region_masks(count, side + 2 * r, device, g) * camera.some(count, 0.5, image, g)
        # n = 1 is a sharp picture; it takes part in one picture of eighteen
        n = np.where(self.rng.random(count) < 1 / 18, 1, self.rng.choice(B.FRAMES, count))
        depth = 1 + 0.35 * camera.some(count, 0.3, image, g) * (2 * torch.rand(count, 4, 1, 1, device=device, generator=g) - 1)
        corners, moving = torch.zeros(count, 4, B.KEPT, 2, device=device), torch.zeros(count, B.KEPT, 2, device=device)
        for value in np.unique(n):
            rows = torch.from_numpy(np.flatnonzero(n == value)).to(device)
            corners[rows] = B.thin(B.window(B.corner_paths(path[rows], centre[rows], side) * depth[rows], int(value)))
            moving[rows] = B.thin(B.window(second[rows], int(value)))
        seen, share = B.blur(light, corners, mask, moving)
        cut = (..., slice(r, -r), slice(r, -r))
        seen = camera.mosaic(camera.noise(camera.defocus(seen[cut], g), g), g).clamp(0, 1) ** (1 / curve)
        sharp, share = image[cut], share[cut]
        quality = 75 + 25 * torch.rand(count, device=device, generator=g)
        seen = torch.lerp((seen * 255).round() / 255, camera.jpeg(seen, quality), camera.some(count, 0.5, image, g))
        cells = side // CELL
        if with_kernels:
            kernels = B.kernel_map(corners, cells, m, spacing, F.avg_pool2d(share, CELL), moving)
        else:
            kernels = torch.zeros(count, m * m, cells, cells, device=device)
        return sharp, seen, torch.from_numpy(n).to(device), kernels, torch.full((count,), with_kernels, device=device)

    @torch.no_grad()
    def averaged(self, count, side):
        """Means of n consecutive frames around a sharp middle one (supplement D), flipped and turned at random."""
        sharp, seen, frames = [], [], []
        while len(sharp) < count:
            sequence = self.frames[self.rng.integers(len(self.frames))]
            n = int(self.rng.choice(B.FRAMES))
            if len(sequence) < n:
                continue
            middle = int(self.rng.integers(n // 2, len(sequence) - n // 2))
            y, x = (int(self.rng.integers(0, s - side + 1)) for s in sequence.shape[2:])
            part = sequence[middle - n // 2: middle + n // 2 + 1, :, y:y + side, x:x + side].float() / 255
            curve = B.GAMMA if self.rng.random() < 0.3 else 1.0
            pair = torch.stack([part[n // 2], (part ** curve).mean(0) ** (1 / curve)])
            if self.rng.random() < 0.5:
                pair = pair.flip(-1)
            if self.rng.random() < 0.5:
                pair = pair.transpose(-1, -2)
            sharp.append(pair[0])
            seen.append(pair[1])
            frames.append(n)
        return torch.stack(sharp), torch.stack(seen), torch.tensor(frames, device=self.device)


def read_photographs(folder):
    """Every JPEG of a folder as [3, H, W] u8."""
    tensor = lambda path: torch.from_numpy(np.asarray(Image.open(path).convert("RGB")).copy()).permute(2, 0, 1)
    return [tensor(path) for path in sorted(glob.glob(os.path.join(folder, "*.jpg")))]
