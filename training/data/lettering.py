"""Text as sharp pictures to learn from: photographs teach little about letters. Words of random letters, so that shapes are learned and not language.

A page of lines of many sizes, a printed page in columns, a table, a receipt, a sign.
"""
import glob

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


def number(rng):
    return f"{rng.integers(0, 10 ** int(rng.integers(1, 5)))}.{rng.integers(0, 100):02d}"


def font_of(rng, size, mono=False):
    files = [f for f in FONTS if ("Mono" in f) == mono] or FONTS
    return ImageFont.truetype(files[rng.integers(len(files))], size) if files else ImageFont.load_default(size)


def paper(rng):
    """[SIDE, SIDE, 3] floats: one colour, perhaps darker to one side, perhaps grained."""
    colour = rng.uniform(0, 255, 3) if rng.random() < 0.3 else np.full(3, rng.choice([rng.uniform(190, 255), rng.uniform(0, 60)])) + rng.uniform(-12, 12, 3)
    return lit(colour, rng)


def lit(colour, rng):
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE - 0.5
    light = 1 + rng.uniform(-0.4, 0.4) * x + rng.uniform(-0.4, 0.4) * y
    grain = rng.normal(0, rng.choice([0, 2, 6]), (SIDE, SIDE, 1))
    return np.clip(colour * light[..., None] + grain, 0, 255)


def ink_on(ground, rng):
    dark = ground.mean() < 128
    return tuple(int(v) for v in np.clip((255 if dark else 0) + rng.uniform(-70, 70, 3), 0, 255))


def lines(draw, ground, rng):
    """Lines of all sizes, with rules between."""
    y, spacing = int(rng.integers(0, 30)), rng.uniform(1.1, 2)
    while y < SIDE:
        size = int(np.exp(rng.uniform(np.log(9), np.log(72))))
        font, ink = font_of(rng, size, rng.random() < 0.2), ink_on(ground, rng)
        for _ in range(rng.integers(1, 4)):
            line, x = " ".join(word(rng) for _ in range(40)), int(rng.integers(-200, 40))
            draw.text((x, y), line, fill=ink, font=font)
            if rng.random() < 0.1:
                draw.line((x, y + size * 1.2, x + rng.integers(100, SIDE), y + size * 1.2), fill=ink, width=int(rng.integers(1, 5)))
            y += int(size * spacing)


def columns_of_print(draw, ground, rng):
    """One to three columns of one small size, a headline above."""
    ink, size, columns = ink_on(ground, rng), int(rng.integers(9, 22)), int(rng.integers(1, 4))
    font, title, wide = font_of(rng, size), int(rng.integers(24, 80)), SIDE // columns
    draw.text((20, 20), " ".join(word(rng) for _ in range(8)), fill=ink, font=font_of(rng, title))
    for c in range(columns):
        y = 40 + int(title * 1.2)
        while y < SIDE:
            left, text = int(wide * c + 20), ""
            while draw.textlength(text, font=font) < wide * (0.9 if rng.random() < 0.9 else 0.4) - 60:
                text += word(rng) + " "
            draw.text((left, y), text, fill=ink, font=font)
            y += int(size * 1.35) + (size if rng.random() < 0.06 else 0)


def table(draw, ground, rng):
    """Rows of words and numbers, ruled or not."""
    ink, size, columns, ruled = ink_on(ground, rng), int(rng.integers(10, 26)), int(rng.integers(3, 7)), rng.random() < 0.6
    font, wide, row = font_of(rng, size), SIDE // columns, int(size * rng.uniform(1.4, 2.2))
    for y in range(10, SIDE, row):
        for c in range(columns):
            draw.text((c * wide + 8, y), word(rng) if c == 0 else number(rng), fill=ink, font=font)
        if ruled:
            draw.line((0, y + row - 3, SIDE, y + row - 3), fill=ink)
    if ruled:
        for c in range(columns):
            draw.line((c * wide, 0, c * wide, SIDE), fill=ink)


def receipt(draw, ground, rng):
    """Narrow paper in a typewriter's letters, prices at the right, on something dark."""
    size, left = int(rng.integers(11, 24)), int(rng.integers(60, 200))
    font, right = font_of(rng, size, mono=True), SIDE - left
    shade = int(rng.integers(205, 250))
    draw.rectangle((left - 25, 0, right + 25, SIDE), fill=(shade, shade, max(0, shade - int(rng.integers(0, 20)))))
    ink = (int(rng.integers(20, 110)),) * 3
    for y in range(8, SIDE, int(size * 1.3)):
        if rng.random() < 0.08:
            draw.text((left, y), "-" * 80, fill=ink, font=font)
            draw.rectangle((right + 26, y, SIDE, y + 2 * size), fill=tuple(int(v) for v in ground[min(y, SIDE - 1), -1]))
            continue
        draw.text((left, y), " ".join(word(rng) for _ in range(rng.integers(1, 3))), fill=ink, font=font)
        price = number(rng)
        draw.text((right - draw.textlength(price, font=font), y), price, fill=ink, font=font)


def sign(draw, ground, rng):
    """Few large letters on a plate with a rim."""
    for _ in range(rng.integers(1, 4)):
        w, h = rng.integers(220, 640), rng.integers(90, 320)
        x, y = rng.integers(0, SIDE - w), rng.integers(0, SIDE - h)
        plate = rng.choice([[200, 20, 20], [20, 70, 170], [10, 110, 60], [240, 200, 20], [245, 245, 245], [25, 25, 25]]) + rng.integers(-10, 10, 3)
        plate = tuple(int(v) for v in np.clip(plate, 0, 255))
        ink = (250, 250, 250) if sum(plate) < 420 else (15, 15, 15)
        draw.rounded_rectangle((x, y, x + w, y + h), radius=int(rng.integers(0, 40)), fill=plate, outline=ink, width=int(rng.integers(0, 9)))
        count = int(rng.integers(1, 4))
        for i in range(count):
            text, size = word(rng) + (" " + word(rng) if rng.random() < 0.5 else ""), int(0.75 * h / count)
            font = font_of(rng, size)
            while size > 10 and draw.textlength(text, font=font) > w - 30:
                size = int(size * 0.8)
                font = font_of(rng, size)
            draw.text((x + w // 2, y + h * (2 * i + 1) // (2 * count)), text, fill=ink, font=font, anchor="mm")


def page(rng):
    """[SIDE, SIDE, 3] u8"""
    way = rng.choice([lines, columns_of_print, table, receipt, sign], p=[0.35, 0.25, 0.12, 0.14, 0.14])
    ground = lit(rng.uniform(20, 140, 3), rng) if way in (receipt, sign) else paper(rng)
    picture = Image.fromarray(ground.astype(np.uint8))
    way(ImageDraw.Draw(picture), ground, rng)
    if rng.random() < 0.7:
        picture = picture.rotate(rng.normal(0, 12), Image.BICUBIC, fillcolor=tuple(int(v) for v in ground[0, 0]))
    return np.asarray(picture)
