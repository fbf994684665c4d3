"""Draws batches of patches from the shards of a folder, which come and go while a run learns from them."""
import glob
import os

import numpy as np
import torch

from training.data.batch import Batch
from training.data.arrays import read_shard
from training.data.pool_reader import texture
from training.network.model import kernel_stride

SCALES = 2


class Patches:
    """Batches of `side` x `side` pixels with what M finds in the whole pictures (maps.py). part: (i, n) draws from every n-th shard, or from all where those are fewer."""

    def __init__(self, folder, side, kernel_estimator, seed=0, part=(0, 1)):
        self.folder, self.side, self.part = folder, side, part
        self.m, self.cell = kernel_estimator["m"], kernel_stride(kernel_estimator)
        self.rng, self.shards, self.left = np.random.default_rng(seed), {}, 0
        if side % (self.cell * SCALES):
            raise ValueError(f"patches of {side} pixels: a side is a multiple of {self.cell * SCALES}, a cell of M at the smallest scale")
        self.refresh()
        if not self.shards:
            raise FileNotFoundError(f"no shard with maps in {folder}: python -m training.data.shards, then python -m training.data.maps")

    def refresh(self):
        """Looks for new shards, and forgets those that are gone."""
        paths = sorted(p for p in glob.glob(os.path.join(self.folder, "kinds-*")) if os.path.exists(os.path.join(p, "timesteps.npy")))
        paths = paths[self.part[0]::self.part[1]] or paths
        self.shards = {path: self.shards.get(path) or read_shard(path) for path in paths}
        self.left = 1000

    def batch(self, count):
        """A Batch of `count` patches."""
        self.left -= count
        if self.left < 0:
            self.refresh()
        shards = list(self.shards.values())
        drawn = [self.patch(shards[self.rng.integers(len(shards))]) for _ in range(count)]
        sharp, seen, frames, fine, coarse, timesteps = zip(*drawn)
        return Batch(torch.stack(sharp), torch.stack(seen), torch.tensor(frames), maps=[torch.stack(fine), torch.stack(coarse)], timesteps=torch.tensor(timesteps))

    def patch(self, shard):
        rng, side, step = self.rng, self.side, self.cell * SCALES
        i, p = rng.integers(len(shard["sharp"])), rng.integers(shard["blur"].shape[1])
        # The most textured of three places, since flat walls teach little.
        places = rng.integers(0, (shard["sharp"].shape[1] - side) // step + 1, (3, 2)) * step
        y, x = max(places.tolist(), key=lambda at: texture(shard["sharp"][i, at[0]:at[0] + side, at[1]:at[1] + side]))
        cut = lambda a, unit: torch.from_numpy(a[y // unit:(y + side) // unit, x // unit:(x + side) // unit].copy()).permute(2, 0, 1).float()
        pictures = [cut(shard["sharp"][i], 1) / 255, cut(shard["blur"][i, p], 1) / 255]
        maps = [cut(shard["kernels"][i, p], self.cell).unflatten(0, (self.m, self.m)), cut(shard["coarse_kernels"][i, p], step).unflatten(0, (self.m, self.m))]
        if rng.random() < 0.5:
            pictures, maps = [a.flip(-1) for a in pictures], [k.flip(-1, 1) for k in maps]
        if rng.random() < 0.5:
            pictures, maps = [a.flip(-2) for a in pictures], [k.flip(-2, 0) for k in maps]
        if rng.random() < 0.5:
            pictures, maps = [a.transpose(-1, -2) for a in pictures], [k.transpose(0, 1).transpose(-1, -2) for k in maps]
        if rng.random() < 0.3:
            order = torch.from_numpy(rng.permutation(3))
            pictures = [a[order] for a in pictures]
        return *pictures, int(shard["frames"][i, p]), *(k.flatten(0, 1) for k in maps), int(shard["timesteps"][i, p])
