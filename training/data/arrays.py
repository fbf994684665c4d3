"""A shard as a folder of arrays, which are read where they lie: memory holds what was drawn lately.

A shard of the pool has, for N chains of P points, patches of SIDE pixels:
  sharp [N, SIDE, SIDE, 3] u8, blur [N, P, SIDE, SIDE, 3] u8, frames [N, P] (0: not known),
  corners [N, P, 4, K, 2] and moving [N, P, K, 2] f16 paths, share [N, P, G, G] u8, true_kernels (bool for the shard).
"""
import glob
import os

import numpy as np

SIDE, POINTS, GRID = 384, 3, 96


def shards_of(folder, kind):
    return sorted(path for path in glob.glob(os.path.join(folder, kind + "-*")) if not path.endswith(".part"))


def read_shard(path):
    arrays = {name: np.load(os.path.join(path, name + ".npy"), mmap_mode="r") for name in (f[:-4] for f in os.listdir(path))}
    return {name: a if a.ndim else a.item() for name, a in arrays.items()}


def save_shard(path, shard):
    os.makedirs(path + ".part", exist_ok=True)
    for name, values in shard.items():
        np.save(os.path.join(path + ".part", name + ".npy"), values)
    os.rename(path + ".part", path)
