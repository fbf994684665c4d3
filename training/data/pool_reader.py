"""Draws random patches from the shards that `python -m training.data.pool` made."""
import numpy as np
import torch

from training.data import blur as B
from training.data.arrays import POINTS, SIDE, read_shard, shards_of
from training.network.model import kernel_stride

STILL = 0.1                        # share of the patches that nothing moved in, besides the chains' own: most photographs are sharp


def texture(patch):
    """Mean absolute difference of every second row's neighbours. patch [S, S, 3] u8"""
    green = patch[::2, :, 1].astype(np.int16)
    return np.abs(np.diff(green, axis=1)).mean()


class Pool:
    """Draws batches of random patches from every shard of a folder, each kind with its own share."""

    def __init__(self, folder, shares, seed=0, plain=False, still=STILL, part=(0, 1)):
        """plain: crops where they fall; otherwise the most textured of three, since flat walls teach nothing. part: (i, n) takes every n-th shard of a kind, or all where that is none"""
        self.plain, self.still = plain, still
        self.rng = np.random.default_rng(seed)
        self.shards = {}
        for kind in shares:
            paths = shards_of(folder, kind)
            for path in paths[part[0]::part[1]] or paths:
                self.shards.setdefault(kind, []).append(read_shard(path))
        self.kinds = [k for k in shares if k in self.shards]
        weight = np.array([shares[k] for k in self.kinds], float)
        self.weight = weight / weight.sum()

    def batch(self, count, side, kernel_estimator, with_kernels=True):
        """sharp and blur [B, 3, side, side] in 0..1, frames [B], kernels [B, m*m, side/s, side/s] or zeros, has_kernels [B]; s: stride of the kernel map."""
        rng, items = self.rng, []
        for kind in rng.choice(self.kinds, count, p=self.weight):
            shards = self.shards[kind]
            shard = shards[rng.integers(len(shards))]
            items.append(self.item(shard, rng, side, kernel_estimator, with_kernels))
        sharp, blurred, frames, kernels, known = zip(*items)
        return torch.stack(sharp), torch.stack(blurred), torch.tensor(frames), torch.stack(kernels), torch.tensor(known)

    @staticmethod
    def point(chain, rng):
        """Which of a chain's blurs is drawn."""
        return rng.integers(POINTS)

    def item(self, shard, rng, side, kernel_estimator, with_kernels):
        m, spacing, cell = kernel_estimator["m"], kernel_estimator["tap_spacing"], kernel_stride(kernel_estimator)
        i = rng.integers(len(shard["sharp"]))
        p = self.point(i, rng)
        places = rng.integers(0, (SIDE - side) // cell + 1, (1 if self.plain else 3, 2)) * cell
        y, x = max(places.tolist(), key=lambda at: texture(shard["sharp"][i, at[0]:at[0] + side, at[1]:at[1] + side]))
        cut = lambda a: torch.from_numpy(a[y:y + side, x:x + side].copy()).permute(2, 0, 1).float() / 255
        still = not self.plain and rng.random() < self.still
        sharp = cut(shard["sharp"][i])
        # A camera's own frame is sharp enough to stay, but T may call it what it likes.
        seen, frames = (sharp, int(shard["true_kernels"])) if still else (cut(shard["blur"][i, p]), int(shard["frames"][i, p]))
        known, cells = with_kernels and bool(shard["true_kernels"]), side // cell
        kernels = torch.zeros(m * m, cells, cells)
        if known:
            tensor = lambda key: torch.from_numpy(shard[key][i, p].astype(np.float32))[None]
            share = torch.nn.functional.adaptive_avg_pool2d(tensor("share")[None] / 255, SIDE // cell)
            full = B.kernel_map(tensor("corners") * (not still), SIDE // cell, m, spacing, share, tensor("moving") * (not still))
            kernels = full[0, :, y // cell:y // cell + cells, x // cell:x // cell + cells]
        kernels = kernels.view(m, m, cells, cells)
        if rng.random() < 0.5:
            sharp, seen, kernels = sharp.flip(-1), seen.flip(-1), kernels.flip(-1, 1)
        if rng.random() < 0.5:
            sharp, seen, kernels = sharp.flip(-2), seen.flip(-2), kernels.flip(-2, 0)
        if rng.random() < 0.5:
            sharp, seen, kernels = sharp.transpose(-1, -2), seen.transpose(-1, -2), kernels.transpose(0, 1).transpose(-1, -2)
        order = torch.from_numpy(rng.permutation(3)) if rng.random() < 0.3 else slice(None)
        return sharp[order], seen[order], frames, kernels.reshape(m * m, cells, cells), known
