"""Gains by kind of blur, with intervals, and the one figure that sums them up. Needs numpy only, so that any rows can be summed up, whoever measured them."""
import numpy as np

from training.measure.intervals import bounds, means, stream

# Something moved, and the picture is to become sharper. Pictures of other kinds (sharp, defocus) are to come back no worse than they were.
BLURRED = ("shake", "rollzoom", "region", "object", "parallax", "lowlight", "phone", "frames", "text")
WORSE = -0.1                       # dB: below this gain a picture counts as made worse


def by_kind(rows, figure="gain"):
    """{kind: its rows that have the figure}, in the order the kinds come in."""
    found = {}
    for row in rows:
        if row.get(figure) is not None:
            found.setdefault(row["kind"], []).append(row)
    return found


def mean_over_kinds(rows, seed=0, figure="gain"):
    """Mean over the blurred kinds of each kind's mean, every kind counting the same: {"gain", "low", "high"}; None where no row is of a blurred kind.

    The interval draws pictures within each kind, never the kinds.
    """
    own = {kind: [r[figure] for r in listed] for kind, listed in by_kind(rows, figure).items() if kind in BLURRED}
    if not own:
        return None
    low, high = bounds(np.mean([means(values, stream(seed, kind)) for kind, values in own.items()], 0))
    return {"gain": float(np.mean([np.mean(values) for values in own.values()])), "low": low, "high": high}


def summary(rows, seed=0):
    """What rows {"kind", "name", "gain" in dB of PSNR, ...} say, by kind and in all.

    {"kinds": {kind: {"pictures", "gain", "low", "high", "worse", "worst"}}, "mean": {"gain", "low", "high", "worse"}}

    low and high bound the 95 % bootstrap interval of a mean, worse is the share of pictures with a gain below -0.1 dB, worst the name of the one with the
    least gain. The mean is that over the blurred kinds, its worse the share of all their pictures; it is None where there are none. Rows whose gain is None,
    as that of a picture that equals its target, are left out.
    """
    kinds = {}
    for kind, listed in by_kind(rows).items():
        gains = np.array([r["gain"] for r in listed])
        low, high = bounds(means(gains, stream(seed, kind)))
        kinds[kind] = {"pictures": len(gains), "gain": float(gains.mean()), "low": low, "high": high,
                       "worse": float((gains < WORSE).mean()), "worst": listed[int(gains.argmin())]["name"]}
    mean = mean_over_kinds(rows, seed)
    if mean:
        mean["worse"] = float(np.mean([r["gain"] < WORSE for r in rows if r["kind"] in BLURRED and r.get("gain") is not None]))
    return {"kinds": kinds, "mean": mean}
