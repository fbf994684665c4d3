#!/usr/bin/env python3
"""What must not break a service, done to the built one: torture.py FIDEDIFF [--short] [--only kills,power] [--report FILE].

Each kind prints its figures, or what broke and the exit code is 1. A kind that this machine does not permit says so: power cuts and the
full disk need to mount, the faults need strace, hostile files the pictures of --data, without which CI fails. --report writes the figures
into a table of docs/reliability.md.
"""

import argparse
import datetime
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

import clock
import faults
import full
import hostile
import kills
import overload
import power
import soak
from service import LOST, ROOT, Broken

# What is done, how much of it, and in short.
KINDS = {
    "kills": (kills.run, 500, 4),
    "power": (power.run, 100, 2),
    "faults": (faults.run, 120, 3),
    "full": (full.run, 10, 1),
    "clock": (clock.run, 28, 2),
    "hostile": (hostile.run, 100_000, 600),
    "overload": (overload.run, 600, 10),
    "soak": (soak.run, 7_200, 10),
}
PERMITS = {
    "power": (lambda scratch, _: power.can_mount(scratch), "it may not mount a file system in user space"),
    "full": (lambda scratch, _: full.can_mount(scratch), "it may not mount"),
    "faults": (lambda *_: faults.can_trace(), "strace is missing, or may not trace"),
    "hostile": (lambda _, data: hostile.is_there(data), "--data has no folder hostile"),
}
TABLE = re.compile(r"(<!-- figures -->\n).*(<!-- end of figures -->\n)", re.S)


def machine():
    with open("/proc/cpuinfo") as f:
        name = next(line.split(":")[1].strip() for line in f if line.startswith("model name"))
    return f"{name}, {len(os.sched_getaffinity(0))} cores"


def commit():
    return subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT).stdout.strip()


def row(kind, figures):
    told = ", ".join(f"{name.replace('_', ' ')} {value:,}" for name, value in figures.items())
    return f"| {kind} | {told} | {datetime.date.today()} | {commit()} | {machine()} |"


def report(path, rows):
    """Puts the rows into the table, in place of those of the same kind."""
    text = pathlib.Path(path).read_text()
    head, *old = TABLE.search(text).group(0).splitlines()[1:-1]
    kept = {line.split("|")[1].strip(): line for line in old[1:]} | rows
    table = "\n".join([head, old[0], *(kept[kind] for kind in KINDS if kind in kept)])
    pathlib.Path(path).write_text(TABLE.sub(lambda found: f"{found[1]}{table}\n{found[2]}", text))


def last_words(scratch):
    """Of the services' logs."""
    return "".join(f"--- {log.name}\n{log.read_text(errors='replace')[-4_000:]}" for log in sorted(scratch.rglob("*.log")))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fidediff", type=pathlib.Path)
    parser.add_argument("--short", action="store_true", help="some minutes in all, as CI does it")
    parser.add_argument("--only", default=",".join(KINDS), help="kinds, separated by commas")
    parser.add_argument("--amount", type=int, help="how much of each, instead of the usual")
    parser.add_argument("--data", type=pathlib.Path, default=ROOT / "../shared/data")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--report", type=pathlib.Path)
    args = parser.parse_args()
    seed = args.seed if args.seed is not None else random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}", flush=True)
    rows, broke = {}, False
    for kind in args.only.split(","):
        act, amount, short = KINDS[kind]
        begun = time.monotonic()
        with tempfile.TemporaryDirectory(prefix=f"torture-{kind}-") as folder:
            scratch = pathlib.Path(folder)
            permitted, why_not = PERMITS.get(kind, (lambda *_: True, ""))
            if not permitted(scratch, args.data):
                # CI has the data.
                missing = kind == "hostile" and bool(os.environ.get("CI"))
                broke = broke or missing
                print(f"{'FAIL' if missing else 'skip'}  {kind}: {why_not}", flush=True)
                continue
            more = {"data": args.data} if kind == "hostile" else {}
            try:
                figures = act(args.fidediff.resolve(), scratch, random.Random(f"{seed} {kind}"), args.amount or (short if args.short else amount), **more)
                rows[kind] = row(kind, figures)
                print(f"ok    {kind}: {figures} ({time.monotonic() - begun:.0f} s)", flush=True)
            except (Broken, *LOST) as broken:
                broke = True
                print(f"FAIL  {kind}: {broken}\n{last_words(scratch)}", flush=True)
    if args.report and rows:
        report(args.report, rows)
    sys.exit(broke)


if __name__ == "__main__":
    main()
