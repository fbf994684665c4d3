"""Golden fixtures: tiny models with random weights, and every stage of one picture as the twin computes it.

python -m training.parity.fixtures            writes Tests/Fixtures/{tiny,tiny-pixel,tiny-lags,tiny-half}
python -m training.parity.fixtures --check    regenerates them elsewhere and compares bytes

The twin runs in float64 and its stages are rounded once, so that the bytes do not depend on a processor's summation order.
"""
import argparse
import filecmp
import json
import os
import sys
import tempfile

import torch
from safetensors.torch import save_file
from skimage.data import astronaut

from training.folders import REPOSITORY, configuration
from training.network.model import PARTS, FideDiff, load_config
from training.parity.random_weights import build_random, centre_timestep, stages

FIXTURES = os.path.join(REPOSITORY, "Tests", "Fixtures")

# folder -> configuration, seed, height and width (T's 8x8 pool gets bins of unequal size, or overlapping ones), type of each part on disk.
SETS = {
    "tiny": ("tiny", 1, (20, 28), dict.fromkeys(PARTS, torch.float32)),
    "tiny-pixel": ("tiny-pixel", 2, (32, 48), dict.fromkeys(PARTS, torch.float32)),
    "tiny-lags": ("tiny-lags", 4, (64, 96), dict.fromkeys(PARTS, torch.float32)),
    "tiny-half": ("tiny-pixel", 3, (16, 48), dict(zip(PARTS, (torch.float16, torch.bfloat16, torch.float16, torch.bfloat16)))),
}


def photograph(height, width):
    """The face of NASA's public-domain portrait, every second pixel. [3, height, width] in 0..1"""
    crop = astronaut()[20:20 + 2 * height:2, 150:150 + 2 * width:2].copy()
    return torch.from_numpy(crop).permute(2, 0, 1).float().div(255).contiguous()


def write(folder, config, seed, size, dtypes):
    os.makedirs(folder, exist_ok=True)
    image, model = photograph(*size), build_random(config, seed)
    centre_timestep(model, image[None])
    with open(os.path.join(folder, "config.json"), "w") as f:
        json.dump(config, f, indent=2)
        f.write("\n")
    for part in PARTS:
        save_file({n: v.to(dtypes[part]).contiguous() for n, v in model.part_tensors(part).items()},
                  os.path.join(folder, config["files"][part]))
    saved = FideDiff(config).eval().load(folder)  # what is on disk, rounding included
    save_file(stages(saved, image, torch.float64), os.path.join(folder, "stages.safetensors"))


def write_all(root):
    for name, (config, seed, size, dtypes) in SETS.items():
        write(os.path.join(root, name), load_config(configuration(config)), seed, size, dtypes)


def differing_files(root):
    with tempfile.TemporaryDirectory() as fresh:
        write_all(fresh)
        for name in SETS:
            files = sorted(os.listdir(os.path.join(fresh, name)))
            _, different, missing = filecmp.cmpfiles(os.path.join(fresh, name), os.path.join(root, name), files, shallow=False)
            yield from (os.path.join(name, f) for f in different + missing)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--out", default=FIXTURES)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    if args.check:
        different = list(differing_files(args.out))
        print("differs: " + ", ".join(different) if different else f"{len(SETS)} fixtures are the same bytes")
        sys.exit(bool(different))
    write_all(args.out)
