"""Figures of the shipped weights as they stand in documents: between `<!-- NAME -->` and `<!-- /NAME -->`, written from weights/default/measured.json and the
tables of peers, so that other weights leave no figure of the former ones behind."""
import csv
import json
import os
import re

from training.folders import REPOSITORY, WEIGHTS
from training.measure.kinds import WORSE
from training.measure.report import BETTER, STAY
from training.measure.table import head, row, within

FILE = os.path.join(WEIGHTS, "measured.json")
PEERS = os.path.join(REPOSITORY, "training", "measure", "peers.csv")            # published weights of others, run on the same pairs
SPEED = os.path.join(REPOSITORY, "bench", "results", "peers.csv")
SPOKEN = {"shake": "shaking hand", "rollzoom": "turning and zoom", "region": "shake and a moving thing", "object": "still camera, one thing moves",
          "parallax": "moving camera, near and far things", "lowlight": "low light", "phone": "phone camera", "frames": "averaged frames", "text": "text",
          "defocus": "out of focus, nothing moved"}
SETS = {"gopro": "GoPro's test sequences", "synthetic": "photographs under simulated shake"}
BEST_PEER = "SRN-Deblur"


def rows_of(path):
    with open(path, newline="") as f:
        return list(csv.DictReader(f))


def figures(values):
    """24.08 / 0.7072 / 0.3804 / 0.2429, from numbers or a peer's row."""
    return " / ".join(f"{float(values[f]):.{2 if f == 'psnr' else 4}f}" for f in BETTER)


def peer_of(name, peer=BEST_PEER):
    return next((r for r in rows_of(PEERS) if r["set"] == name and r["peer"] == peer), None)


def stays(found):
    """(how many of the sharp twins of the sets without kinds come back as they are, of how many, the worst of the others in dB)"""
    stay = [found["sets"][name]["stay"][STAY] for name in SETS]
    return sum(s["unchanged"] for s in stay), sum(s["pictures"] for s in stay), min(s["worst_psnr"] for s in stay)


def first(found):
    """README's three figures: how much nearer, how fast, how many stay."""
    gopro = found["sets"]["gopro"]
    peer = float(peer_of("gopro")["psnr"]) - gopro["input"]["psnr"]
    last = [r for r in rows_of(SPEED) if r["network"].startswith("default:whole:1280x")][-4:]
    seconds = {r["runtime"]: float(r["seconds"]) for r in last}
    unchanged, pictures, _ = stays(found)
    size = last[0]["network"].rsplit(":", 1)[1]
    return "\n".join([head("", "this", "beside it"),
                      row(f"how much nearer a blurred photograph comes to its sharp twin ({gopro['pairs']} of GoPro's test pairs; 3 dB are half of the squared error)",
                          f"{gopro['gain_db']:.1f} dB", f"{peer:.1f} dB by SRN, a large network trained on all of GoPro"),
                      row(f"how long the network takes for {size} pixels on two cores", f"{seconds['fidediff']:.2f} s", f"{seconds['torch-compiled']:.2f} s in compiled PyTorch"),
                      row(f"how many of {pictures} sharp photographs come back as they are", unchanged, "0 by a sharpening filter, which changes every picture")])


def kinds(found):
    """The gain by kind of blur, the largest first."""
    s = found["sets"]["eval2"]
    lines = [head("kind of blur", "pictures", "gain, dB (95 % interval)", f"worse by more than {-WORSE:g} dB")]
    for kind, e in sorted(s["kinds"].items(), key=lambda item: -item[1]["gain"]):
        lines.append(row(SPOKEN[kind], e["pictures"], within(e["gain"], e["low"], e["high"]), round(e["worse"] * e["pictures"])))
    mean = s["mean"]
    lines.append(row("**mean over the kinds in which something moved**", mean["pictures"], f"**{within(mean['gain'], mean['low'], mean['high'])}**", round(mean["worse"] * mean["pictures"])))
    return "\n".join(lines)


def sharp(found):
    """What becomes of sharp pictures, and how well t follows the extent of the blur."""
    unchanged, pictures, worst = stays(found)
    soft, rank = found["sets"]["eval2"]["stay"][STAY], found["sets"]["synthetic"]["rank"]
    return "\n".join([f"- Of {pictures} sharp photographs {unchanged} come back as they are; the worst of the others is at {worst:.1f} dB against itself.",
                      f"- Of {soft['pictures']} of eval2 that are sharp or softened by a lens, {soft['unchanged']} do, the worst at {soft['worst_psnr']:.1f} dB.",
                      f"- The blur level ranks the simulated shake by its extent with a correlation of {within(rank['rank'], rank['low'], rank['high'], sign='')}."])


def learned():
    """How many pictures the shipped weights learned from, by their list."""
    with open(os.path.join(WEIGHTS, "ATTRIBUTION.csv"), newline="") as f:
        sets = [row["set"] for row in csv.DictReader(f)]
    return f"{sum(not s.startswith('gopro') for s in sets)} photographs, one sequence and {sets.count('gopro_pairs') // 2} pairs of GoPro"


def beside(found):
    """Before, after and the peers, set by set."""
    lines = [head("PSNR / SSIM / LPIPS / DISTS", *(f"{spoken}, {found['sets'][name]['pairs']} pictures" for name, spoken in SETS.items()), "learned from")]
    ours = lambda side: (figures(found["sets"][name][side]) for name in SETS)
    lines.append(row("blurred", *ours("input"), ""))
    lines.append(row("**fidediff, shipped weights**", *(f"**{f}**" for f in ours("output")), f"{learned()}, on two cores of a CPU"))
    for peer in dict.fromkeys(r["peer"] for r in rows_of(PEERS)):
        measured = [peer_of(name, peer) for name in SETS]
        lines.append(row(peer, *(figures(r) if r else "not measured" for r in measured), next(r for r in measured if r)["learned_from"]))
    change = lambda after: after - found["sets"]["synthetic"]["input"]["psnr"]
    peer = change(float(peer_of("synthetic", "DMPHN (1-2-4)")["psnr"]))
    lines += ["", f"Under simulated shake DMPHN, which learned from GoPro alone, {'loses' if peer < 0 else 'gains'} {abs(peer):.1f} dB against the blurred photographs, and these weights "
              f"gain {found['sets']['synthetic']['gain_db']:.1f}."]
    return "\n".join(lines)


REGIONS = {"README.md": {"first": first}, "docs/measured.md": {"kinds": kinds, "beside": beside, "sharp": sharp}}


def filled(text, name, body):
    """A document with another body between the marks of a region."""
    pattern = rf"(<!-- {name} -->\n).*?(\n<!-- /{name} -->)"
    new, count = re.subn(pattern, lambda m: m[1] + body + m[2], text, flags=re.S)
    if count != 1:
        raise ValueError(f"{count} regions <!-- {name} -->: one is needed")
    return new


def outside(text):
    """A document without its regions."""
    return re.sub(r"<!-- (\w+) -->\n.*?\n<!-- /\1 -->", "", text, flags=re.S)


def written(document, found):
    """The document of the repository with its regions as these figures have them."""
    with open(os.path.join(REPOSITORY, document)) as f:
        text = f.read()
    for name, make in REGIONS[document].items():
        text = filled(text, name, make(found))
    return text


def picked(entry, *keys):
    return {key: entry[key] for key in keys}


def kept(found):
    """Of a report what documents say: set figures, gains by kind, what stays, and T's rank."""
    gain = lambda e: picked(e, "pictures", "gain", "low", "high", "worse")
    sets = {}
    for name, s in found["sets"].items():
        sets[name] = picked(s, "pairs") | {"stay": {STAY: picked(s["stay"][STAY], "pictures", "unchanged", "worst_psnr")}, "rank": picked(s["rank"], "rank", "low", "high")}
        if name in SETS:
            sets[name] |= picked(s, "gain_db", "input", "output")
        else:
            sets[name] |= {"kinds": {kind: gain(e) for kind, e in s["kinds"].items()}, "mean": gain(s["mean"])}
    return {"sets": sets}


def shipped():
    """What `evaluate --json` found of the shipped weights, as far as documents say it; "weights" is the SHA-256 of their files."""
    with open(FILE) as f:
        return json.load(f)
