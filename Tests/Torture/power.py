"""Loss of power under load, on a file system that keeps only what was fsynced (durablefs.py)."""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

from service import Ledger, Load, Service, checked, until


class Mount:
    def __init__(self, folder, mount):
        mount.mkdir(exist_ok=True)
        self.path = mount
        self.process = subprocess.Popen([sys.executable, pathlib.Path(__file__).with_name("durablefs.py"), folder, mount])
        until(lambda: os.path.ismount(mount), "the file system is there", 30)

    def __enter__(self):
        return self

    def cut(self, folder, is_random):
        with open(self.path / ".cut", "w") as f:
            f.write(f"{'random ' if is_random else ''}{folder}")

    def __exit__(self, *_):
        subprocess.run(["fusermount3", "-u", "-z", self.path], check=True)
        self.process.wait()


def can_mount(scratch):
    """Whether this process may mount a file system of its own: containers often may not."""
    if not os.path.exists("/dev/fuse"):
        return False
    (scratch / "empty").mkdir()
    try:
        with Mount(scratch / "empty", scratch / "try"):
            return True
    except Exception:
        return False


def run(binary, scratch, rng, rounds):
    ledger, left = Ledger(rng.random()), scratch / "left-0"
    (left / "data").mkdir(parents=True)
    options = ("--max-queued", 500, "--workers", 2, "--max-attempts", 1_000)
    for n in range(1, rounds + 1):
        with Mount(left, scratch / "mount") as mount:
            with Service(binary, mount.path / "data", *options) as service:
                load = Load(service.ready(), ledger, posters=2, pause=0.03)
                time.sleep(rng.uniform(0, 3))
                after = scratch / f"left-{n}"
                # First the answers stop, as they do when power fails: what is acknowledged after the cut would be no promise of it.
                service.process.send_signal(signal.SIGSTOP)
                mount.cut(after, is_random=n % 2 == 0)
                service.end(signal.SIGKILL)
                load.stop()
        shutil.rmtree(left)
        left = after
        (left / "data").mkdir(exist_ok=True)
        checked(binary, left / "data") if n % 10 == 0 else None
    with Service(binary, left / "data", *options) as service:
        ledger.settle(service.ready())
        service.end()
    checked(binary, left / "data")
    return {"power_cuts": rounds, **ledger.figures(), "lost": 0}
