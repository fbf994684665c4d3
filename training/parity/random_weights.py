"""A FideDiff with random weights in which every part matters, for golden fixtures and parity checks."""
import math

import torch

from training.network.displacement import greatest_displacement
from training.network.model import FideDiff, alphas_cumprod, value_of
from training.network.reblur import certificate
from training.network.views import restored

TIMESTEP = 123  # not one of the paper's six, so that nothing passes by a lucky constant


def build_random(config, seed):
    """The model of a configuration with no default initialisation: at paper scale that would take minutes. All weights f32."""
    with torch.device("meta"):
        model = FideDiff(config)
    model = model.to_empty(device="cpu").eval()
    model.abar = alphas_cumprod()  # a buffer, so `to_empty` forgot it
    generator = torch.Generator().manual_seed(seed)
    for name, p in model.named_parameters():
        fill(name, p.data, generator)
    return model.requires_grad_(False)


def fill(name, p, generator):
    """Keeps variance from layer to layer, so that no softmax or sigmoid saturates. Nothing is zero, zero convolutions included."""
    if name == "prompt_embedding":
        p.uniform_(-1.7, 1.7, generator=generator)
    elif name.endswith("bias"):
        p.uniform_(-0.2, 0.2, generator=generator)
    elif p.dim() == 1:  # the weight of a norm
        p.uniform_(0.6, 1.4, generator=generator)
    else:
        fan_in = p[0].numel()
        if name.startswith("kernel_estimator.decode") and p.shape[-1] == 2:  # transposed convolution, [in, out, 2, 2], stride 2: one tap reaches each position
            fan_in = p.shape[0]
        bound = gain(name, p) * math.sqrt(3 / fan_in)
        p.uniform_(-bound, bound, generator=generator)


def gain(name, p):
    if name == "kernel_estimator.conv_out.weight":
        return 3                          # kernels with a few strong taps instead of a flat blur
    if name.startswith("kernel_estimator"):
        return math.sqrt(2)               # ReLU halves the variance
    if name == "timestep_predictor.linear.weight":
        return p.shape[1]                 # m*m taps share a sum of one
    if name == "filter.kernel_in.weight":
        return math.sqrt(p.shape[1])
    if name.startswith(("vae.decoder.conv.", "vae.decoder.conv_out.")):
        return 0.4                        # few pixels outside 0..1, where clamping would hide an error
    return 1


def centre_timestep(model, image, t=TIMESTEP):
    """Moves T's last bias so that it answers t for this image: a value near t + 1/2 would be rounded either way.
    In float64 and rounded once, so that every processor finds the same bias."""
    model.kernel_estimator.double(), model.timestep_predictor.double()
    answer = torch.logit(model.timestep_predictor(model.kernel_maps(image.double())))
    model.timestep_predictor.fc2.bias += torch.logit(torch.tensor(value_of(t), dtype=torch.float64)) - answer
    model.kernel_estimator.float(), model.timestep_predictor.float()


def stages(model, image, dtype=torch.float32):
    """Every stage of one image [3, H, W] of aligned size, by the names that the engine's comparison knows; f32, no batch dimension."""
    record = {}
    with torch.no_grad():
        restored(model.to(dtype), image[None].to(dtype), record)
        del record["predicted_timestep"]                         # `timestep` is what U is told
        record["reblur_psnr"] = certificate(record["kernels"], record["output"], record["image"], model.config)[None]
        record["displacement"] = greatest_displacement(record.pop("image"), record["output"])[None]
    return {"image": image} | {name: x[0].reshape(x.shape[1:] or (1,)).float().contiguous() for name, x in record.items()}
