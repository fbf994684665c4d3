"""What moves in front of what: outlines of things, layers by depth, and what is behind them. Canvases are [C, N, N] torch tensors in linear light on one device."""
import math

import numpy as np
import torch
import torch.nn.functional as F


def opaque(light):
    """[3, N, N] -> a layer [4, N, N]"""
    return torch.cat([light, torch.ones_like(light[:1])])


def behind(light, alpha):
    """A layer of that light where alpha [1, N, N] says."""
    return torch.cat([light * alpha, alpha])


def grid(n, device):
    at = torch.arange(n, device=device, dtype=torch.float32)
    return at[None].expand(n, n), at[:, None].expand(n, n)


def smooth(rng, n, device, places=5):
    """[N, N] random field of about unit variance"""
    coarse = torch.from_numpy(rng.normal(size=(1, 1, places, places)).astype(np.float32)).to(device)
    return F.interpolate(coarse, size=(n, n), mode="bicubic", align_corners=False)[0, 0]


def outline(field, width=1.2):
    """Alpha [1, N, N] of where a field is above 0, its edge `width` pixels wide whatever the field's slope."""
    slope = torch.stack(torch.gradient(field)).square().sum(0).sqrt().clamp(min=1e-5)
    return (0.5 + field / (slope * width)).clamp(0, 1)[None]


def star(rng, x, y, radius, rough):
    """Above 0 inside a closed curve about the origin whose radius has harmonics."""
    angle, distance = torch.atan2(y, x), (x * x + y * y).sqrt()
    edge = torch.ones_like(x)
    for k in range(1, 7):
        edge = edge + rough * float(rng.normal()) / k * torch.cos(k * angle + float(rng.uniform(0, 2 * math.pi)))
    return radius * edge.clamp(min=0.25) - distance


def box(x, y, width, height):
    return torch.minimum(width - x.abs(), height - y.abs())


def shape(rng, n, size, light, soft=0.2):
    """Alpha [1, N, N] of one thing about `size` pixels large, near the middle; light [3, N, N] is what it is cut from, whose own edges it follows half of the time; soft: how often its edge is wider than a pixel."""
    device = light.device
    x, y = grid(n, device)
    reach = max(0.0, 0.42 * n - 48 - size / 4)
    cx, cy, angle = n / 2 + rng.uniform(-reach, reach), n / 2 + rng.uniform(-reach, reach), rng.uniform(0, 2 * math.pi)
    x, y = x - cx, y - cy
    x, y = x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)
    aspect, half = math.exp(rng.normal() * 0.3), size / 2
    way = rng.random()
    if way < 0.5:
        field = star(rng, x * aspect, y / aspect, half, 0.25)
    elif way < 0.65:
        field = box(x, y, half / aspect, half * aspect * 0.8)
    else:
        # A body of a few parts, as vehicles, animals and people are.
        field = star(rng, x * aspect, y / aspect, half * 0.7, 0.1)
        for _ in range(rng.integers(2, 5)):
            px, py = rng.normal(size=2) * half * 0.55
            part = box(x - px, y - py, half * rng.uniform(0.12, 0.5), half * rng.uniform(0.12, 0.5)) if rng.random() < 0.5 else star(rng, x - px, y - py, half * rng.uniform(0.15, 0.45), 0.08)
            field = torch.maximum(field, part)
    if rng.random() < 0.5:
        # The part of it that has the colours of its middle: its outline is one that the photograph has.
        small = mean(light.clamp(0, 1).sqrt(), 15)
        iy, ix = min(max(int(cy), 0), n - 1), min(max(int(cx), 0), n - 1)
        likeness = (small - small[:, iy, ix].view(3, 1, 1)).square().sum(0).sqrt()
        inside = field > 0
        usual = likeness[inside].median() if inside.any() else likeness.median()
        field = torch.minimum(field, (1.6 * usual + 0.02 - likeness) * 60)
    return outline(field, rng.uniform(2, 5) if rng.random() < soft else 1.2)


def grown(alpha, pixels=4):
    there = F.max_pool2d((alpha > 0).float()[None], (1, 2 * pixels + 1), 1, (0, pixels))
    return F.max_pool2d(there, (2 * pixels + 1, 1), 1, (pixels, 0))[0]


def mean(picture, size):
    """Over size x size neighbours, as many as there are at the rim. In two passes, ten times as fast as in one. [C, H, W]"""
    rows = F.avg_pool2d(picture[None], (1, size), 1, (0, size // 2), count_include_pad=False)
    return F.avg_pool2d(rows, (size, 1), 1, (size // 2, 0), count_include_pad=False)[0]


def low(light, weight=None):
    """Pull and push: what is known (weight [1, N, N]) spreads into what is not, ever more coarsely. [3, N, N]"""
    weight = torch.ones_like(light[:1]) if weight is None else weight
    levels, value = [], torch.cat([light * weight, weight])[None]
    while min(value.shape[-2:]) > 4:
        levels.append(value)
        value = F.avg_pool2d(value, 2, ceil_mode=True, count_include_pad=False)
    known = value[:, :3] / value[:, 3:].clamp(min=1e-4)
    for value in reversed(levels):
        known = F.interpolate(known, size=value.shape[-2:], mode="bilinear", align_corners=False)
        sure = (value[:, 3:] * 4).clamp(0, 1)
        known = known * (1 - sure) + sure * value[:, :3] / value[:, 3:].clamp(min=1e-4)
    return known[0]


def filled(light, alpha, rng):
    """The picture without the thing at alpha: colours from around it, grain and texture from another part of the picture, so that no second copy shows behind it.

    alpha is 0 or 1: nothing changes outside, or the thing would have a rim when it is in its place.
    """
    n = light.shape[-1]
    shift = tuple(int(v) for v in rng.integers(n // 4, 3 * n // 4, 2))
    coarse = mean(light, 17)
    texture = (light - coarse).roll(shift, (-2, -1)).flip(-1)
    patched = (low(light, 1 - grown(alpha)) + 0.7 * texture.clamp(-0.15, 0.15)).clamp(min=0)
    return torch.where(alpha > 0.5, patched, light)


def depths(rng, n, count, device):
    """Fields above 0 where a layer or a nearer one stands: count of [N, N]. Ground that comes nearer, rough hills, columns."""
    x, y = grid(n, device)
    ramp = y / n if rng.random() < 0.75 else x / n if rng.random() < 0.5 else 1 - x / n
    field = ramp + rng.uniform(0.08, 0.3) * smooth(rng, n, device, int(rng.integers(4, 9))) + rng.uniform(0, 0.006) * smooth(rng, n, device, 60)
    if rng.random() < 0.4:
        for _ in range(rng.integers(1, 4)):
            middle, width = rng.uniform(0.1, 0.9) * n, rng.uniform(3, 26)
            inside = (width - (x - middle + rng.normal() * 0.1 * (y - n / 2)).abs()) / n
            field = torch.where(inside > 0, field.clamp(min=rng.uniform(0.5, 1.1)) + inside, field)
    quantiles = np.sort(rng.uniform(0.25, 0.95, count))
    sample = field[::4, ::4].flatten().sort().values
    return [field - sample[min(int(q * len(sample)), len(sample) - 1)] for q in quantiles]


def lights(light, rng, margin):
    """Lamps of 3 to 12 times white, with a glow, somewhere in the picture: they leave streaks, since a sensor clips after it has added up."""
    n, device = light.shape[-1], light.device
    x, y = grid(n, device)
    for _ in range(rng.integers(2, 8)):
        cx, cy = rng.uniform(margin, n - margin, 2)
        radius, power = math.exp(rng.uniform(math.log(0.8), math.log(5))), math.exp(rng.uniform(math.log(3), math.log(12)))
        colour = torch.from_numpy((1 - rng.random(3) * rng.choice([0.1, 0.5, 0.9])).astype(np.float32)).to(device).view(3, 1, 1)
        distance = ((x - cx) ** 2 + (y - cy) ** 2).sqrt()
        light = light + colour * power * ((radius + 0.5 - distance).clamp(0, 1) + 0.012 * torch.exp(-distance / (4 * radius)))
    return light


def gaussian(light, sigma):
    """[3, N, N] softened by a Gaussian of `sigma` pixels."""
    if sigma <= 0:
        return light
    reach = max(1, math.ceil(3 * sigma))
    at = torch.arange(-reach, reach + 1, device=light.device)
    k = torch.exp(-at.float() ** 2 / (2 * sigma ** 2))
    k = (k / k.sum()).float().expand(len(light), 1, -1)
    padded = F.pad(light[None], [reach] * 4, mode="reflect")
    return F.conv2d(F.conv2d(padded, k[..., None], groups=len(light)), k[..., None, :], groups=len(light))[0]
