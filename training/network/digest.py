"""The name of some weights: one SHA-256 over the files of a model folder that the network is made of."""
import hashlib
import json
import os


def digest(folder):
    """Over config.json and the files that it names, by name."""
    with open(os.path.join(folder, "config.json")) as f:
        files = ["config.json", *json.load(f)["files"].values()]
    h = hashlib.sha256()
    for name in sorted(files):
        with open(os.path.join(folder, name), "rb") as f:
            h.update(f.read())
    return h.hexdigest()
