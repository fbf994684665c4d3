"""Writes HELDBACK.csv and SOURCES.csv beside this file: which photographs are never learned from, and where each picture is from.

python -m training.data.photographs --data DIR        DIR has train/ and train2/, each with a SOURCES.csv of file, origin, author, licence, url, width, height;
                                                      and gopro240/ and gopro_pairs/
"""
import argparse
import csv
import glob
import hashlib
import os

from PIL import Image

from training.data.listing import HELD_BACK, HERE, files_by_rule
from training.folders import DATA


COLUMNS = ("set", "file", "origin", "author", "licence", "stated", "url", "width", "height", "sha256")
# Published as samples of a program, with no word on the photographs themselves.
NOT_STATED = {"no licence file (AliceVision sample)", "(c) Pierre Moulon; published as openMVG sample", "Apache-2.0 code repo; image origin unstated"}
PAPER = 'GoPro data set of "Deep Multi-scale Convolutional Neural Network for Dynamic Scene Deblurring", CVPR 2017; '
GOPRO = {"gopro240": PAPER + "sequence GOPR0477_11_00, frames at 240 a second", "gopro_pairs": PAPER + "pairs of its training sequences"}
GOPRO_CREDIT = {"author": "Seungjun Nah, Tae Hyun Kim, Kyoung Mu Lee", "licence": "CC BY 4.0", "stated": "yes", "url": "https://seungjunnah.github.io/Datasets/gopro"}


def digest(path):
    with open(path, "rb") as picture:
        return hashlib.sha256(picture.read()).hexdigest()


def photographs_of(data):
    """Rows of the photographs."""
    for folder in HELD_BACK:
        with open(os.path.join(data, folder, "SOURCES.csv"), newline="") as f:
            for row in sorted(csv.DictReader(f), key=lambda r: r["file"]):
                stated = "no" if row["licence"] in NOT_STATED else "yes"
                yield row | {"set": folder, "stated": stated, "sha256": digest(os.path.join(data, folder, row["file"]))}


def gopro_of(data):
    """Rows of GoPro's frames and pairs."""
    for folder, origin in GOPRO.items():
        for path in sorted(glob.glob(os.path.join(data, folder, "*.jpg"))):
            width, height = Image.open(path).size
            yield GOPRO_CREDIT | {"set": folder, "file": os.path.basename(path), "origin": origin, "width": width, "height": height, "sha256": digest(path)}


def write_lists(data):
    """HELDBACK.csv: set and file of what is never trained on. SOURCES.csv: where each picture of the four sets is from, and whether its licence is stated."""
    def write(name, columns, rows):
        with open(os.path.join(HERE, name), "w", newline="") as f:
            writer = csv.DictWriter(f, columns, lineterminator="\n", extrasaction="ignore", restval="")
            writer.writeheader()
            writer.writerows(rows)

    write("HELDBACK.csv", ("set", "file"), [{"set": s, "file": f} for (s, f), _, held in files_by_rule(data) if held])
    write("SOURCES.csv", COLUMNS, [*photographs_of(data), *gopro_of(data)])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=DATA)
    write_lists(parser.parse_args().data)


if __name__ == "__main__":
    main()
