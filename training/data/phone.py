"""A phone's pipeline: mosaic, demosaicing, noise taken away together with texture, halos by sharpening. All before JPEG."""
import torch

from training.data import camera
from training.data.layers import gaussian, mean


def denoised(picture, strength):
    """Blends towards the neighbourhood's mean where the picture varies less than noise does: flat parts go smooth, strong edges stay. [3, H, W] display values"""
    around = mean(picture, 5)
    spread = (mean(picture.square(), 5) - around.square()).clamp(min=0).mean(0, keepdim=True)
    return around + (picture - around) * spread / (spread + strength ** 2)


def sharpened(picture, amount, radius):
    """Unsharp masking: what is left of a smeared edge gets halos."""
    return picture + amount * (picture - gaussian(picture, radius))


def developed(light, curve, iso, rng, generator):
    """Linear [3, H, W] -> display values as a phone stores them, and what it did."""
    noisy = sensor(light, iso, rng, generator)
    filled = camera.mosaic(noisy[None], generator, 1.0)[0].clamp(0, 1) ** (1 / curve)
    amount, radius = rng.uniform(0.4, 1.0), rng.uniform(0.7, 1.8)
    return sharpened(denoised(filled, (iso / 800) ** 0.5 * rng.uniform(0.01, 0.05)), amount, radius).clamp(0, 1), {
        "iso": iso, "halo": round(amount, 2), "halo_radius": round(radius, 2)}


def sensor(light, iso, rng, generator):
    """Photon and read noise at an ISO, of a small sensor. [3, H, W] linear"""
    photon, read = iso * rng.uniform(2e-7, 6e-7), iso * rng.uniform(5e-7, 2.5e-6)
    sigma = (photon * light.clamp(0, 1) + read ** 2).sqrt()
    return light + sigma * torch.randn(light.shape, device=light.device, generator=generator)
