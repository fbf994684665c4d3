"""Rows of measurements under bench/results, each with the commit, the machine and the day that it was measured on."""
import csv
import datetime
import os
import pathlib
import platform
import subprocess

FOLDER = pathlib.Path(__file__).parent / "results"


def machine():
    names = [line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
    return f"{len(os.sched_getaffinity(0))} cores, {names[0] if names else platform.machine()}"


def commit():
    done = subprocess.run(["git", "describe", "--always", "--dirty", "--abbrev=7"], cwd=FOLDER.parent, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def append(name, row):
    """Adds a row to results/NAME.csv. row: column -> value; columns that the file has and the row lacks stay empty."""
    path = FOLDER / f"{name}.csv"
    with open(path, newline="") as file:
        columns = next(csv.reader(file))
    row = {"commit": commit(), "machine": machine(), "date": datetime.date.today().isoformat()} | row
    if unknown := row.keys() - set(columns):
        raise ValueError(f"{path} has no column {', '.join(sorted(unknown))}")
    with open(path, "a", newline="") as file:
        csv.DictWriter(file, columns, lineterminator="\n").writerow(row)
