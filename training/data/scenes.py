"""Scenes by kind of blur: a sharp picture, and what a camera made of it while the camera, or a thing before it, moved.

A scene is a few layers with a path each (`render.py`). Blur is made in linear light; the sharp picture is the scene with every layer at the centroid of its path,
which is the same for the chain's two points: an exposure, and a part of it of about half the length.
"""
import io
import math
from dataclasses import dataclass, field

import numpy as np
import torch
from PIL import Image

from training.data import camera, layers as Y, paths as P, phone
from training.data.crops import cut
from training.data.render import CELL, cell_paths, flat, render
from training.network.light import GAMMA

# A shard's `kind` counts in this order: new kinds go to the end.
KINDS = ("shake", "rollzoom", "region", "object", "parallax", "lowlight", "phone", "frames", "text", "sharp", "defocus", "flat", "gopro240", "pairs")
MADE = KINDS[:12]                                    # those that scenes are made of; the other two are real
BLURRED = KINDS[:9]                                  # those that a restoration must make better
STAY = ("sharp", "defocus", "flat")                  # those that must come back as they are
KERNELS_KNOWN = (*BLURRED, "sharp")                  # those whose true kernels can be seen in the picture
POINTS, LAYERS = 2, 6
SOFT = 0.2                                           # share of the blurred pictures that a lens drew softly, which stays
ORDINARY = {"highlights": 0.4, "response": 0.5, "defocus": 0.08, "mosaic": 0.2, "noise": 1.0, "jpeg": 0.5}


@dataclass
class Scene:
    """What a kind says of its scene; the rest is the same for all."""
    layers: list                                     # [4, N, N] each, back to front
    points: list                                     # [L, 4, steps, 2] each
    frames: tuple = (0, 0)
    discrete: bool = False
    params: dict = field(default_factory=dict)


@dataclass
class Taken:
    """A chain of photographs, [S, S, 3] u8 tensors on the stage's device."""
    target: torch.Tensor                             # what a restoration should give
    clean: torch.Tensor                              # the sharp twin; another one than the target of what must stay as it is
    blur: list
    frames: tuple
    corners: np.ndarray                              # [P, L, 4, K, 2]
    share: torch.Tensor                              # [P, L, S/CELL, S/CELL]
    params: dict


def to_bytes(x):
    """[3, H, W] in 0..1 -> [H, W, 3] u8"""
    return (x.permute(1, 2, 0).clamp(0, 1) * 255 + 0.5).to(torch.uint8)


def compressed(picture, quality):
    """[3, H, W] display values -> the same as a file holds them: rounded, and through JPEG below quality 100"""
    if picture.device.type != "cpu":
        return camera.jpeg(picture[None], torch.tensor([float(quality)], device=picture.device))[0] if quality < 100 else (picture * 255).round() / 255
    pixels = to_bytes(picture).numpy()
    if quality < 100:
        data = io.BytesIO()
        Image.fromarray(pixels).save(data, "JPEG", quality=int(quality), subsampling=int(quality < 90) * 2)
        pixels = np.asarray(Image.open(data))
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1).float() / 255


class Stage:
    """Where scenes are set: a source of photographs, a size, a random generator, a device."""

    def __init__(self, source, rng, side=384, device="cpu"):
        if side % CELL:
            raise ValueError(f"a side of {side} pixels cannot be divided into cells of {CELL}: take a multiple of {CELL}")
        self.source, self.rng, self.side, self.device = source, rng, side, device
        self.n = side + 2 * P.MARGIN
        self.noise = torch.Generator(device).manual_seed(int(rng.integers(2 ** 62)))

    # -- pictures ------------------------------------------------------------------------------------------------------------------------------------------

    def light(self, textured=True):
        """A photograph in linear light [3, N, N], perhaps with the light back that it clipped."""
        self.name, picture = self.source.crop(self.rng, self.n, textured)
        return self.lit(picture)

    def lit(self, picture):
        light = picture ** self.curve
        if self.rng.random() < ORDINARY["highlights"]:
            light = camera.highlights(light[None], self.noise, 1.0)[0]
        return light

    def thing(self, scene_light, size):
        """One thing to move: a layer, and what is behind it. From another photograph, from elsewhere in this one, or in its place."""
        rng, way = self.rng, self.rng.random()
        if way < 0.35:
            # As likely as not what it is cut from has edges of its own there.
            # A hard edge: at rest the scene is the photograph again, without a rim of what is behind.
            alpha = Y.shape(rng, self.n, size, scene_light, soft=0).round()
            return Y.behind(scene_light, alpha), Y.filled(scene_light, alpha, rng), "part of the photograph"
        name = self.name
        light = self.light() if way < 0.85 else self.lit(self.page())
        self.name = name
        light = light * math.exp(rng.normal() * 0.25)
        return Y.behind(light, Y.shape(rng, self.n, size, light)), scene_light, "cut-out"

    def page(self):
        return cut(self.source.page(self.rng), self.rng, self.n, mirrored=False)

    def size_of_thing(self):
        """Pixels, log-uniform from a tenth to three quarters of the picture's side."""
        return self.side * math.exp(self.rng.uniform(math.log(0.1), math.log(0.75)))

    # -- kinds ---------------------------------------------------------------------------------------------------------------------------------------------

    def chain(self, layers, path, **more):
        """A scene of continuous paths [L, 4, steps, 2]: the whole exposure, and about half of it."""
        path = P.fitted(np.asarray(path))
        return Scene(layers, [path, P.window(path, self.rng)], **more)

    def shake(self, low=2, high=60):
        return self.chain([Y.opaque(self.light())], [P.hand(self.rng, P.travel(self.rng, low, high), self.side)])

    def rollzoom(self):
        return self.chain([Y.opaque(self.light())], [P.rollzoom(self.rng, self.side)])

    def region(self):
        light = self.light()
        thing, back, what = self.thing(light, self.size_of_thing() * 1.2)
        hand = P.hand(self.rng, P.travel(self.rng, 2, 20), self.side)
        moves = P.own(self.rng, P.travel(self.rng, 4, 50), self.side)
        # In one of four the camera follows the thing, which is all but sharp before a background that is not.
        moves = moves - P.hand(self.rng, 1, self.side) * 0.5 if self.rng.random() < 0.75 else -0.92 * hand + 0.06 * moves
        return self.chain([Y.opaque(back), thing], [hand, P.centred(hand + moves)], params={"moving": what})

    def object(self):
        light = self.light()
        thing, back, what = self.thing(light, self.size_of_thing())
        still = np.zeros((4, P.STEPS, 2)) if self.rng.random() < 0.8 else P.hand(self.rng, self.rng.uniform(0.1, 0.5), self.side)
        return self.chain([Y.opaque(back), thing], [still, P.own(self.rng, P.travel(self.rng, 6, 60), self.side)], params={"moving": what})

    def parallax(self):
        rng, light = self.rng, self.light()
        things, depths = int(rng.choice([0, 0, 1, 1, 2])), int(rng.integers(2, 5))
        depths = min(depths, LAYERS - 1 - things)
        same = rng.random() < 0.55
        name, fields = self.name, Y.depths(rng, self.n, depths, self.device)
        alphas = [Y.outline(f, rng.uniform(2, 8) if not same and rng.random() < 0.5 else 1.2) for f in fields]
        alphas = [a.round() for a in alphas] if same else alphas
        made = []
        for k in range(depths + 1):
            own = light if same or k == 0 else self.light()
            # What a nearer layer hides of the same photograph must not show a second time behind it.
            own = Y.filled(own, alphas[k], rng) if same and k < depths else own
            made.append(Y.behind(own, alphas[k - 1]) if k else Y.opaque(own))
        for _ in range(things):
            cut_out = self.light() * math.exp(rng.normal() * 0.2)
            made.append(Y.behind(cut_out, Y.shape(rng, self.n, self.size_of_thing(), cut_out)))
        self.name = name
        near = np.sort(np.concatenate([[rng.uniform(0.02, 0.35)], rng.uniform(0.2, 1, depths - 1), [1.0]]))
        near = np.concatenate([near, rng.uniform(1, 1.3, things)])
        path = P.passing(rng, P.travel(rng, 6, 60), self.side, near)
        return self.chain(made, path, params={"layers": len(made), "near": [round(float(v), 2) for v in near]})

    def lowlight(self):
        light = self.light() * math.exp(self.rng.uniform(-1.6, 0))
        light = Y.lights(light, self.rng, P.MARGIN) if self.rng.random() < 0.85 else light
        return self.chain([Y.opaque(light)], [P.hand(self.rng, P.travel(self.rng, 4, 60), self.side)])

    def phone(self):
        # Phones blur what anything else does: a shake, and sometimes a thing besides.
        return self.shake(2, 40) if self.rng.random() < 0.7 else self.region()

    def frames(self):
        rng = self.rng
        # GoPro's set averages values after the camera's curve as often as light.
        if rng.random() < 0.3:
            self.curve = 1.0
        light, n, moving = self.light(), int(rng.integers(7, 14)), rng.random() < 0.45
        thing, back, what = self.thing(light, self.size_of_thing() * 1.2) if moving else (None, light, "")
        step = P.travel(rng, 1, 5)
        shorter = max(3, n // 2 + int(rng.integers(-1, 2)))
        camera_path, own = P.steps_of(rng, min(step * n, 60), n, self.side, moving)
        path = P.fitted(np.stack([camera_path, own] if moving else [camera_path]))
        first = int(rng.integers(0, n - shorter + 1))
        points = [path, P.centred(path[..., first:first + shorter, :])]
        made = [Y.opaque(back), thing] if moving else [Y.opaque(back)]
        return Scene(made, points, (n, shorter), True, {"frames": n, "moving": what} if moving else {"frames": n})

    def text(self):
        page, self.name = self.page(), "page"
        if self.rng.random() < 0.3:
            # A sign or a sheet in a photograph, at rest in it.
            photograph = self.light()
            alpha = Y.outline(self.sheet())
            light = torch.lerp(photograph, self.lit(page), alpha)
        else:
            light = self.lit(page)
        return self.chain([Y.opaque(light)], [P.hand(self.rng, P.travel(self.rng, 2, 40), self.side)])

    def sheet(self):
        x, y = Y.grid(self.n, self.device)
        angle = self.rng.normal() * 0.25
        x, y = x - self.n / 2 - self.rng.normal() * 40, y - self.n / 2 - self.rng.normal() * 40
        return Y.box(x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle), *(self.side * self.rng.uniform(0.2, 0.45, 2)))

    def still(self, light, params):
        nothing = np.zeros((1, 4, 1, 2))
        return Scene([Y.opaque(light)], [nothing, nothing], (1, 1), params=params)

    def sharp(self):
        softness = float(self.rng.choice([0, 0.5, 0.8]))
        return self.still(Y.gaussian(self.light(), softness), {"softness": softness})

    def defocus(self):
        radius = float(self.rng.uniform(0.8, 3))
        scene = self.still(self.light(), {"radius_px": round(radius, 2)})
        self.lens = radius
        return scene

    def flat(self):
        """Walls, skies, smooth things: nothing in them tells that they moved."""
        rng, way = self.rng, self.rng.random()
        if way < 0.5:
            light = Y.low(Y.gaussian(self.light(textured=False), rng.uniform(10, 24)))
        else:
            self.name, colour = "gradient", rng.uniform(0.02, 0.9, (2, 3)).astype(np.float32)
            a, b = (torch.from_numpy(c).to(self.device).view(3, 1, 1) for c in colour)
            mix = torch.sigmoid(Y.smooth(rng, self.n, self.device, int(rng.integers(2, 5))) * rng.uniform(0.3, 2))
            light = torch.lerp(a, a + (b - a) * rng.uniform(0.1, 1), mix)
        return self.chain([Y.opaque(light)], [P.hand(rng, P.travel(rng), self.side)])

    # -- the camera ----------------------------------------------------------------------------------------------------------------------------------------

    def take(self, kind):
        rng = self.rng
        self.curve = rng.uniform(1.7, 2.6) if rng.random() < ORDINARY["response"] else GAMMA
        self.lens, self.name = 0.0, ""
        scene = getattr(self, kind)()
        scene.params["photo"] = self.name
        stack = torch.stack(scene.layers)
        if kind in BLURRED and rng.random() < SOFT:
            scene.params["softness"] = round(rng.uniform(0.3, 0.9), 2)
            stack = torch.stack([Y.gaussian(layer, scene.params["softness"]) for layer in stack])
        clean = to_bytes(flat(stack, self.side).clamp(0, 1) ** (1 / self.curve))
        points, shares, kept = [], [], []
        for path in scene.points[:1] if kind in STAY else scene.points:
            light, share = render(stack, path if scene.discrete else P.fine(path), self.side)
            points.append(self.developed(kind, light, scene.params))
            shares.append(share)
            kept.append(P.kept(path, scene.discrete))
        if kind in STAY:
            # What comes back as it is comes back with its noise: the target is the picture itself, and both points are one.
            points, shares, kept = points[:1] * POINTS, shares[:1] * POINTS, kept[:1] * POINTS
        share = torch.zeros(POINTS, LAYERS, *shares[0].shape[1:], device=stack.device)
        corners = np.zeros((POINTS, LAYERS, 4, P.KEPT, 2), np.float32)
        for p in range(POINTS):
            share[p, :len(stack)], corners[p, :len(stack)] = shares[p], kept[p]
        return Taken(points[0] if kind in STAY else clean, clean, points, scene.frames, corners, share, scene.params)

    def developed(self, kind, light, params):
        """Linear light -> what the camera stored, [S, S, 3] u8."""
        rng, quality = self.rng, 100
        if kind == "phone":
            seen, done = phone.developed(light, self.curve, int(rng.choice([50, 100, 200, 400, 800])), rng, self.noise)
            quality = int(rng.integers(75, 91))
        elif kind == "lowlight":
            iso = int(rng.choice([800, 1600, 3200, 6400]))
            seen = phone.sensor(light, iso, rng, self.noise).clamp(0, 1) ** (1 / self.curve)
            seen, done = phone.denoised(seen, rng.uniform(0.02, 0.1)) if rng.random() < 0.4 else seen, {"iso": iso}
        else:
            effects = ORDINARY | ({"defocus": 0.0} if kind in STAY else {}) | ({"mosaic": 0.0} if kind == "frames" else {})
            if self.lens:
                light = torch.nn.functional.conv2d(torch.nn.functional.pad(light[:, None], [4] * 4, mode="reflect"),
                                                   camera.disc(torch.tensor([self.lens], device=light.device), 9)[None])[:, 0]
            seen, done = camera.exposed(light[None], self.curve, self.noise, effects)[0], {}
        if kind != "phone" and rng.random() < ORDINARY["jpeg"]:
            quality = int(rng.integers(80, 99))
        params.update({k: v for k, v in (done | {"jpeg": quality}).items() if k not in params})
        return to_bytes(compressed(seen, quality))


def extent(corners, share):
    """Mean and largest travel in pixels over a picture, each layer's by its share. corners [P, L, 4, K, 2], share [P, L, G, G] -> [P], [P]"""
    at = cell_paths(torch.from_numpy(np.asarray(corners, np.float32)), share.shape[-1])
    length = (at.amax(-2) - at.amin(-2)).norm(dim=-1).numpy()
    seen = share.cpu().numpy()
    return (length * seen).sum(1).mean((1, 2)), (length * (seen > 0.25)).max((1, 2, 3))
