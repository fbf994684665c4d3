"""The orientations in which a picture is restored, by the names and in the order of `Orientation` and `View`."""

import torch.nn.functional as F

from training.network.model import rounded_timestep, told


def transposed(x):
    return x.transpose(-1, -2)


VIEWS = [
    (lambda x: x, lambda x: x),                                                     # up
    (lambda x: x.flip(-1, -2), lambda x: x.flip(-1, -2)),                           # rotated180
    (lambda x: transposed(x).flip(-1), lambda x: transposed(x.flip(-1))),           # rotated90
    (lambda x: transposed(x).flip(-2), lambda x: transposed(x.flip(-2))),           # rotated270
    (lambda x: x.flip(-1), lambda x: x.flip(-1)),                                   # mirrored
    (lambda x: x.flip(-2), lambda x: x.flip(-2)),                                   # flipped
    (transposed, transposed),                                                       # transposed
    (lambda x: transposed(x).flip(-1, -2), lambda x: transposed(x.flip(-1, -2))),   # transversed
]


def turned_kernels(turn, kernels):
    """The kernel map of the turned picture: its places and its taps. [B, m*m, H, W]"""
    b, taps, h, w = kernels.shape
    m = round(taps ** 0.5)
    places = turn(kernels)
    return turn(places.unflatten(1, (m, m)).permute(0, 3, 4, 1, 2)).permute(0, 3, 4, 1, 2).flatten(1, 2)


def restored(model, image, record=None):
    """The mean over the views of a configuration, as the engine gives it, not clamped; with several scales, from the smallest on. record takes the stages
    of the first view at the picture's own size, and both means. image [B, 3, H, W]"""
    record = {} if record is None else record
    maps = model.kernel_maps(image)
    v = model.timestep_predictor(maps)
    record["timestep_value"] = v
    record["predicted_timestep"] = t = rounded_timestep(v)
    out = restored_at(model, image, told(t, model.config), maps, record)
    record["output"] = out.clamp(0, 1)
    return out


def restored_at(model, image, t, maps, record=None):
    """maps: M's, of this scale and the smaller ones."""
    control, views, coarse = model.config["control"], VIEWS[:model.config["views"]], None
    if maps[1:]:
        coarse = restored_at(model, F.avg_pool2d(image, 2), t, maps[1:])
    out = 0
    for turn, back in views:
        stages = record if turn is views[0][0] else None
        out = out + back(model(turn(image), t=t, kernels=turned_kernels(turn, maps[0]), control=control, coarse=None if coarse is None else turn(coarse), record=stages))
    if record is not None and coarse is not None:
        record["coarse"] = coarse
    return out / len(views)
