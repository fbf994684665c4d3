"""Packs what a GPU run needs of ../shared/data into one folder of at most 56 MB, by shrinking and recompressing.

pack.py --data ../shared/data --out .pack        the same layout, for train.py --data
"""
import argparse
import glob
import os

from PIL import Image

LIMIT = 56_000_000
# folder -> files, longest side, JPEG quality
PLAN = {"train": ("*.jpg", 640, 78), "gopro240": ("*.jpg", 720, 84), "gopro_pairs": ("*.jpg", 1280, 84)}


def pack(source, target, side, quality):
    picture = Image.open(source).convert("RGB")
    scale = side / max(picture.size)
    if scale < 1:
        picture = picture.resize([round(s * scale) for s in picture.size], Image.LANCZOS)
    picture.save(target, "JPEG", quality=quality, optimize=True)
    return os.path.getsize(target)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="../shared/data")
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    total = 0
    for folder, (pattern, side, quality) in PLAN.items():
        os.makedirs(os.path.join(args.out, folder), exist_ok=True)
        files = sorted(glob.glob(os.path.join(args.data, folder, pattern)))
        size = sum(pack(f, os.path.join(args.out, folder, os.path.basename(f)), side, quality) for f in files)
        print(f"{folder}: {len(files)} pictures, {size / 1e6:.1f} MB")
        total += size
    print(f"together {total / 1e6:.1f} MB")
    if total > LIMIT:
        raise SystemExit(f"{total} bytes are more than {LIMIT}: lower a side or a quality in PLAN")


if __name__ == "__main__":
    main()
