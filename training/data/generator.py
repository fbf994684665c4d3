"""Makes training batches where the network trains: scenes by kind of blur set up and blurred on the device, never the same twice.

The same scenes as `by_kind.py` writes: on CPU cores shards, made once, are cheaper; on a GPU this is.
"""
import glob
import os

import numpy as np
import torch
import torch.nn.functional as F

from training.data import blur as B
from training.data.by_kind import MIXTURE
from training.data.crops import Source, tensor
from training.data.listing import frames_of, photographs, read_pixels
from training.data.render import kernel_map
from training.data.scenes import KERNELS_KNOWN, MADE, POINTS, Stage
from training.network.model import kernel_stride

PAGES = 48                          # of text, drawn once
KEPT = 256                          # made pictures that are drawn from


class Generator:
    """Scenes of photographs, averages of consecutive real frames, and real pairs."""

    def __init__(self, photographs, sequences, pairs, device, shares, seed=0, mixture=MIXTURE, reuse=None):
        """photographs: list of [3, H, W] u8; sequences: list of [N, 3, H, W] u8 at 240 frames a second; pairs: list of (sharp, blurred, n or 0)

        shares: of a batch, {"synthetic": ..., "gopro240": ..., "pairs": ...}; mixture: of the synthetic, by kind of blur. reuse: how often a picture is given,
        each time another way round: a scene is some hundred small operations, which keep a GPU waiting (1 on a CPU, otherwise 4).
        """
        self.device, self.rng = torch.device(device), np.random.default_rng(seed)
        self.reuse = reuse or (1 if self.device.type == "cpu" else 4)
        self.sequences = [s.to(device) for s in sequences]
        self.pairs = [(s.to(device), b.to(device), n) for s, b, n in pairs]
        self.source = Source(pictures=photographs, device=device) if photographs else None
        if self.source and self.device.type != "cpu":
            self.source.draw_pages(self.rng, PAGES)
        self.stages, self.made = {}, []
        there = {"synthetic": photographs, "gopro240": self.sequences, "pairs": self.pairs}
        self.kinds = [k for k in shares if there[k]]
        weight = np.array([shares[k] for k in self.kinds], float)
        self.weight = weight / weight.sum()
        self.scenes = [k for k in MADE if mixture.get(k)]
        weight = np.array([mixture[k] for k in self.scenes], float)
        self.scene_weight = weight / weight.sum()

    def batch(self, count, side, kernel_estimator, with_kernels=True):
        """sharp and blurred [B, 3, side, side] in 0..1, n frames [B], kernels [B, m*m, side/s, side/s] or zeros, whether those are true [B]; s: stride of the kernel map"""
        m, cells = kernel_estimator["m"], side // kernel_stride(kernel_estimator)
        unknown = torch.zeros(m, m, cells, cells, device=self.device)
        counts = dict(zip(self.kinds, self.rng.multinomial(count, self.weight)))
        items = self.synthetic(counts.get("synthetic", 0), side, kernel_estimator, with_kernels)
        items += [(*self.averaged(side), unknown, False) for _ in range(counts.get("gopro240", 0))]
        items += [(*self.paired(side), unknown, False) for _ in range(counts.get("pairs", 0))]
        sharp, seen, frames, kernels, known = zip(*(self.turned(*item) for item in items))
        there = lambda x: torch.tensor(x, device=self.device)
        return torch.stack(sharp), torch.stack(seen), there(frames), torch.stack(kernels).flatten(1, 2), there(known)

    @torch.no_grad()
    def synthetic(self, count, side, kernel_estimator, with_kernels):
        """`count` of the made pictures, after as many new ones as reuse asks: (sharp, seen, frames, kernels, known) each."""
        if count == 0:
            return []
        m, spacing, cells = kernel_estimator["m"], kernel_estimator["tap_spacing"], side // kernel_stride(kernel_estimator)
        key = side, m, spacing, cells, with_kernels
        if key not in self.stages:
            self.stages[key], self.made = Stage(self.source, self.rng, side, self.device), []
        new = []
        while len(new) * self.reuse < count or len(self.made) + len(new) < min(count, KEPT):
            kind = self.scenes[self.rng.choice(len(self.scenes), p=self.scene_weight)]
            taken = self.stages[key].take(kind)
            picture = lambda x: x.permute(2, 0, 1)
            known = with_kernels and kind in KERNELS_KNOWN
            for p in range(POINTS):
                kernels = torch.zeros(m, m, cells, cells, device=self.device)
                if known:
                    share = F.interpolate(taken.share[p][None], size=(cells, cells))[0]
                    kernels = kernel_map(torch.from_numpy(taken.corners[p]).to(self.device), share, m, spacing).unflatten(0, (m, m))
                new.append((picture(taken.target), picture(taken.blur[p]), taken.frames[p], kernels, known))
        self.made = (new + self.made)[:KEPT]
        # New ones first; the rest of the batch from all that there are.
        chosen = new[:count] + [self.made[i] for i in self.rng.integers(0, len(self.made), max(0, count - len(new)))]
        return [(sharp.float() / 255, seen.float() / 255, *rest) for sharp, seen, *rest in chosen]

    def turned(self, sharp, seen, frames, kernels, known):
        """The same another way round. kernels [m, m, cells, cells]"""
        if self.rng.random() < 0.5:
            sharp, seen, kernels = sharp.flip(-1), seen.flip(-1), kernels.flip(-1, 1)
        if self.rng.random() < 0.5:
            sharp, seen, kernels = sharp.transpose(-1, -2), seen.transpose(-1, -2), kernels.transpose(0, 1).transpose(-1, -2)
        return sharp, seen, frames, kernels, known

    def place(self, shape, side):
        y, x = (int(self.rng.integers(0, s - side + 1)) for s in shape[-2:])
        return (..., slice(y, y + side), slice(x, x + side))

    @torch.no_grad()
    def averaged(self, side):
        """The mean of n consecutive frames around a sharp middle one (supplement D)."""
        sequence = self.sequences[self.rng.integers(len(self.sequences))]
        n = int(self.rng.choice(B.FRAMES))
        middle = int(self.rng.integers(n // 2, len(sequence) - n // 2))
        part = sequence[middle - n // 2: middle + n // 2 + 1][self.place(sequence.shape, side)].float() / 255
        curve = B.GAMMA if self.rng.random() < 0.3 else 1.0
        return part[n // 2], (part ** curve).mean(0) ** (1 / curve), n

    def paired(self, side):
        """A crop of a real pair; n is 0 where it is not known."""
        sharp, seen, n = self.pairs[self.rng.integers(len(self.pairs))]
        at = self.place(sharp.shape, side)
        return sharp[at].float() / 255, seen[at].float() / 255, n


def read(path):
    """[3, H, W] u8"""
    return tensor(read_pixels(path))


def read_photographs(data):
    """Those to learn from and those held back, of a folder laid out as ../shared/data, packed or not."""
    return tuple([read(f) for f in files] for files in photographs(data))


def read_frames(data):
    """Sequences at 240 frames a second, and pairs."""
    frames = [read(f) for f in sorted(glob.glob(os.path.join(data, "gopro240", "*.jpg")))]
    blurred = sorted(glob.glob(os.path.join(data, "gopro_pairs", "*_blur.jpg")))
    return [torch.stack(frames)] if frames else [], [(read(f.replace("_blur", "_sharp")), read(f), frames_of(f)) for f in blurred]
