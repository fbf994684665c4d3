"""Makes weights/default/limits.jpg: text and a face under growing blur, above as the camera took them, below as the weights restore them.

python -m training.measure.limits EXECUTABLE        text set by Pillow's own font; the face is NASA's astronaut (public domain), shipped in scikit-image
"""
import os
import subprocess
import sys
import tempfile

import numpy as np
import skimage.data
from PIL import Image, ImageDraw, ImageFont

from training.folders import WEIGHTS
from training.measure.photographed import photographed

OUT = os.path.join(WEIGHTS, "limits.jpg")
SEED, FRAMES, SIDE = 19, (3, 7, 13), 256
LINES = ((34, "Motion blur"), (26, "1859 Kernel map"), (20, "as far as it can be read"), (15, "No. 4827 Wednesday 16:35"), (12, "the small print of a ticket"))


def text():
    page = Image.new("RGB", (SIDE, SIDE), (236, 232, 222))
    draw, y = ImageDraw.Draw(page), 14
    for size, line in LINES:
        draw.text((12, y), line, fill=(28, 30, 36), font=ImageFont.load_default(size))
        y += size + 16
    return np.asarray(page)


def main():
    face = skimage.data.astronaut()[:SIDE, 96:96 + SIDE]
    columns = []
    with tempfile.TemporaryDirectory() as folder:
        before, after = (os.path.join(folder, n) for n in ("before.png", "after.png"))
        for sharp in (text(), face):
            for frames in FRAMES:
                seen, extent = photographed(sharp, frames, SEED)
                Image.fromarray(seen).save(before)
                subprocess.run([sys.argv[1], "deblur", before, "-o", after], check=True)
                columns.append(np.concatenate([seen, np.asarray(Image.open(after).convert("RGB"))]))
                print(f"{frames} frames, mean extent {extent:.1f} px")
    Image.fromarray(np.concatenate(columns, 1)).save(OUT, quality=88)


if __name__ == "__main__":
    main()
