"""Packs what a GPU run needs of ../shared/data into one folder of at most so many bytes, by shrinking and recompressing.

python -m training.data.pack --out .pack [--limit BYTES]       the same layout, for training.runs.train --data
"""
import argparse
import glob
import math
import os
import shutil
import tempfile

from PIL import Image

from training.data.listing import unstated
from training.folders import DATA

LIMIT = 56_000_000
# folder -> files, longest side, JPEG quality
PLAN = {"train": ("*.jpg", 640, 78), "train2": ("*.jpg", 640, 78), "gopro240": ("*.jpg", 720, 84), "gopro_pairs": ("*.jpg", 1280, 84)}
SMALLEST = 320                     # pixels of a longest side: less is no picture to cut patches from


def packed(source, target, side, quality):
    """Writes one picture; its bytes."""
    picture = Image.open(source).convert("RGB")
    scale = side / max(picture.size)
    if scale < 1:
        picture = picture.resize([round(s * scale) for s in picture.size], Image.LANCZOS)
    picture.save(target, "JPEG", quality=quality, optimize=True)
    return os.path.getsize(target)


def units(data, folder):
    """The files of a folder that may be learned from, those together that are only of use together: a blurred picture and its sharp twin."""
    found, without = {}, unstated()
    for file in sorted(glob.glob(os.path.join(data, folder, PLAN[folder][0]))):
        if (folder, os.path.basename(file)) in without:
            continue
        found.setdefault(file.replace("_sharp", "_blur"), []).append(file)
    return list(found.values())


def some(listed, share, folder):
    """A share of the units: spread over them, or the first ones where they are consecutive frames, of which 15 make the longest average."""
    if share == 1:
        return listed
    if folder == "gopro240":
        return listed[:max(16, int(len(listed) * share))]
    return listed[::math.ceil(1 / share)]


def chosen(data, limit):
    """(folder, file, longest side, quality) of all files with sides small enough for the limit, by what a twentieth of them takes; where no side is, of a share of them."""
    there = {folder: units(data, folder) for folder in PLAN}
    files = [(folder, file) for folder, listed in there.items() for unit in listed for file in unit]
    if not files:
        raise SystemExit(f"no pictures in {', '.join(PLAN)} of {data}: --data names the folder that holds them")
    side_of = lambda folder, scale: max(SMALLEST, round(PLAN[folder][1] * scale))
    with tempfile.NamedTemporaryFile(suffix=".jpg") as scratch:
        for scale in (1, 0.9, 0.8, 0.7, 0.6):
            total = sum(packed(file, scratch.name, side_of(folder, scale), PLAN[folder][2]) for folder, file in files[::20]) * len(files) / len(files[::20])
            if total < 0.97 * limit:
                break
    share = 1 if total < 0.97 * limit else 0.8 * limit / total
    return [(folder, file, side_of(folder, scale), PLAN[folder][2]) for folder, listed in there.items() for unit in some(listed, share, folder) for file in unit]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=DATA)
    parser.add_argument("--out", required=True)
    parser.add_argument("--limit", type=int, default=LIMIT, help="bytes of all pictures together")
    args = parser.parse_args()
    sizes = {}
    for folder, source, side, quality in chosen(args.data, args.limit):
        os.makedirs(os.path.join(args.out, folder), exist_ok=True)
        sizes.setdefault((folder, side), []).append(packed(source, os.path.join(args.out, folder, os.path.basename(source)), side, quality))
    for (folder, side), found in sizes.items():
        print(f"{folder}: {len(found)} pictures of at most {side} pixels, {sum(found) / 1e6:.1f} MB")
    total = sum(map(sum, sizes.values()))
    print(f"together {total / 1e6:.1f} MB")
    if total > args.limit:
        shutil.rmtree(args.out)
        raise SystemExit(f"{total} bytes are more than {args.limit}: lower a side or a quality in PLAN")


if __name__ == "__main__":
    main()
