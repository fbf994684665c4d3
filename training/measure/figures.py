"""Full-reference figures of one picture against another, both [H, W, 3] float64 in 0..1."""
import numpy as np
import torch
from scipy.ndimage import gaussian_filter


def psnr(a, b):
    return float(-10 * np.log10(max(np.mean((a - b) ** 2), 1e-12)))


def ssim(a, b):
    """Wang et al. 2004: Gaussian window of sigma 1.5 and 11x11 taps, mean over channels and all positions with a whole window."""
    blur = lambda x: gaussian_filter(x, (1.5, 1.5, 0), truncate=3.5)
    ma, mb = blur(a), blur(b)
    va, vb, cov = blur(a * a) - ma ** 2, blur(b * b) - mb ** 2, blur(a * b) - ma * mb
    index = (2 * ma * mb + 0.01 ** 2) * (2 * cov + 0.03 ** 2) / ((ma ** 2 + mb ** 2 + 0.01 ** 2) * (va + vb + 0.03 ** 2))
    return float(index[5:-5, 5:-5].mean())


class Figures:
    """PSNR, SSIM, LPIPS (AlexNet) and DISTS, but for those of the last two that are left out: DISTS takes most of the time."""

    PERCEPTUAL = ("lpips", "dists")

    def __init__(self, without=()):
        self.perceptual = {}
        if "lpips" not in without:
            from training.losses.perceptual import LPIPS
            self.perceptual["lpips"] = LPIPS("alex")
        if "dists" not in without:
            from training.losses.perceptual import DISTS
            self.perceptual["dists"] = DISTS()

    def __call__(self, picture, reference):
        return self.several([picture], reference)[0]

    @torch.no_grad()
    def several(self, pictures, reference):
        """The same of each of several pictures, at less cost: what the networks see in the reference is computed once."""
        found = [{"psnr": psnr(p, reference), "ssim": ssim(p, reference)} for p in pictures]
        x, y = (torch.from_numpy(np.stack(p).astype(np.float32)).permute(0, 3, 1, 2) for p in (pictures, [reference]))
        for name, distance in self.perceptual.items():
            for figures, value in zip(found, distance(x, y)):
                figures[name] = float(value)
        return found
