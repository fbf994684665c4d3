"""What M finds in a shard's blurred pictures and T makes of it, computed once and drawn many times: M stands still while U and C learn.

python -m training.data.maps SHARD... [--model FOLDER]      adds to each shard, for N chains of P points of SIDE pixels
  kernels [N, P, SIDE/s, SIDE/s, m*m] f16, coarse_kernels, the same of the pictures at half their size, timesteps [N, P] i16
"""
import argparse
import os

import numpy as np
import torch

from training.data.arrays import read_shard
from training.folders import WEIGHTS
from training.network.model import FideDiff, load_config, rounded_timestep

AT_ONCE = 4


@torch.no_grad()
def add_maps(path, model):
    """Writes the maps of one shard; a reader sees all of them or, while `timesteps` is missing, none."""
    blur = read_shard(path)["blur"]
    chains, points, side = blur.shape[:3]
    cells, taps = side // model.kernel_estimator.stride, model.kernel_estimator.m ** 2
    name = lambda key: os.path.join(path, key + ".npy")
    fine = np.lib.format.open_memmap(name("kernels"), "w+", np.float16, (chains, points, cells, cells, taps))
    coarse = np.lib.format.open_memmap(name("coarse_kernels"), "w+", np.float16, (chains, points, cells // 2, cells // 2, taps))
    timesteps = np.zeros((chains * points,), np.int16)
    for first in range(0, chains * points, AT_ONCE):
        rows = [divmod(i, points) for i in range(first, min(first + AT_ONCE, chains * points))]
        seen = torch.from_numpy(np.stack([blur[i, p] for i, p in rows])).permute(0, 3, 1, 2).float() / 255
        maps = model.kernel_maps(seen)
        timesteps[first:first + len(rows)] = rounded_timestep(model.timestep_predictor(maps)).numpy()
        for (i, p), own, half in zip(rows, *(m.permute(0, 2, 3, 1).half().numpy() for m in maps)):
            fine[i, p], coarse[i, p] = own, half
    fine.flush(), coarse.flush()
    np.save(name("timesteps.part"), timesteps.reshape(chains, points))
    os.replace(name("timesteps.part"), name("timesteps"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shards", nargs="+")
    parser.add_argument("--model", default=WEIGHTS)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    model = FideDiff(load_config(args.model)).load(args.model).eval()
    for path in args.shards:
        add_maps(path, model)


if __name__ == "__main__":
    main()
