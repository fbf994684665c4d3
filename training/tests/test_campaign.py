"""The campaign from an empty folder to a candidate, ended in between, with a tiny network and a few pictures; and what stops it."""
import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import numpy as np
import torch
from PIL import Image

from training.folders import REPOSITORY, configuration
from training.network.model import FideDiff, load_config
from training.runs import trunk

TINY = "tiny-lags"
RECIPE = "--stage control --freeze-kernels --patch 64 --context 32 --batch 1 --lr 1e-3 --threads 1 --log-every 1 --save-every 2 --config " + configuration(TINY)


def photograph(rng, side):
    """Rectangles and noise, so that there is something to blur. [side, side, 3] u8"""
    picture = np.full((side, side, 3), rng.integers(256, size=3), np.uint8)
    for _ in range(60):
        y, x, h, w = rng.integers(0, side, 4)
        picture[y:y + h // 3 + 4, x:x + w // 3 + 4] = rng.integers(256, size=3)
    return np.clip(picture + rng.normal(0, 4, picture.shape), 0, 255).astype(np.uint8)


class CampaignTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def command(self, *more):
        return [sys.executable, "-m", "training.runs.campaign", "--folder", self.path("campaign"), *more]

    def log(self):
        with open(self.path("campaign", "campaign.log")) as f:
            return f.read()

    def rows(self):
        if not os.path.exists(self.path("campaign", "campaign.csv")):
            return []
        with open(self.path("campaign", "campaign.csv"), newline="") as f:
            return list(csv.DictReader(f))

    def data(self):
        rng = np.random.default_rng(0)
        for folder in ("train", "train2"):
            os.makedirs(self.path("data", folder))
            for i in range(4):
                Image.fromarray(photograph(rng, 640)).save(self.path("data", folder, f"{i}.jpg"), quality=95)
        os.makedirs(self.path("heldback"))
        with open(self.path("heldback", "meta.csv"), "w", newline="") as f:
            writer = csv.writer(f)
            writer.writerow(["name", "kind", "mean_extent_px"])
            for kind in ("shake", "object", "sharp"):
                sharp = photograph(rng, 64)
                blurred = sharp if kind == "sharp" else (sharp // 2 + np.roll(sharp, 5, 1) // 2)
                for what, picture in (("sharp", sharp), ("blur", blurred)):
                    Image.fromarray(picture).save(self.path("heldback", f"{kind}_0_{what}.png"))
                writer.writerow([f"{kind}_0", kind, 5])
        torch.manual_seed(0)
        FideDiff(load_config(configuration(TINY))).save(self.path("weights"), torch.float16)

    def progress(self):
        with open(self.path("campaign", "trunk", "progress.json")) as f:
            return json.load(f)

    def campaign(self):
        """One in this process."""
        return trunk.Campaign(type("Arguments", (), {"folder": self.path("campaign"), "hours": 1.0, "init": self.path("weights"), "shards": 2}))

    def begin(self, *more):
        return subprocess.Popen(self.command("--hours", "1", "--data", self.path("data"), "--heldback", self.path("heldback"), "--init", self.path("weights"), "--recipe", RECIPE,
                                             "--mixture", "shake=1", "--chains", "2", "--first-shards", "1", "--shard-every", "1", "--shards", "2", "--keep-priority", *more),
                                cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)

    def wait_for(self, found, process, seconds=400):
        until = time.time() + seconds
        while not found():
            if process.poll() is not None:
                self.fail(f"it ended: {self.log()}")
            if time.time() > until:
                self.fail(self.log())
            time.sleep(0.2)

    def test_the_newest_shards_stay(self):
        campaign = self.campaign()
        for i in range(4):
            shard = self.path("campaign", "shards", f"kinds-{i}")
            os.makedirs(shard)
            with open(os.path.join(shard, "timesteps.npy"), "w"):
                pass
            os.utime(shard, (i, i))
        campaign.drop_old_shards()
        self.assertEqual(sorted(os.listdir(self.path("campaign", "shards"))), ["kinds-2", "kinds-3"])

    def test_trunk_branch_candidate_end_and_going_on(self):
        self.data()
        first = self.begin("--leg", "2", "--branch", "1")
        self.addCleanup(first.kill)
        self.wait_for(lambda: len(self.rows()) >= 3 and "the best so far" in self.log(), first)
        self.assertEqual([r["weights"] for r in self.rows()[:3]], ["shipped", "trunk, averaged", "branch"])
        self.assertTrue(all(np.isfinite(float(r["mean"])) for r in self.rows()))
        again = subprocess.run(self.command("--hours", "1"), cwd=REPOSITORY, capture_output=True, text=True)
        self.assertIn("runs in", again.stderr)
        self.assertNotEqual(again.returncode, 0)
        status = subprocess.run(self.command("--status"), cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
        self.assertIn("running, process", status)
        begun = time.time()
        subprocess.run(self.command("--stop"), cwd=REPOSITORY, check=True)
        self.assertLess(time.time() - begun, 60)
        first.wait(10)
        self.assertIn("ends: SIGTERM", self.log())
        progress = self.progress()
        self.assertGreater(progress["step"], 0)
        before = len(self.rows())
        candidate = FideDiff(load_config(self.path("campaign", "candidate"))).load(self.path("campaign", "candidate")).state_dict()
        chosen = torch.load(self.path("campaign", "chosen", "state.pt"), weights_only=True)["average"]
        self.assertTrue(all(torch.equal(chosen[name].half().float(), candidate[name]) for name in chosen))
        second = self.begin("--leg", "2", "--branch", "1")
        self.addCleanup(second.kill)
        self.wait_for(lambda: len(self.rows()) >= before + 2, second)
        second.send_signal(signal.SIGTERM)
        second.wait(60)
        self.assertGreaterEqual(self.progress()["step"], progress["step"])
        self.assertLessEqual(len([n for n in os.listdir(self.path("campaign", "shards")) if os.path.exists(self.path("campaign", "shards", n, "timesteps.npy"))]), 2)
        self.assertEqual(sum(r["weights"] == "shipped" for r in self.rows()), 1)
        status = subprocess.run(self.command("--status"), cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
        self.assertIn("candidate: ", status)

    def test_other_shipped_weights_are_measured_anew(self):
        self.data()
        campaign = self.campaign()
        measured = []
        campaign.measure = lambda weights: measured.append(weights) or {"mean": {"gain": 1.0, "low": 0.9, "high": 1.1, "worse": 0.1}, "kinds": {},
                                                                        "still": {"unchanged": 1, "pictures": 2, "worst": 40.0}}
        campaign.measure_shipped()
        campaign.measure_shipped()
        self.assertEqual(len(measured), 1)
        os.makedirs(self.path("campaign", "candidate"))
        campaign.state["best"] = 1.2
        config = self.path("weights", "config.json")
        with open(config) as f:
            changed = json.load(f) | {"least_timestep": 170}
        with open(config, "w") as f:
            json.dump(changed, f)
        campaign.measure_shipped()
        self.assertEqual(len(measured), 2)
        self.assertIsNone(campaign.state["best"])
        self.assertFalse(os.path.exists(self.path("campaign", "candidate")))
        self.assertEqual(len(self.rows()), 2)

    def test_a_stop_while_a_branch_is_kept_leaves_no_half_of_it(self):
        self.data()
        campaign = self.campaign()
        for name in ("branch", "chosen", "candidate"):
            os.makedirs(self.path("campaign", name), exist_ok=True)
        with open(self.path("campaign", "candidate", "CARD.md"), "w") as f:
            f.write("an older one")
        campaign.state["best"] = 1.1

        def stop(*_):
            raise trunk.Stopped("SIGTERM")
        campaign.start = stop
        with self.assertRaises(trunk.Stopped):
            campaign.choose({"mean": {"gain": 1.3}})
        self.assertEqual(campaign.state["best"], 1.1)
        self.assertTrue(os.path.exists(self.path("campaign", "candidate", "CARD.md")))

    def test_a_loss_that_is_not_finite_ends_it_and_says_so(self):
        self.data()
        process = self.begin("--leg", "30", "--recipe", RECIPE + " --lr 1e38 --warmup 0")
        self.addCleanup(process.kill)
        self.assertEqual(process.wait(400), 0)
        self.assertIn("loss is not finite", self.log())
        self.assertFalse(os.path.exists(self.path("campaign", "pid")))


class DiskTests(unittest.TestCase):
    def test_a_nearly_full_disk_ends_it(self):
        with tempfile.TemporaryDirectory() as folder:
            arguments = type("Arguments", (), {"folder": folder, "hours": 1.0})
            one = trunk.Campaign(arguments)
            least, trunk.LEAST_DISK = trunk.LEAST_DISK, 1e18
            self.addCleanup(setattr, trunk, "LEAST_DISK", least)
            with self.assertRaisesRegex(trunk.Stopped, "disk is nearly full"):
                one.check()


if __name__ == "__main__":
    unittest.main()
