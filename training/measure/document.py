"""Writes the figures of the shipped weights into weights/default/measured.json, README.md and docs/measured.md.

python -m training.measure.document FILE.json      FILE.json is what `evaluate --json` wrote of weights/default, with all four figures
"""
import argparse
import json
import os

from training.folders import REPOSITORY, WEIGHTS
from training.network.digest import digest
from training.measure.regions import FILE, REGIONS, kept, written
from training.measure.report import report


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    with open(parser.parse_args().file) as f:
        rows = json.load(f)["pictures"]
    if missing := {"gopro", "synthetic", "eval2"} - {row["set"] for row in rows}:
        parser.error(f"no {', '.join(sorted(missing))} in the figures: run evaluate over all its sets")
    found = {"weights": digest(WEIGHTS)} | kept(report(rows))
    with open(FILE, "w") as f:
        json.dump(found, f, indent=1)
        f.write("\n")
    for document in REGIONS:
        text = written(document, found)
        with open(os.path.join(REPOSITORY, document), "w") as f:
            f.write(text)


if __name__ == "__main__":
    main()
