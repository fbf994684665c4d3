"""Textured crops of photographs, at random places and scales."""
import math
import os

import numpy as np
import torch
import torch.nn.functional as F

from training.data.lettering import page
from training.data.listing import read_pixels

DECK, DRAWS = 32, 6                         # decoded photographs at hand, and draws from one before another takes its place
LEAST = 0.4                                 # of a canvas' side, that of a packed picture which is enlarged to it
TRIES = 300                                 # photographs before there seem to be none large enough
PAGES = 8                                   # of text, at hand


def tensor(pixels):
    """[H, W, 3] u8 array -> [3, H, W] u8 tensor"""
    return torch.from_numpy(np.array(pixels)).permute(2, 0, 1)


class Source:
    """Draws crops of photographs from files, of which a few are decoded at any time, or from pictures that lie on a device already."""

    def __init__(self, files=(), pictures=None, device="cpu"):
        """files: paths; or pictures: list of [3, H, W] u8 tensors"""
        if not files and not pictures:
            raise ValueError("no photographs: 0 files were found, at least 1 is needed; --data must have train/*.jpg or train2/*.jpg")
        self.files, self.device = list(files), device
        self.fixed = [(str(i), p.to(device)) for i, p in enumerate(pictures)] if pictures else None
        self.deck, self.pages = [], []

    def photograph(self, rng):
        """Its name, and [3, H, W] u8."""
        if self.fixed:
            return self.fixed[rng.integers(len(self.fixed))]
        if len(self.deck) < DECK or rng.random() < 1 / DRAWS:
            file = self.files[rng.integers(len(self.files))]
            drawn = os.path.relpath(file, os.path.dirname(os.path.dirname(file))), tensor(read_pixels(file)).to(self.device)
            if len(self.deck) < DECK:
                self.deck.append(drawn)
            else:
                self.deck[rng.integers(DECK)] = drawn
            return drawn
        return self.deck[rng.integers(len(self.deck))]

    def page(self, rng):
        """[3, H, W] u8 of text; three of four calls take another part of an older page, since drawing one takes longer than blurring it."""
        if len(self.pages) > PAGES or len(self.pages) == PAGES and rng.random() < 0.75:
            return self.pages[rng.integers(len(self.pages))]
        self.pages = [tensor(page(rng)).to(self.device), *self.pages][:PAGES]
        return self.pages[0]

    def draw_pages(self, rng, count):
        """Pages once and for all; more than PAGES."""
        self.pages = [tensor(page(rng)).to(self.device) for _ in range(count)]

    def crop(self, rng, side, textured=True):
        """The photograph's name, and a crop of it at a random scale down to one half. [3, side, side] in 0..1"""
        for _ in range(TRIES):
            name, picture = self.photograph(rng)
            for _ in range(3):
                crop = cut(picture, rng, side, padded=self.fixed is not None)
                if crop is not None and (not textured or crop.std() > 0.03):
                    return name, crop
        raise ValueError(f"none of {TRIES} photographs has a textured part of {side} pixels, the last one measures {picture.shape[2]}x{picture.shape[1]}: take larger ones, or a smaller patch")


def enlarged(picture, side):
    """A picture smaller than a canvas made as large: to three quarters by interpolation, the rest is reflected, margin that only comes into the picture by moving."""
    factor = max(1.0, 0.75 * side / min(picture.shape[1:]))
    picture = picture[None].float()
    if factor > 1:
        picture = F.interpolate(picture, size=[math.ceil(s * factor) for s in picture.shape[2:]], mode="bicubic", align_corners=False).clamp(0, 255)
    down, right = (max(0, side - s) for s in picture.shape[2:])
    return F.pad(picture, (right // 2, right - right // 2, down // 2, down - down // 2), mode="reflect")[0].to(torch.uint8)


def cut(picture, rng, side, mirrored=True, padded=False):
    """[3, H, W] u8 -> [3, side, side] in 0..1, half of them mirrored, or None where the picture is smaller than that; padded: one at least LEAST as large is enlarged."""
    h, w = picture.shape[1:]
    if padded and LEAST * side <= min(h, w) < side:
        picture = enlarged(picture, side)
        h, w = picture.shape[1:]
    low = max(0.5, side / min(h, w))
    if low > 1:
        return None
    size = min(int(round(side / rng.uniform(low, 1))), h, w)
    y, x = rng.integers(0, h - size + 1), rng.integers(0, w - size + 1)
    crop = picture[None, :, y:y + size, x:x + size]
    if size != side:
        # On a CPU bytes are resized four times as fast as floats; on a GPU they cannot be.
        crop = crop if crop.device.type == "cpu" else crop.float()
        crop = F.interpolate(crop, size=(side, side), mode="bicubic", antialias=True, align_corners=False)
    crop = crop[0].float().clamp(0, 255) / 255
    return crop.flip(-1) if mirrored and rng.random() < 0.5 else crop
