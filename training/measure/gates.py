"""Least figures that weights must keep, by set and kind, from a file: {"least": {set: {kind: {figure: value}}}, "most": the same}.

kind: one of the set's, "all" where a set has no kinds, "mean" over the blurred kinds, or "T". Figures: psnr, ssim, lpips and dists are gains; worse is a share,
unchanged and harmed are counts, worst_psnr is of sharp pictures against themselves, rank is T's.
"""
import json
import os

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "gates.json")


def measured(found, name, kind, figure):
    """The figure, or None where it was not measured."""
    s = found["sets"].get(name, {})
    if kind == "T":
        return s.get("rank", {}).get(figure)
    entry = (s.get("mean") if kind == "mean" else s.get("kinds", {}).get(kind) or s.get("stay", {}).get(kind)) or {}
    return entry.get("gains", {}).get(figure, {}).get("gain") if figure in ("psnr", "ssim", "lpips", "dists") else entry.get(figure)


def failures(found, gates):
    """One line for each gate that is not kept, and how many there are in all. What was not measured is not kept."""
    lines, number = [], 0
    for bound, kept in (("least", lambda value, limit: value >= limit), ("most", lambda value, limit: value <= limit)):
        for name, kinds in gates.get(bound, {}).items():
            for kind, figures in kinds.items():
                for figure, limit in figures.items():
                    value, number = measured(found, name, kind, figure), number + 1
                    if value is None or not kept(value, limit):
                        lines.append(f"FAILED: {name} {kind} {figure} must be at {bound} {limit}, measured {'nothing' if value is None else f'{value:.3f}'}")
    return lines, number


def read(path):
    with open(path) as f:
        return json.load(f)
