"""Packs what a GPU run needs of ../shared/data into one folder of at most so many bytes, by shrinking and recompressing.

python -m training.data.pack --out .pack [--limit BYTES]       the same layout, for training.runs.train --data
"""
import argparse
import glob
import os
import shutil

from PIL import Image

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


def chosen(data, limit):
    """(folder, file, longest side, quality) of all files, sides and then numbers small enough for the limit by what a twentieth of the files takes."""
    files = [(folder, f, side, quality) for folder, (pattern, side, quality) in PLAN.items() for f in sorted(glob.glob(os.path.join(data, folder, pattern)))]
    if not files:
        raise SystemExit(f"no pictures in {', '.join(PLAN)} of {data}: --data names the folder that holds them")
    scratch = os.path.join(os.environ.get("TMPDIR", "/tmp"), f"pack-{os.getpid()}.jpg")
    tried = files[::20]
    for scale in (1, 0.9, 0.8, 0.7, 0.6):
        sized = lambda rows: [(folder, f, max(SMALLEST, round(side * scale)), quality) for folder, f, side, quality in rows]
        total = sum(packed(f, scratch, side, quality) for _, f, side, quality in sized(tried)) * len(files) / len(tried)
        if total < 0.97 * limit:
            break
    os.remove(scratch)
    share = min(1.0, 0.9 * limit / total)
    kept = sized(files)
    return kept if total < 0.97 * limit else [kept[int(i / share)] for i in range(int(len(kept) * share))]


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
