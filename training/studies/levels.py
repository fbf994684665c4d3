"""M's kernels and T's timesteps on more pictures than eval/synthetic has.

python -m training.studies.levels --pool DIR MODEL...    MODEL are folders; DIR has the shards unseen-* of training.data.pool
"""
import argparse
import os

import numpy as np
import torch
import torch.nn.functional as F
from scipy.stats import spearmanr

from training.data import blur as B
from training.data.arrays import read_shard, shards_of
from training.network.model import FideDiff, load_config, timestep_of
from training.losses.losses import kernel_loss


def chains(paths):
    """Of each chain, the first picture sharp: pictures [P, 3, S, S], corners, moving, share and extent [P]."""
    for path in paths:
        shard = read_shard(path)
        tensor = lambda a: torch.from_numpy(a.astype(np.float32))
        for i in range(len(shard["blur"])):
            yield (tensor(shard["blur"][i]).permute(0, 3, 1, 2) / 255, tensor(shard["corners"][i]), tensor(shard["moving"][i]),
                   tensor(shard["share"][i])[:, None] / 255, shard["extent"][i])


@torch.no_grad()
def measured(model, chain):
    """Timestep, kernel loss and cosine of each picture, [3, P]."""
    seen, corners, moving, share, _ = chain
    M = model.kernel_estimator
    logits = M.logits(seen)
    kernels, side = logits.softmax(1), logits.shape[-1]
    true = B.kernel_map(corners, side, M.m, M.tap_spacing, F.adaptive_avg_pool2d(share, side), moving)
    losses = torch.stack([kernel_loss(logits[i:i + 1], true[i:i + 1], torch.ones(1, dtype=torch.bool)) for i in range(len(seen))])
    t = timestep_of(model.timestep_predictor(model.kernel_maps(seen, kernels)))
    return torch.stack([t, losses, F.cosine_similarity(kernels, true, dim=1).mean((1, 2))]).numpy()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", metavar="MODEL")
    parser.add_argument("--pool", required=True)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    pictures = list(chains(shards_of(args.pool, "unseen")))
    extent = np.stack([chain[-1] for chain in pictures])[:, 1:]
    region = np.array([bool(chain[3].any()) for chain in pictures])
    print("| model | loss, blurred | sharp | cosine | rank of t | without region | with | sharp below 60 | highest | chains that fall by over 10 |")
    print("|" + "---|" * 10)
    for folder in args.models:
        model = FideDiff(load_config(os.path.join(folder, "config.json"))).load(folder).eval()
        t, loss, cosine = np.stack([measured(model, chain) for chain in pictures], 1)      # [chains, P] each
        rank = lambda rows: f"{spearmanr(t[rows, 1:].ravel(), extent[rows].ravel()).statistic:.3f}"
        print(f"| {folder} | {loss[:, 1:].mean():.3f} | {loss[:, 0].mean():.3f} | {cosine[:, 1:].mean():.3f} | {rank(slice(None))} | {rank(~region)} | {rank(region)} "
              f"| {(t[:, 0] < 60).sum()} of {len(t)} | {t[:, 0].max():.0f} | {(np.diff(t, axis=1) < -10).any(1).sum()} |")


if __name__ == "__main__":
    main()
