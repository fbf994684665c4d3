"""Gains by kind of blur, with intervals, and the one figure that sums them up. Needs numpy only, so that any rows can be summed up, whoever measured them."""
import numpy as np

from training.measure.intervals import bounds, means, stream

# Something moved, and the picture is to become sharper. Pictures of other kinds (sharp, defocus) are to come back no worse than they were.
BLURRED = ("shake", "rollzoom", "region", "object", "parallax", "lowlight", "phone", "frames", "text")
WORSE = -0.1                       # dB: below this gain a picture counts as made worse


def by_kind(rows):
    """{kind: its rows that have a gain}, in the order the kinds come in."""
    found = {}
    for row in rows:
        if row["gain"] is not None:
            found.setdefault(row["kind"], []).append(row)
    return found


def interval(values, seed, name):
    """{"low", "high"} of the mean of the values."""
    return dict(zip(("low", "high"), bounds(means(values, stream(seed, name)))))


def summary(rows, seed=0):
    """What rows {"kind", "name", "gain" in dB of PSNR, ...} say, by kind and in all.

    {"kinds": {kind: {"pictures", "gain", "low", "high", "worse", "worst"}}, "mean": {"pictures", "gain", "low", "high", "worse"}}

    low and high bound the 95 % bootstrap interval of a mean, worse is the share of pictures with a gain below -0.1 dB, worst the name of the one with the
    least gain. The mean is that over the blurred kinds, each kind counting the same, its worse the share of all their pictures; its interval draws pictures
    within each kind, never the kinds. It is None where no kind is a blurred one. Rows whose gain is None, as that of a picture that equals its target, are
    left out. Other figures than PSNR may stand as the gain, positive for better; then worse says nothing.
    """
    kinds, blurred, draws = {}, [], []
    for kind, listed in by_kind(rows).items():
        gains = np.array([r["gain"] for r in listed])
        kinds[kind] = {"pictures": len(gains), "gain": float(gains.mean())} | interval(gains, seed, kind) | {
            "worse": float((gains < WORSE).mean()), "worst": listed[int(gains.argmin())]["name"]}
        if kind in BLURRED:
            blurred.append(gains)
            draws.append(means(gains, stream(seed, kind)))
    if not blurred:
        return {"kinds": kinds, "mean": None}
    pictures = np.concatenate(blurred)
    low, high = bounds(np.mean(draws, 0))
    return {"kinds": kinds, "mean": {"pictures": len(pictures), "gain": float(np.mean([g.mean() for g in blurred])), "low": low, "high": high,
                                     "worse": float((pictures < WORSE).mean())}}
