"""Motion blur as a camera makes it: smooth trajectories, linear light, a second moving region, sensor noise. All on one torch device.

A trajectory is the displacement of the picture over 15 frames of a 240-fps camera (62.5 ms). A window of n frames around its
middle is one point of the chain (section 3.4): t = (n - 1) * 20. Which way a path was travelled cannot be seen in a picture, so
every window is shifted to its own centroid, where the sharp picture stands.

Displacement (dx, dy) means: at that instant the sensor sees sharp(x + dx, y + dy). Hence blur(x) = sum over taps of k[tap] * sharp(x + tap).
"""
import math

import torch

from training.data import camera
from training.network.light import GAMMA

FPS = 240
FRAMES = (5, 7, 9, 11, 13, 15)
SUBSTEPS = 4                       # instants per frame interval
RADIUS = 32                        # pixels; longer excursions are scaled down
KEPT = 24                          # instants that describe a path where its own number of them does not matter


def timestep_of_frames(n):
    return (n - 1) * 20


def trajectories(count, device, generator):
    """[count, 15 * SUBSTEPS, 4]: dx, dy in pixels, roll in radians, zoom as a factor less 1, over 15 frames centred on time 0.

    What six degrees of freedom leave in a picture: pitch, yaw and the two shifts move it, the third shift zooms it, roll turns it.
    Drift plus tremor of 3 to 11 Hz (physiological tremor); the extent over the whole path is log-normal.
    """
    rand = lambda *s: torch.rand(*s, device=device, generator=generator)
    randn = lambda *s: torch.randn(*s, device=device, generator=generator)
    steps = 14 * SUBSTEPS + 1
    time = torch.linspace(-7 / FPS, 7 / FPS, steps, device=device)
    drift = randn(count, 1, 4) * time[None, :, None] * 40
    frequency = 3 + 8 * rand(count, 1, 4, 3)
    tremor = torch.sin(2 * math.pi * (frequency * time[None, :, None, None] + rand(count, 1, 4, 3))) * randn(count, 1, 4, 3)
    path = drift * rand(count, 1, 1) + (tremor / frequency.sqrt()).sum(-1) * rand(count, 1, 1) * 2
    path = path - path.mean(1, keepdim=True)
    extent = torch.exp(math.log(14) + 0.75 * randn(count)).clamp(0.5, 56)
    length = (path[..., :2].amax(1) - path[..., :2].amin(1)).norm(dim=-1).clamp(min=1e-3)
    path[..., :2] *= (extent / length)[:, None, None]
    turns = path[..., 2:].amax(1) - path[..., 2:].amin(1)
    path[..., 2:] *= (extent[:, None] * torch.tensor([0.0012, 0.0006], device=device) * rand(count, 2) / turns.clamp(min=1e-3))[:, None]
    return path


def scenes(region, device, generator):
    """The camera's paths [count, steps, 4], and those of a second region [count, steps, 2], as the sensor sees them, where there is one: region [count] bool.

    In two thirds of these the camera shakes and the region moves besides; in a sixth the camera stands still, but for little; in a sixth it follows the region,
    which is still, but for little, before a background that moves.
    """
    rand = lambda: torch.rand(len(region), 1, 1, device=device, generator=generator)
    camera, own = (trajectories(len(region), device, generator) for _ in range(2))
    kind, little = torch.where(region.view(-1, 1, 1), rand(), 0.5), 0.15 * rand()
    stands, follows = kind < 1 / 6, kind > 5 / 6
    camera, own = torch.where(stands, camera * little, camera), torch.where(stands, own, own * 0.7)[..., :2]
    return camera, torch.where(follows, own * little, camera[..., :2] + own)


def window(path, n):
    """The middle n frames of [..., steps, 2], moved to their centroid."""
    middle, half = path.shape[-2] // 2, (n - 1) * SUBSTEPS // 2
    part = path[..., middle - half: middle + half + 1, :]
    part = part - part.mean(-2, keepdim=True)
    return part * (RADIUS - 1) / part.abs().amax((-2, -1), keepdim=True).clamp(min=RADIUS - 1)


def thin(paths):
    """[..., steps, 2] -> [..., KEPT, 2], evenly spaced in time."""
    steps = paths.shape[-2]
    at = torch.linspace(0, steps - 1, KEPT, device=paths.device)
    low = at.floor().long().clamp(max=max(steps - 2, 0))
    f = (at - low)[:, None]
    high = (low + 1).clamp(max=steps - 1)
    return paths[..., low, :] * (1 - f) + paths[..., high, :] * f


def corner_paths(path, centre, size):
    """Displacements at the four corners of a patch. path [B, steps, 4], centre [B, 2] pixels from the optical axis -> [B, 4, steps, 2]."""
    offsets = torch.tensor([[-.5, -.5], [.5, -.5], [-.5, .5], [.5, .5]], device=path.device) * size
    place = centre[:, None] + offsets                              # [B, 4, 2]
    turned = torch.stack([-place[..., 1], place[..., 0]], -1)      # perpendicular: d(position)/d(roll)
    return path[:, None, :, :2] + path[:, None, :, 2:3] * turned[:, :, None] + path[:, None, :, 3:] * place[:, :, None]


def parallax(count, share, device, generator):
    """By what each corner's path is longer or shorter than the camera's, as near things move further. [count, 4, 1, 1], 1 where there is no depth"""
    if not share:
        return torch.ones(count, 4, 1, 1, device=device)
    some = (torch.rand(count, 1, 1, 1, device=device, generator=generator) < share).float()
    return 1 + 0.35 * some * (2 * torch.rand(count, 4, 1, 1, device=device, generator=generator) - 1)


def rasterise(paths, size, spacing=1.0):
    """Paths [..., steps, 2] -> kernels [..., size, size], each summing to 1, by bilinear splatting on taps `spacing` pixels apart."""
    lead, steps = paths.shape[:-2], paths.shape[-2]
    p = paths.reshape(-1, steps, 2) / spacing + (size - 1) / 2
    p = p.clamp(0, size - 1 - 1e-3)
    low = p.floor()
    f, low = p - low, low.long()
    kernel = torch.zeros(len(p), size * size, device=p.device)
    for dy in (0, 1):
        for dx in (0, 1):
            weight = (f[..., 0] if dx else 1 - f[..., 0]) * (f[..., 1] if dy else 1 - f[..., 1])
            kernel.scatter_add_(1, (low[..., 1] + dy) * size + low[..., 0] + dx, weight / steps)
    return kernel.view(*lead, size, size)


def bilinear_weights(size, device, margin=0):
    """How much of each of four corner kernels acts at each position: [4, size, size]. The corners stand `margin` inside the edges."""
    u = ((torch.arange(size, device=device) + 0.5 - margin) / (size - 2 * margin)).clamp(0, 1)
    x, y = u[None, :].expand(size, size), u[:, None].expand(size, size)
    return torch.stack([(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y])


def correlate(spectrum, kernels, n):
    """Circular correlation. spectrum [B, C, 1, n, n/2+1], kernels [B, K, s, s] -> [B, C, K, n, n]."""
    s = kernels.shape[-1]
    padded = torch.zeros(*kernels.shape[:-2], n, n, device=kernels.device)
    padded[..., :s, :s] = kernels
    padded = padded.roll((-(s // 2), -(s // 2)), (-2, -1))
    return torch.fft.irfft2(spectrum * torch.fft.rfft2(padded).conj()[:, None], s=(n, n))


def blur(linear, corners, mask=None, moving=None):
    """Blurs square patches [B, 3, n, n] of linear light; the outer RADIUS pixels of the answer are not valid.

    corners [B, 4, steps, 2] of the valid part; mask [B, 1, n, n] and moving [B, steps, 2] are a second region on its own path. The region hides what is
    behind it at each instant, so its own share is blurred mask * picture, and the background keeps the rest.
    Returns the blurred patch and the region's share at each pixel [B, 1, n, n] (or None).
    """
    n = linear.shape[-1]
    size = 2 * RADIUS + 1
    spectrum = torch.fft.rfft2(linear)[:, :, None]
    weights = bilinear_weights(n, linear.device, RADIUS)
    out = (correlate(spectrum, rasterise(corners, size), n) * weights).sum(2)
    if mask is None:
        return out, None
    kernel = rasterise(moving, size)[:, None]
    layers = torch.cat([linear * mask, mask], 1)
    moved = correlate(torch.fft.rfft2(layers)[:, :, None], kernel, n)[:, :, 0]
    share = moved[:, 3:].clamp(0, 1)
    return out * (1 - share) + moved[:, :3], share


def region_masks(count, n, device, generator):
    """Soft-edged blobs that cover part of a patch. [count, 1, n, n]"""
    rand = lambda *s: torch.rand(*s, device=device, generator=generator)
    coarse = torch.randn(count, 1, 5, 5, device=device, generator=generator)
    field = torch.nn.functional.interpolate(coarse, size=(n, n), mode="bicubic", align_corners=False)
    return torch.sigmoid((field - (rand(count, 1, 1, 1) * 0.9 - 0.1)) * 25)


def expose(linear, generator):
    """Linear light -> sRGB-like 0..1 with the noise of a random ISO."""
    return camera.exposed(linear, GAMMA, generator, camera.PLAIN)


def kernel_map(corners, grid, m, spacing, share=None, moving=None):
    """The true kernel at each cell of a square patch: [B, m*m, grid, grid]. share [B, 1, grid, grid] of the region that moves on its own."""
    k = rasterise(corners, m, spacing).flatten(-2)                 # [B, 4, m*m]
    k = torch.einsum("bck,chw->bkhw", k, bilinear_weights(grid, corners.device))
    if share is not None:
        own = rasterise(moving, m, spacing).flatten(-2)[:, :, None, None]
        k = k * (1 - share) + own * share
    return k
