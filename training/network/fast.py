"""A training step's convolutions and norms in C (loops.c), for the processors whose fastest products are float32: `accelerate(model)`.

Winograd's F(4x4, 3x3) needs a quarter of the multiplications of a 3x3 convolution, in both gradients too, and a norm with its SiLU is one pass each way. The
network computes the same function to about 1e-5. Where the processor multiplies bfloat16, PyTorch's own convolutions in bfloat16 are as fast.
"""
import ctypes
import functools
import os
import subprocess
import types
import warnings

import torch
import torch.nn as nn
import torch.nn.functional as F
from diffusers.models.resnet import ResnetBlock2D

from training.machine import compiled
from training.network.model import PixelNorm

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "loops.c")


@functools.cache
def loops():
    """loops.c as a library."""
    library = compiled(SOURCE)
    library.norm_silu_forward.argtypes = [ctypes.c_void_p] * 3 + [ctypes.c_float, ctypes.c_long, ctypes.c_int, ctypes.c_void_p]
    library.norm_silu_backward.argtypes = [ctypes.c_void_p] * 3 + [ctypes.c_float, ctypes.c_long, ctypes.c_int] + [ctypes.c_void_p] * 4
    return library


def pointer(x):
    return ctypes.c_void_p(None if x is None else x.data_ptr())


def last(x):
    """x with its channels last in memory."""
    return x.contiguous(memory_format=torch.channels_last)


def checked(code):
    if code:
        raise MemoryError("no memory for a convolution's tiles: take a smaller batch")


class Winograd(torch.autograd.Function):
    """3x3 convolution padded by one. x [B, in, H, W], weight [out, in, 3, 3], bias [B, out] or None; channels are multiples of 16."""

    @staticmethod
    def run(x, weight, bias, turned):
        """The convolution; turned: with the kernel turned by a half, from outputs to inputs."""
        out, into = weight.shape[:2]
        u = weight.new_empty(36, out * into)
        loops().winograd_weights(pointer(weight), out, into, int(turned), pointer(u))
        given, made = (out, into) if turned else (into, out)
        batch, _, height, width = x.shape
        y = torch.empty((batch, made, height, width), memory_format=torch.channels_last)
        checked(loops().winograd_forward(pointer(x), pointer(u), pointer(bias), pointer(y), batch, height, width, given, made))
        return y

    @staticmethod
    def forward(ctx, x, weight, bias):
        x, weight = last(x), last(weight)
        ctx.save_for_backward(x, weight)
        return Winograd.run(x, weight, None if bias is None else bias.contiguous(), False)

    @staticmethod
    def backward(ctx, dy):
        (x, weight), dy = ctx.saved_tensors, last(dy)
        dx = Winograd.run(dy, weight, None, True) if ctx.needs_input_grad[0] else None
        dw = None
        if ctx.needs_input_grad[1]:
            dw = torch.empty_like(weight)
            batch, into, height, width = x.shape
            checked(loops().winograd_weight_gradient(pointer(x), pointer(dy), pointer(dw), batch, height, width, into, len(weight)))
        return dx, dw, dy.sum((2, 3)) if ctx.needs_input_grad[2] else None


class NormSiLU(torch.autograd.Function):
    """SiLU of `PixelNorm`. x [B, C, H, W]"""

    @staticmethod
    def forward(ctx, x, weight, bias, eps):
        x = last(x)
        y = torch.empty_like(x)
        ctx.eps = eps
        ctx.save_for_backward(x, weight, bias)
        loops().norm_silu_forward(pointer(x), pointer(weight), pointer(bias), eps, x.numel() // x.shape[1], x.shape[1], pointer(y))
        return y

    @staticmethod
    def backward(ctx, dy):
        (x, weight, bias), dy = ctx.saved_tensors, last(dy)
        dx, dweight, dbias = torch.empty_like(x), torch.zeros_like(weight), torch.zeros_like(bias)
        loops().norm_silu_backward(pointer(x), pointer(weight), pointer(bias), ctx.eps, x.numel() // x.shape[1], x.shape[1], *map(pointer, (dy, dx, dweight, dbias)))
        return dx, dweight, dbias, None


def norm_silu(norm, x):
    return NormSiLU.apply(x, norm.weight, norm.bias, norm.eps)


def is_winograd(conv):
    return conv.kernel_size == (3, 3) and conv.stride == (1, 1) and conv.padding == (1, 1) and conv.in_channels % 16 == conv.out_channels % 16 == 0


def convolved(conv, x, added=None):
    """conv(x), and `added` [B, out] at each position."""
    bias = conv.bias.expand(len(x), -1) if added is None else conv.bias + added
    return Winograd.apply(x, conv.weight, bias)


def pointwise(conv, x):
    """A 1x1 convolution as the product that it is."""
    return F.linear(x.permute(0, 2, 3, 1), conv.weight.flatten(1), conv.bias).permute(0, 3, 1, 2)


def residual_block(block, x, temb, *_, **__):
    """`ResnetBlock2D.forward` without resampling: the timestep's part joins the bias of the first convolution."""
    h = convolved(block.conv1, norm_silu(block.norm1, x), block.time_emb_proj(F.silu(temb)))
    h = convolved(block.conv2, norm_silu(block.norm2, h))
    return (x if block.conv_shortcut is None else block.conv_shortcut(x)) + h


def is_plain(block):
    """Whether `residual_block` is what the block computes."""
    return (isinstance(block.norm1, PixelNorm) and is_winograd(block.conv1) and is_winograd(block.conv2) and block.upsample is None and block.downsample is None
            and block.time_embedding_norm == "default" and block.output_scale_factor == 1 and isinstance(block.nonlinearity, nn.SiLU))


def accelerate(model):
    """Lets the layers of a network that loops.c knows run there, in float32 on the CPU. Weights, their names and what is computed stay the same."""
    try:
        loops()
    except (OSError, subprocess.CalledProcessError) as error:
        warnings.warn(f"loops.c could not be compiled ({error}); PyTorch's own layers take its place, half as fast: install a C compiler named cc")
        return model
    for module in model.modules():
        if isinstance(module, nn.Conv2d) and is_winograd(module) and module.bias is not None:
            module.forward = types.MethodType(convolved, module)
        elif isinstance(module, nn.Conv2d) and module.kernel_size == module.stride == (1, 1) and module.padding == (0, 0):
            module.forward = types.MethodType(pointwise, module)
        elif isinstance(module, ResnetBlock2D) and is_plain(module):
            module.forward = types.MethodType(residual_block, module)
    if isinstance(model.unet.conv_norm_out, PixelNorm):
        model.unet.conv_norm_out.forward = types.MethodType(norm_silu, model.unet.conv_norm_out)
        model.unet.conv_act = nn.Identity()
    return model
