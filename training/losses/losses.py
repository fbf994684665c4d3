"""The losses of a training step (paper, Eq. 8 to 13), but for the perceptual ones and the judge's."""
import torch
import torch.nn.functional as F

from training.data.blur import timestep_of_frames
from training.network.model import value_of
from training.network.reblur import reblur_target, reblurred

LAMBDA_LPIPS, LAMBDA_GAN, LAMBDA_REBLUR, LAMBDA_TIME = 1.0, 5e-3, 0.1, 1.0     # supplement A
LAMBDA_KERNEL = 0.05                                                            # cross-entropy to the true kernels; ours


def reblur_loss(kernels, sharp, seen, config):
    """Eq. 12: the sharp picture blurred with the kernel map, against the blurred one. kernels [B, m*m, h, w], pictures [B, 3, H, W]"""
    return (reblurred(kernels, sharp, config) - reblur_target(seen, config)).abs().mean()


def kernel_loss(logits, true, known):
    """Cross-entropy to the true kernel map, over the pictures whose kernels the generator knows. logits and true [B, m*m, h, w], known [B] bool"""
    if not known.any():
        return logits.sum() * 0
    return -(true[known] * logits[known].log_softmax(1)).sum(1).mean()


def time_loss(v, frames):
    """Of T's value against that of the number of averaged frames, where it is known (0: not). v [B], frames [B]"""
    known = frames > 0
    if not known.any():
        return v.sum() * 0
    target = value_of(timestep_of_frames(frames[known]).float()).clamp(0, 1)
    return F.mse_loss(v[known], target)


def psnr_loss(out, sharp):
    """A tenth of the mean logarithm of each picture's squared error. What is above 40 dB counts for little, or sharp pictures would drown the others."""
    return 0.1 * torch.log((out - sharp).square().flatten(1).mean(1) + 1e-4).mean()


LOSSES = {"l1": F.l1_loss, "psnr": psnr_loss}


def psnr(a, b):
    """Of each picture, in dB. [B, 3, H, W] in 0..1 -> [B]"""
    return -10 * torch.log10(((a - b) ** 2).mean((1, 2, 3)).clamp(min=1e-9))
