"""What a camera does to light besides moving: highlights beyond white, its response curve, defocus, a colour mosaic, noise, JPEG.

All on one torch device, each for a batch [B, 3, H, W] with one draw per picture; `share` is the part of the pictures that it happens to, and 0 draws nothing.
"""
import math

import torch
import torch.nn.functional as F

# To how many of the pictures each happens; of the plain ones, noise alone.
EFFECTS = {"highlights": 0.4, "response": 0.5, "defocus": 0.15, "mosaic": 0.2, "noise": 1.0}
PLAIN = dict.fromkeys(EFFECTS, 0.0) | {"noise": 1.0}


def some(count, share, like, generator):
    """[count, 1, 1, 1] of 0 and 1."""
    return (torch.rand(count, 1, 1, 1, device=like.device, generator=generator) < share).float()


def uniform(count, low, high, like, generator):
    return low + (high - low) * torch.rand(count, 1, 1, 1, device=like.device, generator=generator)


def highlights(linear, generator, share=0.4, most=8.0):
    """Light that the photograph clipped, given back: it streaks when it moves, since a sensor clips after it has added up."""
    if not share:
        return linear
    white = ((linear.amin(1, keepdim=True) - 0.9) / 0.1).clamp(0, 1)
    factor = torch.exp(uniform(len(linear), 0, math.log(most), linear, generator)) - 1
    return linear * (1 + white * factor * some(len(linear), share, linear, generator))


def response(count, usual, like, generator, share=0.5):
    """Exponents of the cameras' curves, display = linear ** (1 / exponent). [count, 1, 1, 1]"""
    if not share:
        return torch.full((count, 1, 1, 1), usual, device=like.device)
    return usual + (uniform(count, 1.7, 2.6, like, generator) - usual) * some(count, share, like, generator)


def disc(radius, size=7):
    """[B, size, size] discs with soft rims, radius [B] pixels."""
    at = torch.arange(size, device=radius.device) - size // 2
    distance = (at[:, None] ** 2 + at[None] ** 2).float().sqrt()
    weight = (radius[:, None, None] + 0.5 - distance).clamp(0, 1)
    return weight / weight.sum((1, 2), keepdim=True)


def defocus(light, generator, share=0.15, most=1.5):
    if not share:
        return light
    b, c, h, w = light.shape
    radius = uniform(b, 0, most, light, generator) * some(b, share, light, generator)
    kernels = disc(radius.view(b)).repeat_interleave(c, 0)[:, None]
    return F.conv2d(F.pad(light, [3] * 4, mode="reflect").view(1, b * c, h + 6, w + 6), kernels, groups=b * c).view(b, c, h, w)


def noise(light, generator, share=1.0):
    """Photon and read noise of a random ISO. Light 1 is white."""
    photon = 10 ** uniform(len(light), -5.5, -3.2, light, generator)
    read = 10 ** uniform(len(light), -4.0, -2.4, light, generator)
    sigma = (photon * light.clamp(min=0) + read ** 2).sqrt() * some(len(light), share, light, generator)
    return light + sigma * torch.randn(light.shape, device=light.device, generator=generator)


def mosaic(light, generator, share=0.2):
    """One colour a pixel (RGGB), the others filled in by bilinear interpolation."""
    if not share:
        return light
    b, _, h, w = light.shape
    seen = torch.zeros(1, 3, h, w, device=light.device)
    seen[:, 0, ::2, ::2] = seen[:, 1, ::2, 1::2] = seen[:, 1, 1::2, ::2] = seen[:, 2, 1::2, 1::2] = 1
    tent = torch.tensor([[1., 2, 1], [2, 4, 2], [1, 2, 1]], device=light.device).expand(3, 1, 3, 3)
    spread = lambda x: F.conv2d(F.pad(x, [1] * 4, mode="reflect"), tent, groups=3)
    filled = torch.where(seen > 0, light, spread(light * seen) / spread(seen))
    return torch.lerp(light, filled, some(b, share, light, generator))


def exposed(light, curve, generator, effects):
    """What the camera stores of the light that fell in, before JPEG. [B, 3, H, W] in 0..1, curve as of `response`, effects: shares of the pictures"""
    seen = noise(defocus(light, generator, effects["defocus"]), generator, effects["noise"])
    return mosaic(seen, generator, effects["mosaic"]).clamp(0, 1) ** (1 / curve)


LUMINANCE = [[16, 11, 10, 16, 24, 40, 51, 61], [12, 12, 14, 19, 26, 58, 60, 55], [14, 13, 16, 24, 40, 57, 69, 56], [14, 17, 22, 29, 51, 87, 80, 62],
             [18, 22, 37, 56, 68, 109, 103, 77], [24, 35, 55, 64, 81, 104, 113, 92], [49, 64, 78, 87, 103, 121, 120, 101], [72, 92, 95, 98, 112, 100, 103, 99]]
CHROMINANCE = [[17, 18, 24, 47], [18, 21, 26, 66], [24, 26, 56, 99], [47, 66, 99, 99]]        # the rest is 99


def cosines(device):
    """The orthonormal DCT-II matrix of 8."""
    k, n = torch.arange(8, device=device)[:, None], torch.arange(8, device=device)[None]
    basis = torch.cos(math.pi * (n + 0.5) * k / 8) / 2
    basis[0] /= math.sqrt(2)
    return basis


def tables(quality):
    """Quantisation tables of the JPEG standard's annex K at libjpeg's quality scale. quality [B] -> two of [B, 8, 8]"""
    scale = torch.where(quality < 50, 5000 / quality, 200 - 2 * quality)[:, None, None]
    luminance = torch.tensor(LUMINANCE, device=quality.device, dtype=torch.float32)
    chrominance = torch.full((8, 8), 99.0, device=quality.device)
    chrominance[:4, :4] = torch.tensor(CHROMINANCE, device=quality.device, dtype=torch.float32)
    return tuple(((t * scale + 50) / 100).floor().clamp(1, 255) for t in (luminance, chrominance))


def quantise(plane, table, basis):
    """One plane [B, H, W] in -128..127, sides multiples of 8, through DCT, rounding and back."""
    b, h, w = plane.shape
    blocks = plane.view(b, h // 8, 8, w // 8, 8).permute(0, 1, 3, 2, 4)
    steps = table[:, None, None]
    coefficients = ((basis @ blocks @ basis.T) / steps).round() * steps
    return (basis.T @ coefficients @ basis).permute(0, 1, 3, 2, 4).reshape(b, h, w)


def jpeg(image, quality):
    """What JPEG leaves of pictures in 0..1, without the bit stream; colour at half size below quality 90. image [B, 3, H, W], quality [B]

    Sides are multiples of 16.
    """
    basis, (luminance, chrominance) = cosines(image.device), tables(quality)
    r, g, b = (image * 255).unbind(1)
    y = 0.299 * r + 0.587 * g + 0.114 * b
    colour = torch.stack([(b - y) * 0.564334, (r - y) * 0.713267], 1)
    small = F.avg_pool2d(colour, 2)
    y = quantise(y - 128, luminance, basis) + 128
    planes = lambda x: torch.stack([quantise(p, chrominance, basis) for p in x.unbind(1)], 1)
    halved = F.interpolate(planes(small), scale_factor=2, mode="bilinear", align_corners=False)
    cb, cr = torch.where((quality < 90)[:, None, None, None], halved, planes(colour)).unbind(1)
    out = torch.stack([y + 1.402 * cr, y - 0.344136 * cb - 0.714136 * cr, y + 1.772 * cb], 1)
    return (out.round() / 255).clamp(0, 1)
