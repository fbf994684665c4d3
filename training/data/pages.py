"""Pages of text as sharp pictures to learn from: photographs teach little about letters. Words of random letters, so that shapes are learned and not language.

pages.py OUT.png [SEED]     draws one, to look at
"""
import glob
import sys

import numpy as np
from PIL import Image, ImageDraw, ImageFont

SIDE = 768
# Debian's fonts-dejavu-core; where it is not installed, Pillow's own.
FONTS = sorted(glob.glob("/usr/share/fonts/truetype/dejavu/*.ttf"))
LETTERS = np.array(list("eeeeetttaaaooiinnsshhrrddllcumwfgypbvkjxqz"))
SIGNS = np.array(list("0123456789-.,:/()&%+#"))


def word(rng):
    letters = "".join(rng.choice(LETTERS if rng.random() < 0.8 else SIGNS, rng.integers(1, 10)))
    return letters.upper() if rng.random() < 0.2 else letters.capitalize() if rng.random() < 0.3 else letters


def paper(rng):
    """[SIDE, SIDE, 3] floats: one colour, perhaps darker to one side, perhaps grained."""
    colour = rng.uniform(0, 255, 3) if rng.random() < 0.3 else np.full(3, rng.choice([rng.uniform(190, 255), rng.uniform(0, 60)])) + rng.uniform(-12, 12, 3)
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE - 0.5
    light = 1 + rng.uniform(-0.4, 0.4) * x + rng.uniform(-0.4, 0.4) * y
    grain = rng.normal(0, rng.choice([0, 2, 6]), (SIDE, SIDE, 1))
    return np.clip(colour * light[..., None] + grain, 0, 255)


def page(rng):
    """[SIDE, SIDE, 3] u8"""
    ground = paper(rng)
    dark = ground.mean() < 128
    picture = Image.fromarray(ground.astype(np.uint8))
    draw, y = ImageDraw.Draw(picture), int(rng.integers(0, 30))
    spacing = rng.uniform(1.1, 2)
    while y < SIDE:
        size = int(np.exp(rng.uniform(np.log(9), np.log(72))))
        font = ImageFont.truetype(FONTS[rng.integers(len(FONTS))], size) if FONTS else ImageFont.load_default(size)
        ink = tuple(int(v) for v in np.clip((255 if dark else 0) + rng.uniform(-70, 70, 3), 0, 255))
        for _ in range(rng.integers(1, 4)):
            line, x = " ".join(word(rng) for _ in range(40)), int(rng.integers(-200, 40))
            draw.text((x, y), line, fill=ink, font=font)
            if rng.random() < 0.1:
                draw.line((x, y + size * 1.2, x + rng.integers(100, SIDE), y + size * 1.2), fill=ink, width=int(rng.integers(1, 5)))
            y += int(size * spacing)
    if rng.random() < 0.7:
        picture = picture.rotate(rng.normal(0, 12), Image.BICUBIC, fillcolor=tuple(int(v) for v in ground[0, 0]))
    return np.asarray(picture)


if __name__ == "__main__":
    Image.fromarray(page(np.random.default_rng(int(sys.argv[2]) if len(sys.argv) > 2 else 0))).save(sys.argv[1])
