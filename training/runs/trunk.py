"""A trunk at a constant rate, branches that decay from it, and a row of figures for each: what `python -m training.runs.campaign` runs.

All of it lies in one folder: campaign.log, campaign.csv, curve.svg, state.json, shards/, trunk/, branch/, chosen/, candidate/.
"""
import csv
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from datetime import datetime, timezone

from training.folders import REPOSITORY
from training.machine import multiplies_bfloat16, processor, share
from training.measure.kinds import BLURRED
from training.network.digest import digest
from training.runs import curves

WARMUP = 100                       # steps from the shipped weights, whose optimiser is not kept
FIRST_SEED = 10_000                # of shards; held-back pictures have lower ones
LEAST_DISK = 6e9                   # bytes that stay free
GRACE = 45                         # seconds that a process has to end
RECIPE = ["--stage", "control", "--freeze-kernels", "--patch", "192", "--context", "32", "--batch", "8", "--lr", "4e-4", "--predicted-t", "0.5",
          "--lpips-from", "0", "--lpips-weight", "0.04", "--lpips-every", "4", "--threads", "1", "--save-every", "100"]
COLUMNS = ["date", "weights", "hours", "steps", "pictures", "mean", "low", "high", "worse", *BLURRED, "defocus", "sharp_unchanged", "sharp_worst", "machine"]


class Stopped(Exception):
    """Why the campaign ends."""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Campaign:
    def __init__(self, args):
        self.args, self.folder = args, args.folder
        for name in ("shards", "trunk", "branch"):
            os.makedirs(self.path(name), exist_ok=True)
        self.children, self.making, self.last_shard = [], None, 0.0
        self.state = self.read("state.json", {"next_seed": FIRST_SEED, "best": None, "branched_at": 0.0, "shipped": None})
        self.ends = time.time() + args.hours * 3600

    # Files

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def read(self, name, default):
        try:
            with open(self.path(name)) as f:
                return json.load(f)
        except FileNotFoundError:
            return default

    def keep(self):
        with open(self.path("state.json.new"), "w") as f:
            json.dump(self.state, f, indent=1)
        os.replace(f.name, self.path("state.json"))

    def say(self, text):
        line = f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M:%S} {text}"
        print(line, flush=True)
        with open(self.path("campaign.log"), "a") as f:
            f.write(line + "\n")

    # Processes

    def start(self, module, *arguments, rank=None, port=None):
        """A child of this Python at lowest priority, its output in campaign.out."""
        environment = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        allocator = "/usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4"
        if os.path.exists(allocator):                                   # keeps memory from one step to the next
            environment["LD_PRELOAD"] = allocator
        if rank is not None:
            environment |= {"RANK": str(rank), "WORLD_SIZE": str(self.args.processes), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
        with open(self.path("campaign.out"), "a") as out:
            child = subprocess.Popen([sys.executable, "-m", module, *map(str, arguments)], cwd=REPOSITORY, env=environment, stdout=out, stderr=out)
        self.children.append(child)
        return child

    def last_words(self):
        """The last line that a child wrote."""
        with open(self.path("campaign.out"), errors="replace") as f:
            lines = [line.strip() for line in f if line.strip()]
        return f"{lines[-1] if lines else 'it said nothing'} (all of it is in campaign.out)"

    def end(self, children):
        """SIGTERM, and SIGKILL for who is still there after GRACE seconds. Who lets everybody else go first would not get to save beside a build."""
        share(0)
        for child in children:
            if child.poll() is None:
                child.terminate()
        until = time.time() + GRACE
        for child in children:
            try:
                child.wait(max(0.1, until - time.time()))
            except subprocess.TimeoutExpired:
                self.say(f"process {child.pid} did not end within {GRACE} s: killed")
                child.kill()
                child.wait()
        self.children = [c for c in self.children if c.poll() is None]

    def check(self):
        """Raises Stopped when it is time, or the disk is nearly full."""
        if time.time() >= self.ends:
            raise Stopped(f"{self.args.hours:g} hours have passed")
        free = shutil.disk_usage(self.folder).free
        if free < LEAST_DISK:
            raise Stopped(f"the disk is nearly full: {free / 1e9:.1f} GB are free, {LEAST_DISK / 1e9:.0f} must stay; make room and start again")

    def wait(self, children, makes_shards=False):
        """Until all of them have ended; meanwhile a shard is made when it is time. One that fails stops the campaign."""
        while any(child.poll() is None for child in children):
            self.check()
            if any(child.poll() for child in children):
                break
            if makes_shards:
                self.make_shards(time.time() - self.last_shard > self.args.shard_every)
            time.sleep(1)
        codes = [child.poll() for child in children]
        if failed := [code for code in codes if code]:
            self.end(children)
            reason = "the loss is not finite: branch again from an older trunk, or start from the shipped weights" if 3 in codes else self.last_words()
            raise Stopped(f"a process ended with code {failed[0]}: {reason}")
        self.children = [c for c in self.children if c not in children]

    # Shards

    def shards(self):
        """Those that can be learned from, the oldest first."""
        found = [self.path("shards", name) for name in os.listdir(self.path("shards"))]
        return sorted((p for p in found if os.path.exists(os.path.join(p, "timesteps.npy"))), key=os.path.getmtime)

    def make_shards(self, due):
        """Begins a shard when one is due, and looks whether the last one is there: first the pictures, then M's maps."""
        if self.making is None:
            if due:
                seed = self.state["next_seed"]
                self.state["next_seed"] += 1
                self.keep()
                command = ("training.data.shards", "--data", self.args.data, "--out", self.path("shards"), "--count", self.args.chains, "--seed", seed)
                self.making = (seed, self.start(*command, *(["--mixture", self.args.mixture] if self.args.mixture else [])), "pictures")
            return
        seed, child, stage = self.making
        if child.poll() is None:
            return
        self.children.remove(child)
        self.making = None
        shard = self.path("shards", f"kinds-{seed}")
        if child.returncode:
            raise Stopped(f"shard {seed} could not be made (code {child.returncode}): {self.last_words()}")
        if stage == "pictures":
            self.making = (seed, self.start("training.data.maps", shard, "--model", self.args.init), "maps")
            return
        self.last_shard = time.time()
        self.drop_old_shards()

    def drop_old_shards(self):
        there = self.shards()
        for old in there[:max(0, len(there) - self.args.shards)]:
            shutil.rmtree(old)

    def first_shards(self):
        """Enough shards to begin with, made by all processes' cores in turn."""
        for name in os.listdir(self.path("shards")):                    # cut short when it was made
            if self.path("shards", name) not in self.shards():
                shutil.rmtree(self.path("shards", name))
        while len(self.shards()) < self.args.first_shards:
            self.check()
            self.make_shards(True)
            time.sleep(0.5)

    # Training and measuring

    def train(self, *arguments):
        port = free_port()
        recipe = self.args.recipe.split() if self.args.recipe else RECIPE + ["--bf16"] * multiplies_bfloat16()
        return [self.start("training.runs.train", *recipe, "--shards", self.path("shards"), *arguments, rank=rank, port=port) for rank in range(self.args.processes)]

    def progress(self, run):
        return self.read(os.path.join(run, "progress.json"), {"seconds": 0.0, "step": 0, "pictures": 0})

    def trunk(self):
        """Until it has gone a leg beyond the last branch."""
        until = self.state["branched_at"] + self.args.leg
        if self.progress("trunk")["seconds"] >= until - 1:
            return
        self.say(f"trunk: from {self.progress('trunk')['seconds'] / 3600:.2f} to {until / 3600:.2f} hours")
        self.wait(self.train("--out", self.path("trunk"), "--init", self.args.init, "--rate", "constant", "--warmup", WARMUP, "--seconds", until), makes_shards=True)

    def branch(self):
        """A decay from the trunk. One that was interrupted goes on, since a branch that is measured is moved away."""
        self.say(f"branch: {self.args.branch / 60:.0f} minutes from the trunk's {self.progress('trunk')['seconds'] / 3600:.2f} hours")
        self.wait(self.train("--out", self.path("branch"), "--go-on-from", self.path("trunk", "state.pt"), "--rate", "linear", "--warmup", 0, "--average", 0.99,
                             "--seconds", self.args.branch))

    def measure(self, weights):
        out = self.path("measured.json")
        self.wait([self.start("training.measure.heldback", weights, "--data", self.args.heldback, "--every", self.args.every, "--json", out)])
        return self.read("measured.json", None)

    def row(self, name, found, hours, steps, pictures):
        """Appends the figures of some weights to campaign.csv and draws the curve."""
        mean, kinds, still = found["mean"], found["kinds"], found["still"]
        values = {"date": f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M}", "weights": name, "hours": f"{hours:.2f}", "steps": steps, "pictures": pictures, "machine": processor(),
                  "sharp_unchanged": f"{still['unchanged']}/{still['pictures']}", "sharp_worst": f"{still['worst']:.1f}"}
        values |= {key: f"{mean[key]:.3f}" for key in ("low", "high", "worse")} | {"mean": f"{mean['gain']:.3f}"}
        values |= {kind: f"{kinds[kind]['gain']:.3f}" for kind in (*BLURRED, "defocus") if kind in kinds}
        path = self.path("campaign.csv")
        begins = not os.path.exists(path)
        with open(path, "a", newline="") as f:
            writer = csv.DictWriter(f, COLUMNS)
            if begins:
                writer.writeheader()
            writer.writerow(values)
        draw(path, self.path("curve.svg"))
        self.say(f"{name}: {mean['gain']:+.3f} dB over the blurred kinds [{mean['low']:+.3f}, {mean['high']:+.3f}], {mean['worse']:.1%} made worse, "
                 f"{still['unchanged']} of {still['pictures']} sharp ones unchanged")

    def judge_branch(self):
        """Measures the trunk's average and the branch, and keeps the best branch so far as the candidate."""
        there = self.progress("branch")
        hours = (self.progress("trunk")["seconds"] + there["seconds"]) / 3600 * self.args.processes
        self.row("trunk, averaged", self.measure(self.path("trunk", "state.pt")), self.progress("trunk")["seconds"] / 3600 * self.args.processes,
                 self.progress("trunk")["step"], self.progress("trunk")["pictures"])
        found = self.measure(self.path("branch", "state.pt"))
        self.row("branch", found, hours, self.progress("trunk")["step"] + there["step"], self.progress("trunk")["pictures"] + there["pictures"])
        if self.state["best"] is None or found["mean"]["gain"] > self.state["best"]:
            self.choose(found)
        self.state["branched_at"] = self.progress("trunk")["seconds"]
        self.keep()
        shutil.rmtree(self.path("branch"))
        os.makedirs(self.path("branch"))

    def choose(self, found):
        """Keeps the branch: its run, and a model folder with its figures. It is the best only once both are whole, since a stop may come at any line."""
        chosen, candidate = self.path("chosen"), self.path("candidate")
        for path in (chosen, candidate):
            shutil.rmtree(path + ".new", ignore_errors=True)
        shutil.copytree(self.path("branch"), chosen + ".new")
        self.wait([self.start("training.runs.export", self.path("branch"), "--out", candidate + ".new")])
        shutil.copy(self.path("measured.json"), os.path.join(candidate + ".new", "heldback.json"))
        for path in (chosen, candidate):
            shutil.rmtree(path, ignore_errors=True)
            os.rename(path + ".new", path)
        self.state["best"] = found["mean"]["gain"]
        self.say("the best so far: its run is in chosen/, exported to candidate/")

    def measure_shipped(self):
        """What a candidate must exceed: measured anew whenever other weights, or another configuration, are shipped. An older candidate goes then."""
        own = digest(self.args.init)
        if self.state["shipped"] and self.state["shipped"]["weights"] == own:
            return
        found = self.measure(self.args.init)
        for name in ("candidate", "chosen"):
            shutil.rmtree(self.path(name), ignore_errors=True)
        self.state |= {"shipped": {"weights": own} | {key: found["mean"][key] for key in ("gain", "worse")}, "best": None}
        self.row("shipped", found, 0, 0, 0)
        self.keep()

    def run(self):
        self.say(f"begins: {self.args.hours:g} hours on {processor()}")
        if not os.path.exists(os.path.join(self.args.heldback, "meta.csv")):
            self.say("the held-back pictures are made first")
            self.wait([self.start("training.data.heldback", "--data", self.args.data, "--out", self.args.heldback)])
        self.first_shards()
        self.measure_shipped()
        while True:
            self.trunk()
            self.branch()
            self.judge_branch()


def draw(table, path):
    """The gains of campaign.csv over the hours: all kinds in the mean, and each."""
    with open(table, newline="") as f:
        rows = list(csv.DictReader(f))
    series = {}
    for row in rows:
        for key in ("mean", *BLURRED):
            if row[key]:
                series.setdefault(row["weights"], {}).setdefault(key, []).append((float(row["hours"]), float(row[key])))
    with open(path, "w") as f:
        f.write(curves.draw(series))
