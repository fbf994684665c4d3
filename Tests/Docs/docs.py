#!/usr/bin/env python3
"""The examples of docs/api.md, run as they stand against the built service: sh and python blocks, and js where Node is there. Links
between the documents are followed, and the numbers of limits.md compared with the command line's.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests/Smoke"))
from ready import until_ready  # noqa: E402
from smoke import Server, check  # noqa: E402


def blocks(path):
    """-> [(heading, language, text)]"""
    heading, found = "", []
    for part in re.finditer(r"^#+ (?P<heading>[^\n]+)$|^```(?P<language>\w+)\n(?P<text>.*?)^```$", path.read_text(), re.M | re.S):
        heading = part["heading"] or heading
        if part["language"]:
            found.append((heading, part["language"], part["text"]))
    return found


def examples(server):
    node = shutil.which("node")
    commands = {"sh": ["bash", "-euo", "pipefail"], "python": [sys.executable], "js": node and [node]}
    suffixes = {"sh": "sh", "python": "py", "js": "mjs"}
    count = dict.fromkeys(commands, 0)
    with tempfile.TemporaryDirectory() as folder:
        for heading, language, text in blocks(ROOT / "docs/api.md"):
            if not commands[language]:
                continue
            for old in pathlib.Path(folder).iterdir():
                old.unlink()
            shutil.copy(ROOT / "deploy/demo/blurred.jpg", pathlib.Path(folder, "photo.jpg"))
            script = pathlib.Path(folder, f"example.{suffixes[language]}")
            script.write_text(text)
            done = subprocess.run(commands[language] + [str(script)], cwd=folder, env=os.environ | {"FIDEDIFF": server.address},
                                  capture_output=True, text=True, timeout=600)
            made = [path for path in pathlib.Path(folder).iterdir() if path.suffix == ".jpg" and path.name != "photo.jpg"]
            whole = all(path.read_bytes()[:3] == b"\xff\xd8\xff" for path in made)
            named = set(re.findall(r"\b[\w-]+\.jpg\b", text)) - {"photo.jpg"}
            check(done.returncode == 0 and whole and named == {path.name for path in made},
                  f"{language}: {heading} {done.stdout[-500:] + done.stderr[-2000:] if done.returncode else ''}")
            count[language] += 1
    check(count["sh"] >= 6 and count["python"] >= 5, f"examples run: {count}")


def links():
    documents = [ROOT / "README.md", ROOT / "DEVELOPING.md", ROOT / "MODEL.md", *sorted((ROOT / "docs").glob("*.md"))]
    broken = [f"{document.relative_to(ROOT)} -> {link}" for document in documents
              for link in re.findall(r"\]\(([^)#:]+)\)", document.read_text()) if not (document.parent / link).exists()]
    check(not broken, f"every link of {len(documents)} documents leads somewhere {broken}")


def limits(binary):
    """Each option that limits.md names is there, with the default that it gives."""
    text = subprocess.run([binary, "serve", "--print-config"], capture_output=True, text=True, check=True,
                          env={name: value for name, value in os.environ.items() if not name.startswith("FIDEDIFF_")}).stdout
    settings = dict(line.split()[:2] for line in text.splitlines() if line.strip())
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| `(--[\w-]+)`", (ROOT / "docs/limits.md").read_text(), re.M)
    check(len(rows) >= 7, "limits.md has options")
    for _, default, option in rows:
        found, number = settings.get(option.removeprefix("--")), re.match(r"[\d,.]+", default)
        said = number and float(number.group().replace(",", "")) * (2**20 if "MiB" in default else 1)
        # Without a number: no limit, which is written as a dash.
        check(found is not None and (float(found) == said if number else found == "-"), f"{option} is {default}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", nargs="?", default=str(ROOT / ".build/release/fidediff"))
    parser.add_argument("--model", default=str(ROOT / "weights/default"))
    arguments = parser.parse_args()
    links()
    limits(arguments.binary)
    with tempfile.TemporaryDirectory(prefix="fidediff-docs-") as folder:
        with Server(arguments.binary, arguments.model, os.path.join(folder, "data")) as server:
            until_ready(server)
            examples(server)


if __name__ == "__main__":
    main()
