"""What a campaign does, from its folder."""
import csv
import json
import os

GAIN = 0.12                        # dB more than the shipped weights, or half as many pictures made worse: then a candidate is evaluated


def running(folder):
    """The process id of the campaign that holds the folder, or None."""
    try:
        with open(os.path.join(folder, "pid")) as f:
            pid = int(f.read())
        os.kill(pid, 0)
        return pid
    except (FileNotFoundError, ValueError, ProcessLookupError):
        return None


def status(folder):
    """One screen."""
    pid = running(folder)
    lines = [f"campaign in {folder}: " + (f"running, process {pid}" if pid else "not running")]
    for name, show in (("campaign.log", 8), ("campaign.csv", 0)):
        path = os.path.join(folder, name)
        if not os.path.exists(path):
            continue
        with open(path, newline="") as f:
            if show:
                lines += ["", *(line.rstrip() for line in f.readlines()[-show:])]
            else:
                rows = list(csv.DictReader(f))
                keys = ["date", "weights", "hours", "mean", "low", "high", "worse", "sharp_unchanged"]
                lines += ["", "  ".join(f"{k:>16}" if k in ("date", "weights") else f"{k:>7}" for k in keys)]
                lines += ["  ".join(f"{r[k]:>16}" if k in ("date", "weights") else f"{r[k]:>7}" for k in keys) for r in rows[-10:]]
    progress = os.path.join(folder, "trunk", "progress.json")
    if os.path.exists(progress):
        with open(progress) as f:
            at = json.load(f)
        lines += ["", f"trunk: {at['seconds'] / 3600:.2f} hours, {at['step']:,} steps, {at['pictures']:,} pictures"]
    lines += ["", "next: " + ("make campaign goes on from here" if not pid else "make campaign-stop ends it within a minute, everything saved")]
    return "\n".join(lines + candidate(folder))


def candidate(folder):
    """What to do with the candidate, where there is one."""
    path = os.path.join(folder, "candidate")
    if not os.path.exists(os.path.join(path, "heldback.json")):
        return []
    with open(os.path.join(path, "heldback.json")) as f:
        own = json.load(f)["mean"]
    with open(os.path.join(folder, "state.json")) as f:
        shipped = json.load(f)["shipped"]
    more = own["gain"] - shipped["gain"]
    lines = [f"      candidate: {more:+.3f} dB against the shipped weights, {own['worse']:.1%} made worse against {shipped['worse']:.1%}"]
    if more >= GAIN or own["worse"] <= shipped["worse"] / 2 and more >= 0:
        lines += [f"      make evaluate MODEL={path}, once"]
    return lines
