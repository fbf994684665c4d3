"""Weights to begin with: a run's average or a model folder, for a network that may have grown."""
import os

import torch
import torch.nn.functional as F

from training.network.model import FideDiff, load_config


def averaged(path):
    """The averaged weights of a run's state.pt, or those of a model folder."""
    if os.path.isdir(path):
        return FideDiff(load_config(path)).load(path).state_dict()
    return torch.load(path, map_location="cpu", weights_only=True)["average"]


def widened(state, model):
    """Weights for a model whose layers may see more than they knew: nothing follows from it at first."""
    return {n: F.pad(state[n], (0, 0) * (p.dim() - 2) + (0, p.shape[1] - state[n].shape[1])) if p.dim() > 1 else state[n] for n, p in model.state_dict().items()}


def mixed(a, b, share, scale=1.0):
    """(1 - share) a + share b. U's last layer predicts the residual of the latent: scaled, U takes away less blur, or more."""
    weights = {name: value.lerp(b[name], share) for name, value in a.items()}
    for name in ("unet.conv_out.weight", "unet.conv_out.bias"):
        weights[name] = weights[name] * scale
    return weights
