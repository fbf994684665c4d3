#!/usr/bin/env python3
"""Holds a folder of pictures against training/data/SOURCES.csv: what is missing, what is not the picture that was learned from.

check_data.py DIR [--set NAME...]       DIR has a folder for each set, as `../shared/data` does: DIR/train/NAME.jpg
Needs nothing but Python. Exit code 1 where anything is missing or differs, 2 where there is nothing to check.
"""
import argparse
import collections
import csv
import hashlib
import pathlib
import sys

SOURCES = pathlib.Path(__file__).parent / "data" / "SOURCES.csv"
SHOWN = 5       # missing files that are named, for each origin


def read(path):
    """-> the rows as dictionaries; set, file, origin, licence and sha256 are there"""
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    lacking = {"set", "file", "origin", "licence", "sha256"} - set(rows[0] if rows else {})
    if lacking:
        sys.exit(f"{path} lacks the columns {', '.join(sorted(lacking))}")
    return rows


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def compare(rows, folder):
    """-> (rows whose file is missing, rows whose file has other bytes)"""
    missing, different = [], []
    for row in rows:
        path = folder / row["set"] / row["file"]
        if not path.is_file():
            missing.append(row)
        elif digest(path) != row["sha256"].lower():
            different.append(row)
    return missing, different


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--set", action="append", dest="sets", help="check these sets alone; without it all of SOURCES.csv")
    parser.add_argument("--sources", type=pathlib.Path, default=SOURCES)
    arguments = parser.parse_args()
    rows = read(arguments.sources)
    known = list(dict.fromkeys(row["set"] for row in rows))
    if unknown := set(arguments.sets or ()) - set(known):
        print(f"no set {', '.join(sorted(unknown))} in {arguments.sources}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    rows = [row for row in rows if not arguments.sets or row["set"] in arguments.sets]
    missing, different = compare(rows, arguments.folder)

    by_origin = collections.defaultdict(list)
    for row in missing:
        by_origin[row["set"], row["origin"], row["licence"]].append(row["file"])
    for (kind, origin, licence), files in by_origin.items():
        more = f" and {len(files) - SHOWN} more" if len(files) > SHOWN else ""
        print(f"missing in {kind}: {len(files)} of {origin} ({licence}): {', '.join(files[:SHOWN])}{more}")
    for row in different:
        print(f"differs: {row['set']}/{row['file']} is not the file of {row['origin']} with SHA-256 {row['sha256'][:12]}...")
    for kind in dict.fromkeys(row["set"] for row in rows):
        count, lost, wrong = (sum(row["set"] == kind for row in part) for part in (rows, missing, different))
        print(f"{kind}: {count} pictures, {count - lost - wrong} as listed, {lost} missing, {wrong} different")
    return 1 if missing or different else 0


if __name__ == "__main__":
    sys.exit(main())
