"""Writes HELDBACK.csv and SOURCES.csv beside this file: which photographs are never learned from, and where each is from.

python -m training.data.photographs --data DIR        DIR has train/ and train2/, each with a SOURCES.csv of file, origin, author, licence, url, width, height
"""
import argparse
import csv
import hashlib
import os

from training.data.listing import HELD_BACK, HERE, files_by_rule
from training.folders import DATA


def write_lists(data):
    """HELDBACK.csv: set and file of what is never trained on. SOURCES.csv: where each photograph of both sets is from."""
    def write(name, columns, rows):
        with open(os.path.join(HERE, name), "w", newline="") as f:
            writer = csv.DictWriter(f, columns, lineterminator="\n", extrasaction="ignore", restval="")
            writer.writeheader()
            writer.writerows(rows)

    write("HELDBACK.csv", ("set", "file"), [{"set": s, "file": f} for (s, f), _, held in files_by_rule(data) if held])
    rows = []
    for folder in HELD_BACK:
        with open(os.path.join(data, folder, "SOURCES.csv"), newline="") as f:
            for row in sorted(csv.DictReader(f), key=lambda r: r["file"]):
                with open(os.path.join(data, folder, row["file"]), "rb") as picture:
                    digest = hashlib.sha256(picture.read()).hexdigest()
                rows.append(row | {"set": folder, "sha256": digest})
    write("SOURCES.csv", ("set", "file", "origin", "author", "licence", "url", "width", "height", "sha256"), rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=DATA)
    write_lists(parser.parse_args().data)


if __name__ == "__main__":
    main()
