"""The report as Markdown."""
from training.measure.pairs import ALL
from training.measure.report import BETTER, HARMED

DIGITS = {"psnr": 2, "ssim": 3, "lpips": 3, "dists": 3}


def row(*cells):
    return "| " + " | ".join(map(str, cells)) + " |"


def head(*cells):
    return "\n".join([row(*cells), "|" + "---|" * len(cells)])


def within(value, low, high, digits=2, sign="+"):
    """A figure with its interval: +0.76 (+0.58 to +0.95)."""
    return f"{value:{sign}.{digits}f} ({low:{sign}.{digits}f} to {high:{sign}.{digits}f})"


def gain(entry, figure):
    found = entry["gains"].get(figure)
    return within(found["gain"], found["low"], found["high"], DIGITS[figure]) if found else "-"


def worse(entry):
    """How many of how many; a bootstrap knows no interval where all pictures agree."""
    number, bounds = round(entry["worse"] * entry["pictures"]), entry["worse_interval"]
    return f"{number} of {entry['pictures']}" + (f" ({bounds['low']:.0%} to {bounds['high']:.0%})" if 0 < entry["worse"] < 1 else "")


def gains_table(found):
    lines = [head("set", "PSNR gain, dB", *(f"{f.upper()} gain" for f in list(BETTER)[1:]), "worse by > 0.1 dB", "came back unchanged", "worst picture")]
    for name, s in found["sets"].items():
        for kind, e in s["kinds"].items():
            lines.append(row(name if kind == ALL else f"{name} {kind}", *(gain(e, f) for f in BETTER), worse(e), e["unchanged"], e["worst"]))
        if e := s["mean"]:
            lines.append(row(f"**{name}, mean over the blurred kinds**", *(f"**{gain(e, f)}**" for f in BETTER), worse(e), e["unchanged"], ""))
    return "\n".join(lines)


def figures_table(found):
    """What went in and what came out, set by set."""
    lines = [head("set", "pairs", "input: " + " / ".join(f.upper() for f in BETTER), "output", "gain by number of averaged frames, dB")]
    show = lambda figures: " / ".join(f"{figures[f]:.{2 if f == 'psnr' else 4}f}" if f in figures else "-" for f in BETTER)
    for name, s in found["sets"].items():
        if s["pairs"]:
            levels = ", ".join(f"{n}: {e['gain_db']:+.2f}" for n, e in s["levels"].items())
            lines.append(row(name, s["pairs"], show(s["input"]), show(s["output"]), levels or "not known"))
    return "\n".join(lines)


def stay_table(found):
    lines = [head("set", "unchanged", f"harmed: below {HARMED:.0f} dB against itself", "the others on average, dB", "worst, dB")]
    for name, s in found["sets"].items():
        for kind, e in s["stay"].items():
            bounds = f" ({e['low']:.0%} to {e['high']:.0%})" if 0 < e["unchanged"] < e["pictures"] else ""
            others = (f"{e['mean_psnr']:.2f}", f"{e['worst_psnr']:.2f} {e['worst']}") if e["worst"] else ("-", "-")
            lines.append(row(f"{name} {kind}", f"{e['unchanged']} of {e['pictures']}{bounds}", e["harmed"], *others))
    return "\n".join(lines)


def level_lines(found):
    lines = [f"T's rank correlation with mean travel, {name}: {within(s['rank']['rank'], s['rank']['low'], s['rank']['high'], sign='')} of {s['rank']['pairs']} pictures"
             for name, s in found["sets"].items() if s["pairs"] and s["rank"]["rank"] is not None]
    if found["timestep"]["pairs"]:
        lines.append(f"T's mean absolute error: {found['timestep']['mean_absolute_error']:.1f} over {found['timestep']['pairs']} pictures of known t")
    lines += [f"Re-blur certificate, {name}: {s['reblur']['mean_psnr']:.1f} dB on average, the lowest {s['reblur']['worst_psnr']:.1f}; {s['seconds']:.2f} s a picture on one core"
              for name, s in found["sets"].items() if s["pairs"]]
    return "\n".join(f"- {line}" for line in lines)


def markdown(found):
    return "\n\n".join(["Gains with their 95 % bootstrap intervals; positive is better in every figure.", gains_table(found), figures_table(found),
                        "Pictures that were to come back as they are:", stay_table(found), level_lines(found)])
