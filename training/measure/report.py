"""What the rows of an evaluation say: gains by set and kind with their intervals, T's rank, and pictures that were to stay as they are."""
import numpy as np

from training.measure.intervals import rank_correlation
from training.measure.kinds import BLURRED, WORSE, interval, summary
from training.measure.pairs import ALL

BETTER = {"psnr": 1, "ssim": 1, "lpips": -1, "dists": -1}     # by which sign a figure gains
STAY = "sharp"                     # the kind that the sharp twins of a set without kinds are counted as
HARMED = 40.0                      # dB against itself: a sharp picture that comes back below this has changed visibly
UNCHANGED = 100.0                  # dB where all sharp pictures come back as they are


def gain(row, figure="psnr"):
    """How much better the output is than the input, positive for better; None where it was not measured or the input is the target itself."""
    return BETTER[figure] * (row["output"][figure] - row["input"][figure]) if row["input"] and figure in row["input"] else None


def gaining(rows, figure="psnr"):
    """The rows as `kinds.summary` takes them."""
    return [{"kind": r.get("kind", ALL), "name": r["name"], "gain": gain(r, figure)} for r in rows]


def average(rows, side):
    return {figure: float(np.mean([r[side][figure] for r in rows])) for figure in rows[0][side]}


def staying(rows, seed):
    """Sharp pictures sent through: how many came back as they were, and the PSNR of the others against themselves."""
    left = np.array([r["sharp_unchanged"] for r in rows], float)
    changed = {r["name"]: r["sharp_psnr"] for r in rows if not r["sharp_unchanged"]}
    worst = min(changed, key=changed.get) if changed else None
    return {"pictures": len(rows), "unchanged": int(left.sum())} | interval(left, seed, STAY) | {
        "harmed": sum(p < HARMED for p in changed.values()), "mean_psnr": float(np.mean(list(changed.values()) or [UNCHANGED])),
        "worst_psnr": changed.get(worst, UNCHANGED), "worst": worst}


def set_report(rows, seed):
    """Figures of one set."""
    moved = [r for r in rows if r["input"]]
    found = {"pairs": len(moved), "kinds": {}, "mean": None, "seconds": float(np.mean([r["seconds"] for r in rows]))}
    if moved:
        sums = {figure: summary(gaining(moved, figure), seed) for figure in moved[0]["input"]}
        found |= {"input": average(moved, "input"), "output": average(moved, "output"), "mean": sums["psnr"]["mean"],
                  "reblur": {"mean_psnr": float(np.mean([r["reblur_psnr"] for r in moved])), "worst_psnr": min(r["reblur_psnr"] for r in moved)}}
        found["gain_db"] = found["output"]["psnr"] - found["input"]["psnr"]
        for kind, entry in sums["psnr"]["kinds"].items():
            own = [r for r in moved if r.get("kind", ALL) == kind]
            found["kinds"][kind] = entry | {"worse_interval": interval([gain(r) < WORSE for r in own], seed, kind), "unchanged": sum(r["unchanged"] for r in own),
                                            "input": average(own, "input"), "output": average(own, "output"), "gains": gains_of(sums, lambda s: s["kinds"][kind])}
        if found["mean"]:
            own = [r for r in moved if r["kind"] in BLURRED]
            found["mean"] |= {"worse_interval": interval([gain(r) < WORSE for r in own], seed, "mean"), "unchanged": sum(r["unchanged"] for r in own),
                              "gains": gains_of(sums, lambda s: s["mean"])}
        found["levels"] = levels(moved)
        travelled = [r for r in moved if r["extent_px"]]
        found["rank"] = {"pairs": len(travelled)} | rank_correlation([r["timestep"] for r in travelled], [r["extent_px"] for r in travelled], seed)
    found["stay"] = {}
    for r in rows:
        if "sharp_psnr" in r:
            found["stay"].setdefault(STAY if r["input"] else r["kind"], []).append(r)
    found["stay"] = {kind: staying(own, seed) for kind, own in found["stay"].items()}
    return found


def gains_of(sums, part):
    """{figure: {"gain", "low", "high"}}"""
    return {figure: {key: part(s)[key] for key in ("gain", "low", "high")} for figure, s in sums.items()}


def levels(rows):
    """Gains by the number of averaged frames, where a set knows it."""
    known = sorted({r["frames"] for r in rows if r["frames"]})
    return {str(n): {"pairs": sum(r["frames"] == n for r in rows), "gain_db": float(np.mean([gain(r) for r in rows if r["frames"] == n]))} for n in known}


def report(rows, seed=0):
    """{"sets": {name: figures}, "timestep": {"pairs", "mean_absolute_error"}} of all rows."""
    names = dict.fromkeys(r["set"] for r in rows)
    known = [r for r in rows if r["frames"]]
    error = float(np.mean([abs(r["timestep"] - (r["frames"] - 1) * 20) for r in known])) if known else None
    return {"sets": {name: set_report([r for r in rows if r["set"] == name], seed) for name in names},
            "timestep": {"pairs": len(known), "mean_absolute_error": error}}
