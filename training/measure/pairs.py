"""Folders of pairs: NAME_blur.png and NAME_sharp.png, with a meta.csv where more is known of them."""
import csv
import glob
import os

import numpy as np
from PIL import Image

from training.folders import DATA

SETS = tuple(os.path.join(DATA, *parts) for parts in (("eval", "gopro"), ("eval", "synthetic"), ("eval2",)))
ALL = "all"                        # the kind of every picture of a set that doesn't tell kinds apart


def read(path):
    """[H, W, 3] float64 in 0..1"""
    return np.asarray(Image.open(path).convert("RGB")).astype(np.float64) / 255


def set_name(folder):
    return os.path.basename(os.path.normpath(folder))


def pairs(folder):
    """Rows {set, kind, name, blur, sharp, frames or None, extent_px or None}, by name. meta.csv knows kind, frames and mean_extent_px; _nN in a name, frames."""
    meta = {}
    if os.path.exists(os.path.join(folder, "meta.csv")):
        with open(os.path.join(folder, "meta.csv"), newline="") as f:
            meta = {row["name"]: row for row in csv.DictReader(f)}
    listed = []
    for blur in sorted(glob.glob(os.path.join(folder, "*_blur.png"))):
        name = os.path.basename(blur)[:-len("_blur.png")]
        row, tail = meta.get(name, {}), name.rpartition("_n")[2]
        frames = row.get("frames") or (tail if "_n" in name and tail.isdigit() else None)
        listed.append({"set": set_name(folder), "kind": row.get("kind", ALL), "name": name, "blur": blur, "sharp": blur[:-len("blur.png")] + "sharp.png",
                       "frames": int(frames) if frames else None, "extent_px": float(row["mean_extent_px"]) if row.get("mean_extent_px") else None})
    if not listed:
        raise FileNotFoundError(f"no *_blur.png in {folder}: name folders that hold pairs NAME_blur.png and NAME_sharp.png")
    if missing := [p["sharp"] for p in listed if not os.path.exists(p["sharp"])]:
        raise FileNotFoundError(f"{len(missing)} of {len(listed)} pictures of {folder} have no sharp twin; the first that is missing is {missing[0]}")
    return listed
