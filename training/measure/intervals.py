"""Bootstrap intervals: how far a figure would wander if other pictures of the same sort had been drawn. Seeded, so the same rows give the same bounds."""
import zlib

import numpy as np

RESAMPLES = 4000
PERCENTILES = (2.5, 97.5)          # a 95 % interval


def stream(seed, name):
    """Random numbers of one figure: they don't depend on which other figures there are."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def means(values, rng):
    """[RESAMPLES] means of `values` drawn with replacement, the same in whatever order they come."""
    values = np.sort(np.asarray(values, float))
    return values[rng.integers(len(values), size=(RESAMPLES, len(values)))].mean(1)


def bounds(draws):
    """(low, high) of resampled figures; those that could not be computed (NaN) are left out, and (None, None) says that none could."""
    draws = np.asarray(draws, float)
    draws = draws[~np.isnan(draws)]
    return tuple(float(p) for p in np.percentile(draws, PERCENTILES)) if len(draws) else (None, None)


def ranks(values):
    """1 for the least; equal values share the mean of their places."""
    _, inverse, counts = np.unique(np.asarray(values, float), return_inverse=True, return_counts=True)
    return (counts.cumsum() - (counts - 1) / 2)[inverse]


def spearman(x, y):
    """Rank correlation of two columns; NaN where one of them is constant, which has no rank."""
    a, b = (r - r.mean() for r in (ranks(x), ranks(y)))
    scale = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / scale) if scale else float("nan")


def rank_correlation(x, y, seed=0):
    """{"rank", "low", "high"}: Spearman's correlation with its interval over resampled pairs; None where there is none."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    whole = spearman(x, y) if len(x) else float("nan")
    if np.isnan(whole):
        return {"rank": None, "low": None, "high": None}
    picks = stream(seed, "rank").integers(len(x), size=(RESAMPLES // 4, len(x)))
    low, high = bounds([spearman(x[p], y[p]) for p in picks])
    return {"rank": whole, "low": low, "high": high}
