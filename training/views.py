"""The orientations in which a picture is restored, by the names and in the order of `Orientation` and `View`."""


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
    """The mean over the views of a configuration, as the engine gives it, not clamped. record takes the stages of the first, and the mean. image [B, 3, H, W]"""
    record = {} if record is None else record
    control, views = model.config["control"], VIEWS[:model.config["views"]]
    out = model(image, control=control, record=record)
    kernels, t = record["kernels"], record["timestep"].long()
    for turn, back in views[1:]:
        out = out + back(model(turn(image), t=t, kernels=turned_kernels(turn, kernels), control=control))
    out = out / len(views)
    record["output"] = out.clamp(0, 1)
    return out
