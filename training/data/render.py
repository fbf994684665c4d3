"""The sensor: layers that move on paths of their own, composited at each instant and added up in linear light.

A layer is [4, N, N]: linear red, green, blue times alpha, and alpha; the first is opaque. Its path is the displacement of the picture's four corners at each
instant, [4, T, 2], bilinear between them, which is exact for shift, roll and zoom: pixel x sees layer(x + d). On a CPU a C function does it, compiled where it
runs; on a GPU, and where there is no compiler, torch does the same, ten times slower on one core.
"""
import ctypes
import os
import subprocess
import warnings

import numpy as np
import torch
import torch.nn.functional as F

from training.data import blur as B
from training.machine import compiled

CELL = 16                        # pixels along a side of a place that has its own share of each layer
SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "render.c")
library = None


def loop():
    """The C function, or False where it cannot be compiled."""
    global library
    if library is None:
        try:
            library = compiled(SOURCE).render
        except (OSError, subprocess.CalledProcessError) as error:
            warnings.warn(f"render.c could not be compiled ({error}); torch takes its place, some ten times slower: install a C compiler named cc")
            library = False
    return library


def coefficients(corners):
    """[..., 4, T, 2] -> [..., T, 4, 2]: c0 + c1 u + c2 v + c3 u v."""
    a, b, c, d = np.moveaxis(corners, -3, 0)
    return np.stack([a, b - a, c - a, d - b - c + a], -2)


def boxes(layers):
    """Rows and columns that are not all transparent. [L, N, N, 4] -> [L, 4] i32; an empty layer has none"""
    found = []
    for alpha in layers[..., 3]:
        rows, columns = np.flatnonzero(alpha.max(1)), np.flatnonzero(alpha.max(0))
        found.append([rows[0], rows[-1], columns[0], columns[-1]] if len(rows) else [0, -2, 0, -2])
    return np.array(found, np.int32)


def in_c(layers, corners, side):
    count, steps, n = len(layers), corners.shape[2], layers.shape[-1]
    if count > 16:
        raise ValueError(f"{count} layers are more than the 16 that render.c can hold: put fewer things into a scene")
    canvas = layers.permute(0, 2, 3, 1).contiguous().numpy()
    c = np.ascontiguousarray(coefficients(corners), np.float32)
    box = boxes(canvas)
    out, share = np.zeros((side, side, 4), np.float32), np.zeros((count, side // CELL, side // CELL), np.float32)
    pointer = lambda a: ctypes.c_void_p(a.ctypes.data)
    loop()(count, steps, side, n, CELL, pointer(canvas), pointer(c), pointer(box), pointer(out), pointer(share))
    if count == 1:
        share[:] = CELL * CELL
    return torch.from_numpy(out[..., :3]).permute(2, 0, 1).contiguous(), torch.from_numpy(share / CELL ** 2)


def in_torch(layers, corners, side, at_once=8):
    device, n, steps = layers.device, layers.shape[-1], corners.shape[2]
    paths = torch.from_numpy(np.ascontiguousarray(corners, np.float32)).to(device)
    weights = B.bilinear_weights(side, device)
    at = torch.arange(side, device=device) + (n - side) // 2
    here = torch.stack([at[None].expand(side, side), at[:, None].expand(side, side)], -1)
    out, share = torch.zeros(3, side, side, device=device), torch.zeros(len(layers), side, side, device=device)
    for first in range(0, steps, at_once):
        part = paths[:, :, first:first + at_once]
        left = torch.ones(part.shape[2], 1, side, side, device=device)
        for l in reversed(range(len(layers))):
            where = (here + torch.einsum("ctk,cyx->tyxk", part[l], weights)).clamp(0, n - 1.001)
            seen = F.grid_sample(layers[l:l + 1].expand(len(where), -1, -1, -1), where * 2 / (n - 1) - 1, align_corners=True)
            out += (left * seen[:, :3]).sum(0)
            share[l] += (left * seen[:, 3:]).sum((0, 1))
            left = left * (1 - seen[:, 3:])
    return out / steps, F.avg_pool2d(share[None] / steps, CELL)[0]


def render(layers, corners, side):
    """What falls on the sensor, [3, side, side] linear, and each layer's visible share of each cell, [L, side/CELL, side/CELL].

    layers [L, 4, N, N], corners [L, 4, T, 2] numpy, displacements smaller than the canvas' margin (N - side) / 2.
    """
    return (in_c if layers.device.type == "cpu" and loop() else in_torch)(layers, corners, side)


def flat(layers, side):
    """The scene when nothing moves. [3, side, side] linear"""
    margin = (layers.shape[-1] - side) // 2
    out = layers.new_zeros(3, side, side)
    for layer in layers[..., margin:margin + side, margin:margin + side]:
        out = out * (1 - layer[3:]) + layer[:3]
    return out


def cell_paths(corners, cells):
    """Bilinear between corner paths: [..., 4, K, 2] -> [..., cells, cells, K, 2]."""
    return torch.einsum("...ckd,cyx->...yxkd", corners, B.bilinear_weights(cells, corners.device))


def kernel_map(paths, share, m, spacing):
    """The true kernel at each cell of a square picture: [m*m, cells, cells], each summing to 1.

    paths [L, 4, K, 2] corner paths of the layers, share [L, cells, cells] how much of each cell is which layer's, summing to 1; m taps along a side, `spacing` pixels apart.
    """
    there = share.flatten(1).sum(1) > 0
    paths, share = paths[there].float(), share[there]
    kernels = B.rasterise(cell_paths(paths, share.shape[-1]), m, spacing)
    return torch.einsum("lyxhw,lyx->hwyx", kernels, share).flatten(0, 1)
