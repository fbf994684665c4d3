#!/usr/bin/env python3
"""The examples of docs/users/api.md and the curl line of README.md, run as they stand against the built service: sh and python blocks, and js where Node is there. Links
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
        for heading, language, text in blocks(ROOT / "docs/users/api.md"):
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
    readme(server)
    check(count["sh"] >= 6 and count["python"] >= 5, f"examples run: {count}")


def readme(server):
    """README's curl line, in a folder that has what a fresh clone has."""
    lines = [text for _, language, text in blocks(ROOT / "README.md") if language == "sh" and text.startswith("curl ")]
    check(len(lines) == 1 and "--fail " in lines[0] and "http://127.0.0.1:8080/" in lines[0], "README has one curl line, which fails where the service does")
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(ROOT / "deploy", pathlib.Path(folder, "deploy"))
        done = subprocess.run(["bash", "-euc", lines[0].replace("http://127.0.0.1:8080", server.address)], cwd=folder, capture_output=True, text=True, timeout=600)
        sharp = pathlib.Path(folder, "sharp.jpg")
        check(done.returncode == 0 and sharp.read_bytes()[:3] == b"\xff\xd8\xff", f"README's curl line {done.stderr[-500:] if done.returncode else ''}")


def links():
    documents = [ROOT / "README.md", ROOT / "DEVELOPING.md", ROOT / "MODEL.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", ROOT / "CHANGELOG.md", ROOT / "training/README.md",
                 *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "training/studies").glob("*.md")), *sorted((ROOT / "bench").glob("*.md")), *sorted((ROOT / "bench/decisions").glob("*.md")),
                 *sorted((ROOT / "weights").rglob("*.md"))]
    broken = [f"{document.relative_to(ROOT)} -> {link}" for document in documents
              for link in re.findall(r"\]\(([^)#:]+)\)", document.read_text()) if not (document.parent / link).exists()]
    check(not broken, f"every link of {len(documents)} documents leads somewhere {broken}")


def limits(binary):
    """Each option that limits.md names is there, with the default that it gives."""
    lines = subprocess.run([binary, "serve", "--print-config"], capture_output=True, text=True, check=True, env={}).stdout.splitlines()
    values = {name: value for name, value, source in (re.split(r" {2,}", line) for line in lines)}
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| `--([\w-]+)`", (ROOT / "docs/users/limits.md").read_text(), re.M)
    check(len(rows) >= 7, "limits.md has options")
    for _, default, option in rows:
        number = re.match(r"[\d,.]+", default)
        said = float(number.group().replace(",", "")) * (2**20 if "MiB" in default else 1) if number else "-"
        found = values.get(option)
        check(found is not None and (found if found == "-" else float(found)) == said, f"--{option} is {default}")


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
