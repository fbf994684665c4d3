"""A model folder made of a run, on the way from the weights before."""
import csv
import json
import os
import subprocess
import sys
import tempfile
import unittest

import torch

from training.folders import REPOSITORY, configuration
from training.network.model import FideDiff, load_config

TINY = configuration("tiny-lags")


def tiny(seed):
    torch.manual_seed(seed)
    return FideDiff(load_config(TINY))


class Export(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.before, self.run_folder, self.out = (os.path.join(self.folder.name, name) for name in ("before", "run", "out"))
        self.first, self.last = tiny(1), tiny(2)
        self.first.save(self.before)
        with open(os.path.join(self.before, "provenance.json"), "w") as f:
            json.dump({"stages": [{"stage": "kernel", "steps": 7, "seconds": 1, "note": ""}]}, f)
        with open(os.path.join(self.before, "ATTRIBUTION.csv"), "w", newline="") as f:
            csv.writer(f).writerows([["set", "file", "origin", "author", "licence"], ["train", "mine.jpg", "here", "me", "not stated"]])
        os.makedirs(self.run_folder)
        with open(os.path.join(self.run_folder, "config.json"), "w") as f:
            json.dump(self.last.config, f)
        torch.save({"average": self.last.state_dict(), "stage": "control", "step": 5, "seconds": 2.0}, os.path.join(self.run_folder, "state.pt"))

    def export(self, *more):
        return subprocess.run([sys.executable, "-m", "training.runs.export", self.run_folder, "--out", self.out, *more], cwd=REPOSITORY, capture_output=True, text=True)

    def test_lies_on_the_way_and_carries_what_was_learned_before(self):
        self.assertEqual(self.export("--before", self.before, "--share", "0.25").returncode, 0)
        found, name = FideDiff(load_config(self.out)).load(self.out).state_dict(), "unet.conv_in.weight"
        expected = self.first.state_dict()[name].lerp(self.last.state_dict()[name], 0.25)
        self.assertTrue(torch.equal(found[name], expected.half().float()))
        with open(os.path.join(self.out, "provenance.json")) as f:
            stages = json.load(f)["stages"]
        self.assertEqual([(s["steps"], s["note"]) for s in stages], [(7, ""), (5, "0.25 of the way from the weights before")])
        with open(os.path.join(self.out, "ATTRIBUTION.csv"), newline="") as f:
            rows = list(csv.DictReader(f))
        self.assertEqual(rows[0]["file"], "mine.jpg")
        self.assertEqual(len({(row["set"], row["file"]) for row in rows}), len(rows))
        with open(os.path.join(self.out, "CARD.md")) as f:
            card = f.read()
        own = sum(not row["set"].startswith("gopro") for row in rows)
        self.assertIn(f"- {own} sharp photographs", card)
        self.assertIn("Of 1 (", card)

    def test_the_whole_way_needs_no_weights_before(self):
        self.assertEqual(self.export().returncode, 0)
        found, name = FideDiff(load_config(self.out)).load(self.out).state_dict(), "unet.conv_in.weight"
        self.assertTrue(torch.equal(found[name], self.last.state_dict()[name].half().float()))

    def test_a_share_of_no_way_is_refused(self):
        for more in (["--share", "0.5"], ["--share", "1.5", "--before", self.before], ["--share", "0", "--before", self.before]):
            refused = self.export(*more)
            self.assertEqual(refused.returncode, 2)
            self.assertIn("--share", refused.stderr)


if __name__ == "__main__":
    unittest.main()
