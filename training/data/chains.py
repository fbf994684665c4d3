"""Makes the pool's patches with their chains of blurs: of photographs, and of GoPro's frames and pairs. `arrays.py` says what a shard has.

Each takes the arguments of `python -m training.data.pool` and a random stream, and gives the arrays of a shard.
"""
import glob
import io
import os

import numpy as np
import torch
from PIL import Image

from training.data import blur as B
from training.data import camera
from training.data.arrays import GRID, POINTS, SIDE
from training.data.lettering import page
from training.data.listing import frames_of, photographs, read_pixels

SOURCE = SIDE + 2 * B.RADIUS


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
    files = photographs(args.data, args.with_unstated)[args.kind == "heldback"]
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


def pictures(args, rng):
    """Large crops, sharp and with their chain of blurs, half of them with a second region on its own path.

    blur [N, 1 + P, SIDE, SIDE, 3] u8, frames [N, 1 + P], extent [N, 1 + P] pixels, mean over the picture; corners, moving and share as in a patch.
    """
    files = photographs(args.data, args.with_unstated)[0] if args.kind == "pictures" else sorted(glob.glob(os.path.join(args.data, "eval", "synthetic", "*_sharp.png")))
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
