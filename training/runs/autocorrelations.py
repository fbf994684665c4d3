"""An M that sees autocorrelations alone: the lags of pictures, flipped and turned, and how well it is held back."""
import numpy as np
import torch
import torch.nn.functional as F

from training.data import blur as B
from training.data.arrays import read_shard
from training.losses.losses import kernel_loss
from training.network.model import GradientAutocorrelation

# Both half planes: around a place, lag l and its opposite add up different pairs.
LAGS = GradientAutocorrelation.LAGS + [(-u, -v) for u, v in GradientAutocorrelation.LAGS]


def moved_lags(move):
    """Where each lag's value is found once the picture is flipped or turned: lag l of the new picture is lag move(l) of the old one."""
    return torch.tensor([LAGS.index(move(*lag)) for lag in LAGS])


FLIP_X, FLIP_Y, TURN = moved_lags(lambda u, v: (-u, v)), moved_lags(lambda u, v: (u, -v)), moved_lags(lambda u, v: (v, u))


def both_halves(estimator, images):
    """The lags of `estimator.lags` and their opposites, which are those of the picture turned upside down. [B, sets, 410, h, w] and [B, sets, 410]"""
    here, everywhere = (x.unflatten(1, (-1, len(LAGS) // 2)) for x in estimator.lags(images))
    opposite = estimator.lags(images.flip(2, 3))[0].flip(2, 3).unflatten(1, (-1, len(LAGS) // 2))
    return torch.cat([here, opposite], 2), torch.cat([everywhere] * 2, 2)


def turned_kernels(kernels, m, how):
    """Kernel maps [B, m*m, h, w] of the same pictures, flipped and turned in one of eight ways."""
    k = kernels.unflatten(1, (m, m))
    if how & 1:
        k = k.flip(2, 4)
    if how & 2:
        k = k.flip(1, 3)
    if how & 4:
        k = k.transpose(1, 2).transpose(3, 4)
    return k.flatten(1, 2)


def turned_lags(here, everywhere, how):
    """Of the same pictures, flipped and turned in one of eight ways, what `estimator.lags` has. From `both_halves`"""
    order = torch.arange(len(LAGS))
    for bit, lags in ((1, FLIP_X), (2, FLIP_Y), (4, TURN)):
        order = order[lags] if how & bit else order
    here, everywhere = (x[:, :, order[:len(LAGS) // 2]].flatten(1, 2) for x in (here, everywhere))
    here = here.flip(-1) if how & 1 else here
    here = here.flip(-2) if how & 2 else here
    return here.transpose(2, 3) if how & 4 else here, everywhere


class Lags:
    """The lags of all pictures of one kind of shard, sharp ones among them, and the paths that blurred them."""

    def __init__(self, paths, estimator):
        count = sum(n * (points + 1) for n, points in (read_shard(path)["frames"].shape for path in paths))
        filled, others, self.here = 0, [], None
        for here, *rest in (trajectory for path in paths for trajectory in self.read(path, estimator)):
            if self.here is None:                                       # gigabytes, so made once
                self.here = torch.empty(count, *here.shape[1:], dtype=torch.half)
            self.here[filled:filled + len(here)] = here
            filled += len(here)
            others.append(rest)
        self.everywhere, self.corners, self.moving, self.share = (torch.cat(x) for x in zip(*others))

    @staticmethod
    def read(path, estimator):
        shard = read_shard(path)
        tensor = lambda a: torch.from_numpy(a.astype(np.float32))
        for i in range(len(shard["blur"])):
            seen = np.concatenate([shard["blur"][i], shard["sharp"][i][None]])      # nothing moved in the sharp one
            here, everywhere = both_halves(estimator, tensor(seen).permute(0, 3, 1, 2) / 255)
            share = F.adaptive_avg_pool2d(tensor(shard["share"][i])[:, None] / 255, here.shape[-1])
            still = (torch.cat([x, torch.zeros_like(x[:1])]) for x in (tensor(shard["corners"][i]), tensor(shard["moving"][i]), share.half()))
            yield here, everywhere, *still

    def __len__(self):
        return len(self.here)

    def batch(self, rows, m, spacing):
        share = self.share[rows].float()
        kernels = B.kernel_map(self.corners[rows], share.shape[-1], m, spacing, share, self.moving[rows])
        return self.here[rows].float(), self.everywhere[rows], kernels


def moments(kernels, m):
    """Of each kernel: how much wider than high, how slanted, how large. [3, B, h, w], tap spacings squared"""
    at = torch.arange(m) - m // 2.0
    k = kernels.unflatten(1, (m, m))
    along = lambda f: torch.einsum("byxhw,yx->bhw", k, f)
    y, x = at[:, None].expand(m, m), at[None].expand(m, m)
    xx, yy, xy = along(x * x) - along(x) ** 2, along(y * y) - along(y) ** 2, along(x * y) - along(x) * along(y)
    return torch.stack([xx - yy, 2 * xy, xx + yy])


@torch.no_grad()
def validate(estimator, held):
    """Loss, cosine and the correlations of the moments with the true kernels', over all cells, in words."""
    losses, cosines, found, true = [], [], [], []
    for rows in torch.arange(len(held)).split(16):
        here, everywhere, kernels = held.batch(rows, estimator.m, estimator.tap_spacing)
        logits = estimator.logits_of_lags(*turned_lags(here, everywhere, 0))
        losses.append(kernel_loss(logits, kernels, torch.ones(len(rows), dtype=torch.bool)))
        cosines.append(F.cosine_similarity(logits.softmax(1), kernels, dim=1).mean())
        found.append(moments(logits.softmax(1), estimator.m).flatten(1))
        true.append(moments(kernels, estimator.m).flatten(1))
    wide, slant, size = (torch.corrcoef(torch.stack(p))[0, 1].item() for p in zip(torch.cat(found, 1), torch.cat(true, 1)))
    return (f"held back: loss {torch.stack(losses).mean().item():.4f}, cosine {torch.stack(cosines).mean().item():.4f}, "
            f"correlation of x-y {wide:.3f}, of slant {slant:.3f}, of size {size:.3f}")


def grown(born, old):
    """`old` in the leading corner of `born`, so that a wider layer, or one that sees more, begins as the same function. Rows that it lacks stay as they were born; columns that it lacks are zero in its own rows."""
    born = born.clone()
    if born.shape != old.shape:
        born[:len(old)] = 0
    born[tuple(slice(n) for n in old.shape)] = old
    return born
