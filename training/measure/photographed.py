"""A sharp picture as a shaken camera takes it."""
import numpy as np
import torch

from training.data import blur as B


def photographed(sharp, frames, seed):
    """A sharp picture [h, w, 3] of bytes as a shaken camera takes it, and the mean extent of the motion in pixels."""
    generator = torch.Generator().manual_seed(seed)
    padded = np.pad(sharp, ((B.RADIUS, B.RADIUS), (B.RADIUS, B.RADIUS), (0, 0)), "symmetric")
    linear = (torch.from_numpy(padded).permute(2, 0, 1)[None].float() / 255) ** B.GAMMA
    path = B.trajectories(1, "cpu", generator)
    corners = B.window(B.corner_paths(path, torch.zeros(1, 2), sharp.shape[0]), frames)
    r = B.RADIUS
    seen = B.expose(B.blur(linear, corners)[0][..., r:-r, r:-r], generator)[0].permute(1, 2, 0)
    return (seen.numpy() * 255 + 0.5).astype(np.uint8), (corners.amax(2) - corners.amin(2)).norm(dim=-1).mean().item()
