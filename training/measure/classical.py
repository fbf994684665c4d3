"""Classical filters to compare with: unsharp masking, and Wiener's filter with the kernel that made the blur. Pictures are [H, W, 3] float64 in 0..1."""
import numpy as np
import torch
from PIL import Image, ImageFilter
from skimage.restoration import wiener as wiener_hunt

from training.data import blur as B

UNSHARP = {"radius": 2, "percent": 100, "threshold": 0}     # Pillow's filter: sigma in pixels, strength, levels
MARGIN = 64                                                 # pixels that a picture is mirrored by, since the filter takes it for periodic


def unsharp(picture):
    image = Image.fromarray((picture * 255 + 0.5).astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.UnsharpMask(**UNSHARP))) / 255


def wiener(picture, corners, balance):
    """Wiener-Hunt deconvolution in linear light. corners [4, steps, 2]: the true paths at the picture's corners, `balance` the weight of smoothness.

    Kernels differ over the picture: it is filtered with those of its four corners, and each place mixes the four as the blur did.
    """
    kernels = B.rasterise(torch.from_numpy(corners), 2 * B.RADIUS + 1).double().numpy()
    height, width = picture.shape[:2]
    linear = np.pad(picture ** B.GAMMA, ((MARGIN, MARGIN), (MARGIN, MARGIN), (0, 0)), "symmetric")
    cut = (slice(MARGIN, MARGIN + height), slice(MARGIN, MARGIN + width))
    # blur() correlates, the filter undoes a convolution: the kernel is turned by half a circle.
    undone = [np.stack([wiener_hunt(linear[..., c], kernel[::-1, ::-1], balance, clip=False)[cut] for c in range(3)], -1) for kernel in kernels]
    share = B.bilinear_weights(height, "cpu").double().numpy()                 # [4, height, width] of a square
    mixed = sum(w[..., None] * u for w, u in zip(share, undone))
    return np.round(np.clip(mixed, 0, 1) ** (1 / B.GAMMA) * 255) / 255
