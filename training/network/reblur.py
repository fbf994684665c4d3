"""M's kernels put to the test: the sharp picture blurred again with them (Eq. 12). In linear light, at the taps' own scale."""
import torch
import torch.nn.functional as F

from training.network.light import GAMMA
from training.network.model import kernel_stride

PLACES = 32         # of the certificate, along one side
MOST = 100.0        # dB


def light(image, config):
    """[B, 3, H, W] in 0..1 -> linear, a value a tap."""
    return F.avg_pool2d(image ** GAMMA, config["kernel_estimator"]["tap_spacing"])


def mirrored(x, reach):
    """[..., H, W] with `reach` more on each side, mirrored at the edges, the edge itself twice; folded as often as it takes."""
    def indices(n):
        i = torch.arange(-reach, n + reach, device=x.device) % (2 * n)
        return torch.minimum(i, 2 * n - 1 - i)
    return x[..., indices(x.shape[-2])[:, None], indices(x.shape[-1])]


def stride(config):
    """Taps from one kernel to the next."""
    return kernel_stride(config["kernel_estimator"]) // config["kernel_estimator"]["tap_spacing"]


def middle(config):
    """The taps before the middle one of a position."""
    return (stride(config) - 1) // 2


def reblurred(kernels, sharp, config):
    """The middle tap of each position. kernels [B, m*m, h, w], sharp [B, 3, H, W] -> linear light [B, 3, h, w]"""
    m = config["kernel_estimator"]["m"]
    b, _, h, w = kernels.shape
    patches = F.unfold(mirrored(light(sharp, config), m // 2)[..., middle(config):, middle(config):], m, stride=stride(config))
    return (patches.view(b, 3, m * m, h, w) * kernels[:, None]).sum(2)


def reblur_target(seen, config):
    """What `reblurred` should be like."""
    first, step = middle(config), stride(config)
    return light(seen, config)[..., first::step, first::step]


def places(count):
    n = min(count, PLACES)
    return [(2 * i + 1) * count // (2 * n) for i in range(n)]


def certificate(kernels, result, seen, config):
    """The re-blur PSNR of a result in dB, as the engine gives it. result and seen [1, 3, H, W] in 0..1; kernels may reach beyond."""
    h, w = (n // kernel_stride(config["kernel_estimator"]) for n in seen.shape[-2:])
    error = reblurred(kernels[..., :h, :w], result, config) - reblur_target(seen, config)
    return (-10 * (error[..., places(h), :][..., places(w)] ** 2).mean().log10()).clamp(max=MOST)
