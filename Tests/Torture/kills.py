"""SIGKILL at any moment under load: nothing that was acknowledged is lost, comes twice, or changes how it ended."""

import signal
import time

from service import Ledger, Load, Service, checked, require


def run(binary, scratch, rng, rounds):
    data, ledger = scratch / "data", Ledger(rng.random())
    # A job is killed with the process more often here than by anything that may be its fault.
    options = ("--max-queued", 500, "--workers", 2, "--max-attempts", 1_000)
    for _ in range(rounds):
        with Service(binary, data, *options) as service:
            if rng.random() < 0.1:
                time.sleep(rng.uniform(0, 0.1))          # in the middle of a start
            else:
                load = Load(service.ready(), ledger, pause=0.03)
                time.sleep(rng.uniform(0, 2))
                service.end(signal.SIGKILL)
                load.stop()
    with Service(binary, data, *options) as service:
        ledger.settle(service.ready())
        require(service.end() == 0, "an orderly stop ends with exit code 0")
    checked(binary, data)
    return {"kills": rounds, **ledger.figures(), "lost": 0}
