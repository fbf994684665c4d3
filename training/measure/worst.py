"""Contact sheet of the pictures that gained least: the part of each that lost most, blurred, as it came back, and sharp."""
import os

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import uniform_filter

from training.measure.pairs import ALL, pairs, set_name
from training.measure.report import gain

COUNT, COLUMNS, SIDE, LABEL, GAP = 10, 2, 224, 20, 8


def pixels(path):
    return np.asarray(Image.open(path).convert("RGB"))


def place(blurred, result, sharp, side):
    """(y, x) of the square whose squared error grew most, or sank least; of an unchanged picture, the most blurred one."""
    error = lambda x: ((x.astype(float) - sharp) ** 2).sum(2)
    lost, half = uniform_filter(error(result) - error(blurred) * (result != blurred).any(), side), side // 2
    inside = lost[half:lost.shape[0] - side + half + 1, half:lost.shape[1] - side + half + 1]
    return np.unravel_index(inside.argmax(), inside.shape)


def panel(row, pair):
    """[LABEL + side, 3 side, 3]"""
    pictures = [pixels(p) for p in (pair["blur"], row["result"], pair["sharp"])]
    side = min(SIDE, *pictures[0].shape[:2])
    y, x = place(*pictures, side)
    strip = Image.new("RGB", (3 * SIDE, LABEL + SIDE), "white")
    for i, picture in enumerate(pictures):
        strip.paste(Image.fromarray(picture[y:y + side, x:x + side]), (i * SIDE, LABEL))
    source = row["set"] if row["kind"] == ALL else f"{row['set']} {row['kind']}"
    said = f"t = {row['timestep']}" + (", came back unchanged" if row["unchanged"] else "")
    text = f"{source}: {row['name']}, blurred | result | sharp, {gain(row):+.2f} dB, {said}"
    ImageDraw.Draw(strip).text((2, 3), text, "black", ImageFont.load_default(12))
    return strip


def sheet(rows, folders, path):
    """Writes the sheet. rows have `result`, the path of the restored picture."""
    listed = {(set_name(folder), p["name"]): p for folder in folders for p in pairs(folder)}
    chosen = sorted((r for r in rows if r["input"]), key=gain)[:COUNT]
    down = -(-len(chosen) // COLUMNS)
    page = Image.new("RGB", (COLUMNS * (3 * SIDE + GAP) + GAP, max(down, 1) * (LABEL + SIDE + GAP) + GAP), "white")
    for i, r in enumerate(chosen):
        at = (GAP + i % COLUMNS * (3 * SIDE + GAP), GAP + i // COLUMNS * (LABEL + SIDE + GAP))
        page.paste(panel(r, listed[r["set"], r["name"]]), at)
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    page.save(path)
