"""How cameras and things move while the shutter is open: displacements of a picture's four corners at each instant, [4, steps, 2] pixels, numpy.

All paths are at their centroid, where the sharp picture stands: which way a path was travelled cannot be seen. Affine at each instant, so bilinear between corners is exact.
"""
import math

import numpy as np

STEPS = 57                        # instants of a path before it is sampled as finely as its length asks
MARGIN = 48                       # pixels that a canvas is larger than its picture, on each side; longer excursions are scaled down
KEPT = 24                         # instants that are kept of a path


def travel(rng, low=2.0, high=60.0):
    """Pixels, log-uniform: as many from 2 to 11 as from 11 to 60."""
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def corners(shift, roll, zoom, centre, side):
    """shift [steps, 2] pixels, roll [steps] radians, zoom [steps] as factors less 1, about centre (x, y) pixels from the middle -> [4, steps, 2]"""
    place = (np.array([[-.5, -.5], [.5, -.5], [-.5, .5], [.5, .5]]) * side - centre)[:, None]
    c, s = (1 + zoom) * np.cos(roll) - 1, (1 + zoom) * np.sin(roll)
    turned = np.stack([place[..., 0] * c - place[..., 1] * s, place[..., 0] * s + place[..., 1] * c], -1)
    return centred(turned + shift)


def centred(path):
    return path - path.mean(-2, keepdims=True)


def wander(rng, count):
    """[STEPS, count]: drift and tremor of 3 to 11 Hz (physiological tremor) over an exposure of 1/16 to 1/5 s, each of extent about 1."""
    time = np.linspace(-0.5, 0.5, STEPS)[:, None] * 0.0625 * math.exp(rng.uniform(0, 1.2))
    frequency = rng.uniform(3, 11, (3, 1, count))
    tremor = np.sin(2 * np.pi * (frequency * time + rng.random((3, 1, count)))) * rng.normal(size=(3, 1, count)) / np.sqrt(frequency)
    path = rng.normal(size=count) * time * 40 * rng.random() + tremor.sum(0) * 2 * rng.random()
    return path


def scaled(path, extent):
    """A path whose bounding box has that diagonal. [STEPS, n]"""
    return path * (extent / max(np.linalg.norm(np.ptp(path, axis=0)), 1e-6))


def hand(rng, extent, side):
    """A camera in the hand: six degrees of freedom leave shift, roll and zoom in a picture, about a lens axis that may lie outside of it."""
    path = wander(rng, 4)
    turns = extent * rng.random(2) * [0.0012, 0.0006]
    return corners(scaled(path[:, :2], extent), scaled(path[:, 2:3], turns[0])[:, 0], scaled(path[:, 3:], turns[1])[:, 0], rng.uniform(-400, 400, 2), side)


def rollzoom(rng, side):
    """A strong turn or zoom, so that blur differs over the picture: nothing at its centre, up to 60 pixels at the far corner."""
    way = rng.choice(["roll", "zoom", "both"])
    centre = rng.uniform(-0.3, 0.3, 2) * side
    far = travel(rng, 6, 60) / (np.abs(centre).max() + side / 2)
    course = scaled(wander(rng, 1), 1)[:, 0] if rng.random() < 0.5 else np.linspace(-0.5, 0.5, STEPS)
    part = rng.uniform(0.3, 0.7) if way == "both" else 0.02
    roll, zoom = {"roll": (far, part * far), "zoom": (part * far, far), "both": (far * part, far * (1 - part))}[way]
    return corners(scaled(wander(rng, 2), travel(rng, 0.5, 6)), course * roll * rng.choice([-1, 1]), course * zoom, centre, side)


def own(rng, extent, side):
    """A thing that moves by itself: mostly straight on at nearly constant speed, perhaps in a bend, turning a little."""
    angle, bend, pace = rng.uniform(0, 2 * np.pi), rng.normal() * 0.35, rng.normal() * 0.25
    time = np.linspace(-0.5, 0.5, STEPS)
    along, across = time + pace * time ** 2, bend * time ** 2
    shift = np.stack([along * np.cos(angle) - across * np.sin(angle), along * np.sin(angle) + across * np.cos(angle)], 1)
    roll = rng.normal() * extent * 0.001 * time if rng.random() < 0.4 else 0 * time
    return corners(scaled(shift, extent), roll, 0 * time, rng.uniform(-0.4, 0.4, 2) * side, side)


def passing(rng, extent, side, near):
    """A camera that passes by (car) or walks into (walk) a scene of layers: what is near moves further. near [L] factors -> [L, 4, STEPS, 2]"""
    time, shaking = np.linspace(-0.5, 0.5, STEPS), scaled(wander(rng, 2), extent * rng.uniform(0.02, 0.3))
    if rng.random() < 0.6:
        angle = rng.normal() * 0.12 + (np.pi / 2 if rng.random() < 0.15 else 0)
        direct = np.stack([np.cos(angle) * time, np.sin(angle) * time], 1) * extent
        return np.stack([corners(n * direct + shaking * (0.3 + 0.7 * n), 0 * time, 0 * time, np.zeros(2), side) for n in near])
    centre, zoom = rng.uniform(-0.3, 0.3, 2) * side, extent / (0.7 * side)
    bob = scaled(wander(rng, 2), extent * rng.uniform(0.1, 0.6))
    return np.stack([corners(n * bob + shaking * 0.3, 0 * time, n * zoom * time, centre, side) for n in near])


def steps_of(rng, extent, n, side, moving):
    """n discrete frames: the camera's displacements where they were taken. [4, n, 2], and those of a thing that moves by itself, or None"""
    at = np.linspace(0, STEPS - 1, n).round().astype(int)
    camera = hand(rng, extent, side)[:, at]
    return centred(camera), centred(camera + own(rng, travel(rng, 4, 50), side)[:, at]) if moving else None


def fitted(paths):
    """[L, 4, steps, 2], scaled down together where something would leave the canvas."""
    return paths * min(1.0, (MARGIN - 2) / max(np.abs(paths).max(), 1e-6))


def window(paths, rng):
    """A part of the exposure of about half of its length, at its own centroid. [..., steps, 2]"""
    steps = paths.shape[-2]
    length = max(3, int(steps * rng.uniform(0.35, 0.65)))
    first = rng.integers(0, steps - length + 1)
    return centred(paths[..., first:first + length, :])


def resampled(paths, steps):
    """Evenly in time. [..., n, 2] -> [..., steps, 2]"""
    n = paths.shape[-2]
    at = np.linspace(0, n - 1, steps)
    low = np.minimum(at.astype(int), max(n - 2, 0))
    f = (at - low)[:, None]
    return paths[..., low, :] * (1 - f) + paths[..., np.minimum(low + 1, n - 1), :] * f


def fine(paths):
    """As many instants as the longest path asks: neighbours are at most 0.8 pixels apart in the mean, so that a point of light leaves a line."""
    length = np.linalg.norm(np.diff(paths, axis=-2), axis=-1).sum(-1).max()
    return centred(resampled(paths, int(np.clip(np.ceil(1.25 * length) + 3, 5, 129)))) if length > 0 else paths[..., :1, :]


def kept(paths, discrete):
    """[..., steps, 2] -> [..., KEPT, 2]; discrete frames stay where they are, each about as often as another."""
    steps = paths.shape[-2]
    if discrete:
        return paths[..., ((np.arange(KEPT) + 0.5) * steps / KEPT).astype(int), :]
    return centred(resampled(paths, KEPT))
