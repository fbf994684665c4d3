"""The held-back set: pictures of each kind of blur from photographs that are never trained on, by which choices are made. The same at every call."""
import csv
import json
import os

import numpy as np
from PIL import Image

from training.data.crops import Source
from training.data.listing import photographs
from training.data.scenes import BLURRED, KINDS, Stage, extent

HELD = (*BLURRED, "sharp", "defocus")
SIDE = 384
SEED = 2                          # first word of every seed here; training shards have another (by_kind.TRAINING)
COLUMNS = ("name", "kind", "photo", "mean_extent_px", "max_extent_px", "jpeg_quality", "input_psnr", "params")


def psnr(a, b):
    error = np.square(a.astype(np.float64) - b).mean()
    return min(120.0, 10 * np.log10(255 ** 2 / error)) if error else 120.0


def write(data, out, each, say=print, kinds=HELD):
    files = photographs(data)[1]
    os.makedirs(out, exist_ok=True)
    rows = []
    for kind in kinds:
        # One seed a kind, so that another number of pictures a kind begins with the same.
        rng = np.random.default_rng([SEED, KINDS.index(kind)])
        stage = Stage(Source(files), rng, SIDE)
        for i in range(each):
            taken = stage.take(kind)
            name, (mean, largest) = f"{kind}_{i:02d}", extent(taken.corners, taken.share)
            # A lens out of focus has a sharp twin to compare with; what a softness leaves is the picture itself.
            sharp, blurred = (taken.clean if kind == "defocus" else taken.target).numpy(), taken.blur[0].numpy()
            Image.fromarray(blurred).save(os.path.join(out, name + "_blur.png"))
            Image.fromarray(sharp).save(os.path.join(out, name + "_sharp.png"))
            rows.append({"name": name, "kind": kind, "photo": taken.params.pop("photo"), "mean_extent_px": f"{mean[0]:.2f}", "max_extent_px": f"{largest[0]:.2f}",
                         "jpeg_quality": taken.params.pop("jpeg"), "input_psnr": f"{psnr(blurred, sharp):.2f}", "params": json.dumps(taken.params)})
        say(kind, f"{each} pictures, input {np.mean([float(r['input_psnr']) for r in rows[-each:]]):.2f} dB")
    with open(os.path.join(out, "meta.csv"), "w", newline="") as f:
        writer = csv.DictWriter(f, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
