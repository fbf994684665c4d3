"""The wall clock set forward and back while jobs run: they go on, in their order, and webhooks come when their jobs are over."""

import datetime
import http.server
import json
import pathlib
import queue
import struct
import subprocess
import threading
import time

from service import Ledger, Service, checked, require, until

DAY = 86_400
STEPS = (3 * DAY, 0, -3 * DAY, 0, 400 * DAY, -1, 3_600)
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


class Clock:
    """A library that is loaded before the service's others and shifts what it takes for the time."""

    def __init__(self, scratch):
        self.library, self.file = scratch / "clock.so", scratch / "offset"
        source = pathlib.Path(__file__).with_name("clock.c")
        subprocess.run(["gcc", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", self.library, source, "-ldl", "-lm"], check=True)
        self.set(0)

    @property
    def environment(self):
        return {"LD_PRELOAD": str(self.library), "FAKE_CLOCK": str(self.file)}

    def set(self, seconds):
        # In place: the service has the file mapped.
        with open(self.file, "r+b" if self.file.exists() else "wb") as f:
            f.write(struct.pack("d", seconds))


class Receiver:
    def __init__(self):
        told = self.told = queue.Queue()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                told.put(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["data"]["id"])
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{server.server_address[1]}/"
        threading.Thread(target=server.serve_forever, daemon=True).start()


def run(binary, scratch, rng, rounds):
    clock, receiver, ledger = Clock(scratch), Receiver(), Ledger(rng.random())
    options = ("--webhook-secret", SECRET, "--webhook-allow-private", "--retain-hours", 24, "--max-attempts", 1_000)
    steps = [STEPS[n % len(STEPS)] for n in range(rounds)]
    with Service(binary, scratch / "data", *options, more=clock.environment) as service:
        service.ready()
        for step in steps:
            sent = []
            for half in range(2):
                for _ in range(3):
                    key = ledger.new()
                    body = ledger.sent[key]
                    status, _, answer = service.request("POST", f"/v1/jobs?webhook={receiver.address}", body, Content_Type="image/jpeg")
                    require(status == 202, f"POST answers {status} at {step} s")
                    job = json.loads(answer)
                    sent.append(job["id"])
                    if half:
                        created = datetime.datetime.fromisoformat(job["created_at"].replace("Z", "+00:00")).timestamp()
                        require(abs(created - time.time() - step) < 60, f"the service takes it for {step} s later; it says {job['created_at']}")
                if half == 0:
                    clock.set(step)
            for identifier in sent:
                job = until(lambda: (j := service.job(identifier)) is None or (j["state"] == "succeeded" and j), f"{identifier} is done at {step} s", 60)
                # Three days forward it may be older than what is kept; it was done nevertheless, as its webhook says.
                require(job is True or job["attempts"] == 1, f"{identifier} was run once at {step} s")
            told = set()
            end = time.monotonic() + 30
            while set(sent) - told:
                require(time.monotonic() < end, f"webhooks within 30 s of a clock set to {step} s: {len(set(sent) - told)} are missing")
                try:
                    told.add(receiver.told.get(timeout=1))
                except queue.Empty:
                    pass
            require(service.request("GET", "/readyz")[0] == 200, f"ready at {step} s")
        clock.set(0)
        service.end()
    checked(binary, scratch / "data")
    return {"clock_steps": rounds, "acknowledged": len(ledger.sent), "lost": 0}
