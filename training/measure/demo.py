"""Makes deploy/demo: a public-domain photograph (NASA's astronaut, shipped in scikit-image) blurred by our own generator.

sharp.png, blurred.jpg; --executable also writes deblurred.jpg and before-after.jpg, the picture of the README.
"""
import argparse
import os
import subprocess

import numpy as np
import skimage.data
from PIL import Image

from training.folders import REPOSITORY
from training.measure.photographed import photographed


FOLDER = os.path.join(REPOSITORY, "deploy", "demo")
SEED, FRAMES, QUALITY = 19, 7, 92


def make(folder):
    sharp = skimage.data.astronaut()
    seen, extent = photographed(sharp, FRAMES, SEED)
    Image.fromarray(sharp).save(os.path.join(folder, "sharp.png"))
    Image.fromarray(seen).save(os.path.join(folder, "blurred.jpg"), quality=QUALITY)
    print(f"{FRAMES} frames, mean extent {extent:.1f} px")


def restore(folder, executable):
    before, after = (os.path.join(folder, n) for n in ("blurred.jpg", "deblurred.jpg"))
    subprocess.run([executable, "deblur", before, "-o", after], check=True)
    a, b, s = (np.asarray(Image.open(p).convert("RGB")) for p in (before, after, os.path.join(folder, "sharp.png")))
    psnr = lambda x: -10 * np.log10(np.mean((x / 255.0 - s / 255.0) ** 2))
    print(f"PSNR {psnr(a):.2f} -> {psnr(b):.2f} dB")
    side = np.concatenate([a, np.full((len(a), 8, 3), 255, np.uint8), b], 1)
    Image.fromarray(side).save(os.path.join(folder, "before-after.jpg"), quality=88)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default=FOLDER)
    parser.add_argument("--executable")
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    make(args.out)
    if args.executable:
        restore(args.out, args.executable)


if __name__ == "__main__":
    main()
