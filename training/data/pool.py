"""Builds and reads the pool: patches with their chain of blurs, made once and drawn from at random.

python -m training.data.pool synthetic|heldback|gopro240|pairs --data DIR --out DIR --count N --seed S [--effects]   adds one shard to the pool
python -m training.data.pool pictures --data DIR --out DIR --count N --seed S                   pictures with their extents, for T
python -m training.data.pool unseen --data DIR --out DIR --count N --seed S                     the same of the photographs that eval/synthetic is made from, to measure by
python -m training.data.pool table --out DIR                                                    prints the counterpart of the paper's Table 1

A shard is a folder of arrays, which are read where they lie: memory holds what was drawn lately. It has, for N chains of P points, patches of SIDE pixels:
  sharp [N, SIDE, SIDE, 3] u8, blur [N, P, SIDE, SIDE, 3] u8, frames [N, P] (0: not known),
  corners [N, P, 4, K, 2] and moving [N, P, K, 2] f16 paths, share [N, P, G, G] u8, true_kernels (bool for the shard).
"""
import argparse
import glob
import io
import os

import numpy as np
import torch
from PIL import Image

from training.data import blur as B
from training.data import camera
from training.data.pages import page
from training.data.photographs import photographs, read_pixels
from training.network.model import kernel_stride

SIDE, POINTS, GRID = 384, 3, 96
SOURCE = SIDE + 2 * B.RADIUS
STILL = 0.1                        # share of the patches that nothing moved in, besides the chains' own: most photographs are sharp


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


def frames_of(path):
    """The number of averaged frames, where a pair's name says so; otherwise 0."""
    name = os.path.basename(path)
    return int(name.split("_n")[-1].split("_")[0]) if "_n" in name else 0


def jpeg(patch, quality):
    data = io.BytesIO()
    Image.fromarray(patch).save(data, "JPEG", quality=int(quality), subsampling=int(quality < 90) * 2)
    return np.asarray(Image.open(data))


def to_bytes(x):
    return (x.permute(0, 2, 3, 1).clamp(0, 1) * 255 + 0.5).to(torch.uint8).cpu().numpy()


def chain_frames(rng, points):
    """Frames of a chain's points, increasing; a sharp picture (n = 1) takes part in one chain of six."""
    frames = sorted(rng.choice(B.FRAMES, points, replace=False).tolist())
    if rng.random() < 1 / 6:
        frames[0] = 1
    return frames


def random_crop(picture, rng, side):
    """A textured crop at a random scale (down to one half), so that edges are as sharp as the source allows. None if it is flat."""
    h, w = picture.shape[:2]
    scale = rng.uniform(0.5, 1) if min(h, w) / side > 2 else min(1.0, max(side / min(h, w), rng.uniform(0.6, 1)))
    size = int(round(side / scale))
    if size > min(h, w):
        return None
    y, x = rng.integers(0, h - size + 1), rng.integers(0, w - size + 1)
    crop = picture[y:y + size, x:x + size]
    if crop.std() < 8:
        return None
    if size != side:
        crop = np.asarray(Image.fromarray(crop).resize((side, side), Image.LANCZOS))
    return crop


def synthetic(args, rng):
    """Random trajectories over sharp photographs, through a plain camera or through one with all that camera.py knows and depth before it."""
    effects = camera.EFFECTS if args.effects else camera.PLAIN
    files = photographs(args.data)[args.kind == "heldback"]
    generator = torch.Generator().manual_seed(args.seed)
    out = {k: [] for k in ("sharp", "blur", "frames", "corners", "moving", "share")}
    batch = 16
    while sum(map(len, out["sharp"])) < args.count:
        crops = []
        while len(crops) < batch:
            drawn = args.kind == "synthetic" and args.pages and rng.random() < args.pages
            picture = page(rng) if drawn else read_pixels(files[rng.integers(len(files))])
            for _ in range(4):
                crop = random_crop(picture, rng, SOURCE)
                if crop is not None and len(crops) < batch:
                    crops.append(crop)
        image = torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).float() / 255
        curve = camera.response(batch, B.GAMMA, image, generator, effects["response"])
        light = camera.highlights(image ** curve, generator, effects["highlights"])
        depth = B.parallax(batch, 0.3 * args.effects, "cpu", generator)
        region = torch.from_numpy(rng.random(batch) < 0.5)
        path, second = B.scenes(region, "cpu", generator)
        centre = torch.from_numpy(rng.uniform(-500, 500, (batch, 2))).float()
        mask = B.region_masks(batch, SOURCE, "cpu", generator) * region.view(-1, 1, 1, 1)
        frames = np.array([chain_frames(rng, POINTS) for _ in range(batch)])
        blurred = np.zeros((batch, POINTS, SIDE, SIDE, 3), np.uint8)
        corners = torch.zeros(batch, POINTS, 4, B.KEPT, 2)
        moving = torch.zeros(batch, POINTS, B.KEPT, 2)
        shares = np.zeros((batch, POINTS, GRID, GRID), np.uint8)
        r = B.RADIUS
        for p in range(POINTS):
            for n in np.unique(frames[:, p]):
                rows = np.flatnonzero(frames[:, p] == n)
                c = B.window(B.corner_paths(path[rows], centre[rows], SIDE) * depth[rows], int(n))
                mv = B.window(second[rows], int(n))
                blurry, share = B.blur(light[rows], c, mask[rows], mv)
                seen = to_bytes(camera.exposed(blurry[..., r:-r, r:-r], curve[rows], generator, effects))
                for i, row in enumerate(rows):
                    blurred[row, p] = jpeg(seen[i], rng.integers(75, 100)) if rng.random() < 0.5 else seen[i]
                corners[rows, p], moving[rows, p] = B.thin(c), B.thin(mv)
                small = torch.nn.functional.avg_pool2d(share[..., r:-r, r:-r], SIDE // GRID)
                shares[rows, p] = (small[:, 0] * 255).to(torch.uint8).numpy()
        out["sharp"].append(to_bytes(image[..., r:-r, r:-r]))
        for key, value in (("blur", blurred), ("frames", frames), ("corners", corners.numpy().astype(np.float16)),
                           ("moving", moving.numpy().astype(np.float16)), ("share", shares)):
            out[key].append(value)
    return {k: np.concatenate(v)[:args.count] for k, v in out.items()} | {"true_kernels": True}


def crops_of(stack, rng, count):
    """Textured crops at the same place of several equal pictures [K, H, W, 3] -> list of [K, SIDE, SIDE, 3]."""
    h, w = stack.shape[1:3]
    found = []
    for _ in range(count * 8):
        y, x = rng.integers(0, h - SIDE + 1), rng.integers(0, w - SIDE + 1)
        crop = stack[:, y:y + SIDE, x:x + SIDE]
        if crop[0].std() > 15:
            found.append(crop)
        if len(found) == count:
            break
    return found


def without_paths(sharp, blurred, frames):
    n, p = blurred.shape[:2]
    return {"sharp": sharp, "blur": blurred, "frames": frames, "corners": np.zeros((n, p, 4, B.KEPT, 2), np.float16),
            "moving": np.zeros((n, p, B.KEPT, 2), np.float16), "share": np.zeros((n, p, GRID, GRID), np.uint8), "true_kernels": False}


def gopro240(args, rng):
    """Averages of n consecutive 240-fps frames around a sharp middle frame (supplement D), each chain with POINTS points."""
    files = sorted(glob.glob(os.path.join(args.data, "gopro240", "*.jpg")))
    sharp, blurred, frames = [], [], []
    while len(sharp) < args.count:
        middle = int(rng.integers(7, len(files) - 7))
        stack = np.stack([read_pixels(f) for f in files[middle - 7: middle + 8]]).astype(np.float32)
        chain = chain_frames(rng, POINTS)
        gamma = B.GAMMA if rng.random() < 0.3 else 1.0
        points = [stack[7]]
        for n in chain:
            part = stack[7 - n // 2: 8 + n // 2] / 255
            points.append((part ** gamma).mean(0) ** (1 / gamma) * 255)
        for crop in crops_of(np.stack(points).round().astype(np.uint8), rng, 16):
            sharp.append(crop[0])
            blurred.append(crop[1:])
            frames.append(chain)
    return without_paths(np.stack(sharp)[:args.count], np.stack(blurred)[:args.count], np.array(frames)[:args.count])


def pairs(args, rng):
    """Pairs as the dataset ships them; the number of averaged frames is known only where the name says so."""
    files = sorted(glob.glob(os.path.join(args.data, "gopro_pairs", "*_blur.jpg")))
    sharp, blurred, frames = [], [], []
    each = -(-args.count // len(files))
    for f in files:
        for crop in crops_of(np.stack([read_pixels(f.replace("_blur", "_sharp")), read_pixels(f)]), rng, each):
            sharp.append(crop[0])
            blurred.append(np.repeat(crop[1:], POINTS, 0))
            frames.append([frames_of(f)] * POINTS)
    return without_paths(np.stack(sharp), np.stack(blurred), np.array(frames))


def texture(patch):
    """Mean absolute difference of every second row's neighbours. patch [S, S, 3] u8"""
    green = patch[::2, :, 1].astype(np.int16)
    return np.abs(np.diff(green, axis=1)).mean()


class Pool:
    """Draws batches of random patches from every shard of a folder, each kind with its own share."""

    def __init__(self, folder, shares, seed=0, plain=False, still=STILL, part=(0, 1)):
        """plain: crops where they fall; otherwise the most textured of three, since flat walls teach nothing. part: (i, n) takes every n-th shard of a kind, or all where that is none"""
        self.plain, self.still = plain, still
        self.rng = np.random.default_rng(seed)
        self.shards = {}
        for kind in shares:
            paths = shards_of(folder, kind)
            for path in paths[part[0]::part[1]] or paths:
                self.shards.setdefault(kind, []).append(read_shard(path))
        self.kinds = [k for k in shares if k in self.shards]
        weight = np.array([shares[k] for k in self.kinds], float)
        self.weight = weight / weight.sum()

    def batch(self, count, side, kernel_estimator, with_kernels=True):
        """sharp and blur [B, 3, side, side] in 0..1, frames [B], kernels [B, m*m, side/s, side/s] or zeros, has_kernels [B]; s: stride of the kernel map."""
        rng, items = self.rng, []
        for kind in rng.choice(self.kinds, count, p=self.weight):
            shards = self.shards[kind]
            shard = shards[rng.integers(len(shards))]
            items.append(self.item(shard, rng, side, kernel_estimator, with_kernels))
        sharp, blurred, frames, kernels, known = zip(*items)
        return torch.stack(sharp), torch.stack(blurred), torch.tensor(frames), torch.stack(kernels), torch.tensor(known)

    @staticmethod
    def point(chain, rng):
        """Which of a chain's blurs is drawn."""
        return rng.integers(POINTS)

    def item(self, shard, rng, side, kernel_estimator, with_kernels):
        m, spacing, cell = kernel_estimator["m"], kernel_estimator["tap_spacing"], kernel_stride(kernel_estimator)
        i = rng.integers(len(shard["sharp"]))
        p = self.point(i, rng)
        places = rng.integers(0, (SIDE - side) // cell + 1, (1 if self.plain else 3, 2)) * cell
        y, x = max(places.tolist(), key=lambda at: texture(shard["sharp"][i, at[0]:at[0] + side, at[1]:at[1] + side]))
        cut = lambda a: torch.from_numpy(a[y:y + side, x:x + side].copy()).permute(2, 0, 1).float() / 255
        still = not self.plain and rng.random() < self.still
        sharp = cut(shard["sharp"][i])
        # A camera's own frame is sharp enough to stay, but T may call it what it likes.
        seen, frames = (sharp, int(shard["true_kernels"])) if still else (cut(shard["blur"][i, p]), int(shard["frames"][i, p]))
        known, cells = with_kernels and bool(shard["true_kernels"]), side // cell
        kernels = torch.zeros(m * m, cells, cells)
        if known:
            tensor = lambda key: torch.from_numpy(shard[key][i, p].astype(np.float32))[None]
            share = torch.nn.functional.adaptive_avg_pool2d(tensor("share")[None] / 255, SIDE // cell)
            full = B.kernel_map(tensor("corners") * (not still), SIDE // cell, m, spacing, share, tensor("moving") * (not still))
            kernels = full[0, :, y // cell:y // cell + cells, x // cell:x // cell + cells]
        kernels = kernels.view(m, m, cells, cells)
        if rng.random() < 0.5:
            sharp, seen, kernels = sharp.flip(-1), seen.flip(-1), kernels.flip(-1, 1)
        if rng.random() < 0.5:
            sharp, seen, kernels = sharp.flip(-2), seen.flip(-2), kernels.flip(-2, 0)
        if rng.random() < 0.5:
            sharp, seen, kernels = sharp.transpose(-1, -2), seen.transpose(-1, -2), kernels.transpose(0, 1).transpose(-1, -2)
        order = torch.from_numpy(rng.permutation(3)) if rng.random() < 0.3 else slice(None)
        return sharp[order], seen[order], frames, kernels.reshape(m * m, cells, cells), known


def pictures(args, rng):
    """Large crops, sharp and with their chain of blurs, half of them with a second region on its own path.

    blur [N, 1 + P, SIDE, SIDE, 3] u8, frames [N, 1 + P], extent [N, 1 + P] pixels, mean over the picture; corners, moving and share as in a patch.
    """
    files = photographs(args.data)[0] if args.kind == "pictures" else sorted(glob.glob(os.path.join(args.data, "eval", "synthetic", "*_sharp.png")))
    generator, r = torch.Generator().manual_seed(args.seed), B.RADIUS
    out = {k: [] for k in ("blur", "frames", "extent", "corners", "moving", "share")}
    length = lambda p: (p.amax(-2) - p.amin(-2)).norm(dim=-1).mean().item()
    while len(out["blur"]) < args.count:
        crop = random_crop(read_pixels(files[rng.integers(len(files))]), rng, SIDE + 2 * r)
        if crop is None:
            continue
        linear = (torch.from_numpy(crop.copy()).permute(2, 0, 1)[None].float() / 255) ** B.GAMMA
        region = torch.tensor([rng.random() < 0.5])
        path, second = B.scenes(region, "cpu", generator)
        centre = torch.from_numpy(rng.uniform(-200, 200, (1, 2))).float()
        mask = B.region_masks(1, SIDE + 2 * r, "cpu", generator) * region
        chain = [1, *sorted(rng.choice(B.FRAMES, POINTS, replace=False).tolist())]
        points = {k: [] for k in out}
        for n in chain:
            corners, moving = B.window(B.corner_paths(path, centre, SIDE), n), B.window(second, n)
            light, share = B.blur(linear, corners, mask, moving)
            seen = to_bytes(B.expose(light[..., r:-r, r:-r], generator))[0]
            share = share[..., r:-r, r:-r]
            own = share.mean().item()
            points["blur"].append(jpeg(seen, rng.integers(75, 100)) if rng.random() < 0.5 else seen)
            points["frames"].append(n)
            points["extent"].append((1 - own) * length(corners) + own * length(moving))
            points["corners"].append(B.thin(corners)[0].numpy().astype(np.float16))
            points["moving"].append(B.thin(moving)[0].numpy().astype(np.float16))
            points["share"].append((torch.nn.functional.avg_pool2d(share, SIDE // GRID)[0, 0] * 255).to(torch.uint8).numpy())
        for key, values in points.items():
            out[key].append(np.stack(values))
    return {k: np.stack(v) for k, v in out.items()}


def table(folder):
    """Pairs by number of averaged frames, as the paper's Table 1."""
    columns = (1, *B.FRAMES, 0)
    print("| Avg. Frames | " + " | ".join("unknown" if n == 0 else str(n) for n in columns) + " | Total |")
    print("|" + "---|" * (len(columns) + 2))
    for kind in ("synthetic", "heldback", "gopro240", "pairs"):
        counts = np.zeros(len(columns), int)
        for path in shards_of(folder, kind):
            frames = read_shard(path)["frames"]
            counts += [(frames == n).sum() for n in columns]
        print(f"| {kind} | " + " | ".join(map(str, counts)) + f" | {counts.sum()} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=("synthetic", "heldback", "gopro240", "pairs", "pictures", "unseen", "table"))
    parser.add_argument("--data", default="../shared/data")
    parser.add_argument("--out", required=True)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pages", type=float, default=0, help="share of the synthetic patches that are of text")
    parser.add_argument("--effects", action="store_true", help="synthetic patches with highlights, response curves, defocus, a colour mosaic and parallax")
    args = parser.parse_args()
    torch.set_num_threads(1)
    path = os.path.join(args.out, f"{args.kind}-{args.seed}")
    if args.kind == "table":
        table(args.out)
    elif os.path.exists(path):
        parser.error(f"{path} is there already: remove it, or give another --seed")
    else:
        shard = {"synthetic": synthetic, "heldback": synthetic, "gopro240": gopro240, "pairs": pairs, "pictures": pictures, "unseen": pictures}[args.kind](args, np.random.default_rng(args.seed))
        save_shard(path, shard)
        print(args.kind, {k: getattr(v, "shape", v) for k, v in shard.items()})
