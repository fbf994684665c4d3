"""Which pictures there are: the photographs to learn from, those that are held back, and what a file's name says."""
import csv
import glob
import os

import numpy as np
from PIL import Image

HELD_BACK = {"train": 25, "train2": 5}      # one photograph of so many is never trained on
ATTRIBUTED = ("set", "file", "origin", "author", "licence")
HERE = os.path.dirname(os.path.abspath(__file__))


def read_pixels(path):
    """[H, W, 3] u8"""
    return np.asarray(Image.open(path).convert("RGB"))


def frames_of(path):
    """The number of averaged frames, where a pair's name says so; otherwise 0."""
    name = os.path.basename(path)
    return int(name.split("_n")[-1].split("_")[0]) if "_n" in name else 0


def rows_of(name):
    """The rows of a list beside this file, as dictionaries."""
    with open(os.path.join(HERE, name), newline="") as f:
        return list(csv.DictReader(f))


def listed(name):
    """(set, file) of each row of a list beside this file."""
    return {(row["set"], row["file"]) for row in rows_of(name)}


def unstated():
    """(set, file) of each photograph whose own licence nobody states."""
    return {(row["set"], row["file"]) for row in rows_of("SOURCES.csv") if row["stated"] != "yes"}


def attribution(before):
    """Rows of ATTRIBUTION.csv: the photographs that some weights learned from, and those that new shards may draw from. before: such rows of earlier weights"""
    known = {(row["set"], row["file"]) for row in before} | listed("HELDBACK.csv")
    return before + [{key: row[key] for key in ATTRIBUTED} for row in rows_of("SOURCES.csv") if row["stated"] == "yes" and (row["set"], row["file"]) not in known]


def files_by_rule(data):
    """((set, file), path, whether the rule holds it back) of each photograph of a whole folder, by which HELDBACK.csv was made."""
    for folder, every in HELD_BACK.items():
        for i, path in enumerate(sorted(glob.glob(os.path.join(data, folder, "*.jpg")))):
            yield (folder, os.path.basename(path)), path, i % every == 0


def photographs(data, with_unstated=False):
    """Files to learn from, and those held back. The one place that decides it: HELDBACK.csv, even where others are missing; the rule for photographs that no list knows.

    What SOURCES.csv knows no licence of is not learned from, unless with_unstated, as the weights up to a532361 did; held back, to measure with, it may be.
    """
    known, held_back, without = listed("SOURCES.csv"), listed("HELDBACK.csv"), set() if with_unstated else unstated()
    learn, held = [], []
    for name, path, by_rule in files_by_rule(data):
        if name in held_back if name in known else by_rule:
            held.append(path)
        elif name not in without:
            learn.append(path)
    return learn, held
