"""A disk that another program fills while jobs wait: new pictures are refused, accepted ones wait for room, and all finish when it is there."""

import json
import subprocess
import time

from service import FINAL, Ledger, Service, checked, require, until

MIB = 1 << 20
DISK_MIB = 160


class Disk:
    """A file system of its own of DISK_MIB."""

    def __init__(self, path):
        path.mkdir(exist_ok=True)
        self.path = path

    def __enter__(self):
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", self.path], check=True)
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", self.path], check=True)

    def fill(self):
        with open(self.path / "filler", "wb", buffering=0) as f:
            try:
                while True:
                    f.write(bytes(MIB))
            except OSError:
                pass

    def empty(self):
        (self.path / "filler").unlink()


def can_mount(scratch):
    try:
        with Disk(scratch / "try"):
            return True
    except (subprocess.CalledProcessError, OSError):
        return False


def run(binary, scratch, rng, rounds):
    acknowledged = refused = 0
    with Disk(scratch / "disk") as disk:
        for n in range(rounds):
            data, ledger = disk.path / f"data-{n}", Ledger(rng.random())
            with Service(binary, data, "--max-body-bytes", 8 * MIB) as service:
                service.ready()
                for _ in range(20):
                    ledger.send(service, ledger.new(most=200))
                disk.fill()
                end = time.monotonic() + rng.uniform(2, 6)
                while time.monotonic() < end:
                    status = ledger.send(service, ledger.new())
                    require(status in (503, 507), f"a picture is refused while the disk is full: {status}")
                    time.sleep(0.2)
                require(service.request("GET", "/readyz")[0] == 503, "not ready while the disk is full")
                failed = [j for j in service.jobs() if j["state"] == "failed"]
                require(not failed, f"no job fails for a full disk: {json.dumps([j['problem'] for j in failed[:2]])}")
                disk.empty()
                until(lambda: service.request("GET", "/readyz")[0] == 200, "ready again", 60)
                ledger.settle(service)
                require(all(j["state"] in FINAL for j in service.jobs()), "all are over")
                service.end()
            checked(binary, data)
            subprocess.run(["rm", "-r", data], check=True)
            acknowledged += len(ledger.promised)
            refused += ledger.refused
    return {"full_disks": rounds, "acknowledged": acknowledged, "refused": refused, "lost": 0}
