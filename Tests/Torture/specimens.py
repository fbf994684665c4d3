"""Pictures to make hostile ones of: files that others made hostile, and good ones of every kind that is read."""

import io
import pathlib
import random

from PIL import Image, ImageCms, PngImagePlugin

FOLDERS = ("exif", "jpeg", "libpng", "pngsuite")
# A mutated picture that is still a picture costs the network's time, which is by the pixel: larger ones are made small, their Exif stays.
MOST_PIXELS = 128 * 128
SMALL = (45, 30)


def shrunk(data):
    """The same file as a small picture, where it is a good one of many pixels."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height <= MOST_PIXELS:
                return data
            kept = {name: image.info[name] for name in ("exif", "icc_profile") if name in image.info}
            small = image.resize(SMALL)
            result = io.BytesIO()
            small.save(result, image.format, **kept)
            return result.getvalue()
    # What Pillow cannot read is what we are after.
    except Exception:  # noqa: BLE001
        return data


def hostile(folder):
    """-> {name: bytes} of the files of a folder like shared/data/hostile, in the order of their names; photographs among them are shrunk."""
    files = (path for name in FOLDERS for path in sorted(pathlib.Path(folder, name).iterdir()) if path.name != "LICENSE")
    return {f"{path.parent.name}/{path.name}": shrunk(path.read_bytes()) for path in files}


def good():
    """-> {name: bytes}, small."""
    rng = random.Random(0)
    colour = Image.frombytes("RGB", (6, 4), rng.randbytes(72)).resize(SMALL, Image.BICUBIC)
    grey, alpha = colour.convert("L"), colour.getchannel("R")
    clear = Image.merge("RGBA", (*colour.split(), alpha))
    deep = Image.frombytes("I;16", SMALL, rng.randbytes(2 * SMALL[0] * SMALL[1]))
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "maker"
    exif.get_ifd(0x8825)[1] = "N"
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description exif:GPSLatitude="1,2N" tiff:Orientation="6"/></x:xmpmeta>'
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Title", "a title")
    texts.add_text("Comment", "c" * 300, zip=True)
    texts.add_itxt("XML:com.adobe.xmp", xmp.decode())
    texts.add(b"gAMA", (45_455).to_bytes(4, "big"))
    texts.add(b"cICP", bytes([12, 13, 0, 1]))
    texts.add(b"acTL", bytes([0, 0, 0, 2, 0, 0, 0, 0]))
    kinds = {
        "baseline.jpg": (colour, {"quality": 90, "subsampling": 0}), "thinned.jpg": (colour, {"quality": 50, "subsampling": 2}),
        "progressive.jpg": (colour, {"progressive": True}), "restarts.jpg": (colour, {"restart_marker_blocks": 3}), "grey.jpg": (grey, {}),
        "cmyk.jpg": (colour.convert("CMYK"), {"icc_profile": profile}),
        "told.jpg": (colour, {"exif": exif.tobytes(), "icc_profile": profile, "xmp": xmp, "comment": b"a comment", "dpi": (300, 300)}),
        "colour.png": (colour, {}), "grey.png": (grey, {}), "clear.png": (clear, {}), "deep.png": (deep, {}),
        "palette.png": (colour.quantize(40), {"transparency": 3}), "bits.png": (grey.convert("1"), {}),
        "told.png": (clear, {"exif": exif.tobytes(), "icc_profile": profile, "pnginfo": texts, "dpi": (300, 300)}),
        "other.gif": (grey, {}), "other.bmp": (colour, {}), "other.tif": (colour, {}), "other.webp": (colour, {}),
    }
    formats = {"jpg": "JPEG", "tif": "TIFF"}
    result = {}
    for name, (image, options) in kinds.items():
        data, ending = io.BytesIO(), name.rsplit(".", 1)[1]
        image.save(data, formats.get(ending, ending.upper()), **options)
        result[name] = data.getvalue()
    return result
