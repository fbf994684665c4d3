"""One error of the system at the n-th call of a kind, under load: no accepted job ends by it, and the service mends itself."""

import itertools
import shutil
import subprocess
import time

from service import Broken, Ledger, Load, Service, checked, require

# System calls that storing a picture and a job consists of, and what they can fail with.
CALLS = {
    "fsync": ("EIO", "ENOSPC"), "fdatasync": ("EIO", "ENOSPC"), "pwrite64": ("EIO", "ENOSPC"), "pread64": ("EIO",), "ftruncate": ("EIO",),
    "rename": ("EIO", "ENOSPC"), "unlink": ("EIO",), "link": ("EIO", "ENOSPC"), "mmap": ("ENOMEM",), "fcntl": ("EIO",), "newfstatat": ("EIO",),
    # Not openat: Dispatch reads /proc/TID/stat of its threads, and ends the process where that cannot be opened.
}
# The first, a later one, and every third.
WHEN = ("1", "2", "5", "13", "3+3")


def cases(rng, count):
    """`count` of all, each kind of call as often as any other."""
    every = {call: [(call, *case) for case in itertools.product(errors, WHEN)] for call, errors in CALLS.items()}
    for some in every.values():
        rng.shuffle(some)
    turns = (case for turn in itertools.zip_longest(*every.values()) for case in turn if case)
    return list(itertools.islice(turns, count))


def can_trace():
    return shutil.which("strace") is not None and subprocess.run(["strace", "-f", "true"], capture_output=True).returncode == 0


def run(binary, scratch, rng, count):
    chosen, acknowledged, refused = cases(rng, count), 0, 0
    for n, (call, error, when) in enumerate(chosen):
        data, ledger = scratch / f"data-{n}", Ledger(rng.random())
        options = ("--max-queued", 500, "--workers", 2)
        with Service(binary, data, *options) as service:
            service.ready()
            for _ in range(5):
                ledger.send(service, ledger.new())
            tracer = subprocess.Popen(
                ["strace", "-f", "-qq", "-o", scratch / "trace", "-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={when}",
                 "-p", str(service.process.pid)], stderr=subprocess.PIPE)
            try:
                time.sleep(0.5)
                load = Load(service, ledger, posters=2, pause=0.1)
                time.sleep(3)
                load.stop()
            finally:
                tracer.terminate()
                tracer.wait()
            require(service.process.poll() is None, f"the service lives after {error} of {call}, call {when}: {service.last_words()}")
            try:
                service.ready(90)
                ledger.settle(service)
            except Broken as broken:
                raise Broken(f"{error} of {call}, call {when}: {broken}; its log ends: {service.last_words()}") from broken
            service.end()
        checked(binary, data)
        shutil.rmtree(data)
        acknowledged += len(ledger.promised)
        refused += ledger.refused
    return {"faults": len(chosen), "acknowledged": acknowledged, "refused": refused, "lost": 0}
