"""A service that is ended in every way and started again, its clients, and a ledger of what it promised them."""

import concurrent.futures
import http.client
import io
import json
import os
import pathlib
import random
import signal
import subprocess
import threading
import time

from PIL import Image, ImageFilter

ROOT = pathlib.Path(__file__).resolve().parents[2]
FINAL = ("succeeded", "failed", "cancelled")
PATIENCE_SECONDS = 300


class Unanswered(Exception):
    """Nothing was said: the store failed for now."""


# What a request may end with when the service dies under it, or is under faults.
LOST = (OSError, http.client.HTTPException, Unanswered)


class Broken(Exception):
    """A promise was not kept."""


def require(holds, what):
    if not holds:
        raise Broken(what)


def until(found, what, seconds=PATIENCE_SECONDS, every=0.05):
    """-> the first true value of found()."""
    end = time.monotonic() + seconds
    while not (value := found()):
        require(time.monotonic() < end, f"{what} within {seconds} s")
        time.sleep(every)
    return value


def picture(rng, least=16, most=48):
    """A JPEG that was never sent before: of noise, softened; sides in pixels."""
    size = rng.randint(least, most), rng.randint(least, most)
    noise = Image.frombytes("RGB", (8, 8), rng.randbytes(192)).resize(size, Image.BICUBIC).filter(ImageFilter.BoxBlur(1))
    data = io.BytesIO()
    noise.save(data, "JPEG", quality=90)
    return data.getvalue()


class Service:
    """The service as a process over a data folder. `before` = words in front of its command, `more` = of its environment."""

    def __init__(self, binary, data, *options, before=(), more=None):
        self.data = pathlib.Path(data)
        self.log = open(self.data.parent / "service.log", "ab")
        command = [*before, str(binary), "serve", "--port", "0", "--data", str(data), "--log-level", "warning", *map(str, options)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True, cwd=ROOT, env=os.environ | (more or {}))
        line = self.process.stdout.readline()
        if "http://" not in line:
            code = self.process.wait()
            raise Broken(f"the service did not start (exit code {code}): {self.last_words()}")
        self.port = int(line[line.index("http://"):].strip().rsplit(":", 1)[1])

    def last_words(self):
        return pathlib.Path(self.log.name).read_text(errors="replace")[-600:]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end(signal.SIGKILL)
        self.log.close()

    def end(self, number=signal.SIGTERM, seconds=60):
        """-> its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Broken(f"it did not end within {seconds} s of signal {number}") from None

    def request(self, method, path, body=None, seconds=60, **fields):
        """-> status, fields, body. Underscores in names of fields are hyphens."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in fields.items()})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def ready(self, seconds=PATIENCE_SECONDS):
        end = time.monotonic() + seconds
        while True:
            require(self.process.poll() is None, f"the service lives; its log ends: {self.last_words()}")
            status, _, body = self.request("GET", "/readyz")
            if status == 200:
                return self
            require(time.monotonic() < end, f"the service is ready within {seconds} s: {body.decode()}")
            time.sleep(0.05)

    def job(self, identifier):
        """-> the job, or None where it is deleted."""
        status, _, body = self.request("GET", f"/v1/jobs/{identifier}")
        require(status in (200, 404, 410), f"GET of job {identifier} answers {status}: {body[:200]}")
        return json.loads(body) if status == 200 else None

    def jobs(self):
        """All of them, page by page; Unanswered where the store failed."""
        found, cursor = [], ""
        while cursor is not None:
            status, _, body = self.request("GET", f"/v1/jobs?limit=200{'&cursor=' + cursor if cursor else ''}")
            if status in (500, 503):
                raise Unanswered(f"the list answers {status}: {body[:200]}")
            require(status == 200, f"the list answers {status}: {body[:200]}")
            page = json.loads(body)
            found += page["jobs"]
            cursor = page["next_cursor"]
        return found

    def resident(self):
        """Bytes of memory that it holds."""
        with open(f"/proc/{self.process.pid}/statm") as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGESIZE")


class Ledger:
    """What clients sent, what they were told, and whether that is still true. Calls may come from any thread."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.lock = threading.Lock()
        self.count = 0
        self.sent = {}          # Idempotency-Key -> picture
        self.promised = {}      # Idempotency-Key -> id
        self.ended = {}         # id -> (state, output's bytes and hash as the job says them)
        self.deleting, self.deleted = set(), set()
        self.unanswered = set() # keys of which nobody knows whether a job came of them
        self.refused = 0

    def new(self, most=48):
        with self.lock:
            self.count += 1
            key = f"k{self.count}"
            self.sent[key] = picture(self.rng, most=most)
        return key

    def send(self, service, key):
        """-> status, or None where no answer came."""
        try:
            status, _, body = service.request("POST", "/v1/jobs", self.sent[key], Content_Type="image/jpeg", Idempotency_Key=key)
        except LOST:
            self.unanswered.add(key)
            return None
        with self.lock:
            if status in (500, 503):
                self.unanswered.add(key)
            if status == 202:
                identifier = json.loads(body)["id"]
                known = self.promised.setdefault(key, identifier)
                require(known == identifier, f"{key} was job {known}, and is {identifier} now")
            else:
                self.refused += 1
                require(status in (429, 500, 503, 507), f"POST answers {status}: {body[:300]}")
                # No job must come of what has no room. What the store failed may be there after a crash: that is sent again.
                if status in (429, 507) and key not in self.unanswered:
                    del self.sent[key]
        return status

    def send_again(self, service):
        """Whatever got no answer, until it is taken."""
        for key in [k for k in self.sent if k not in self.promised]:
            until(lambda: self.send(service, key) == 202, f"{key} is accepted", every=0.2)

    def look(self, service):
        """Whether a job that was over is over still, and in the same way."""
        with self.lock:
            gone = set(self.deleted)
        for job in service.jobs():
            identifier, output = job["id"], job["output"]
            require(identifier not in gone, f"job {identifier} was deleted, and is back")
            if job["state"] in FINAL:
                now = job["state"], output and (output["bytes"], output["width"], output["height"]), job["finished_at"]
                before = self.ended.setdefault(identifier, now)
                require(before == now, f"job {identifier} ended as {before}, and is {now} now")

    def delete_one(self, service):
        with self.lock:
            known = [i for i in self.ended if i not in self.deleting]
            if not known:
                return
            identifier = self.rng.choice(known)
            self.deleting.add(identifier)
        try:
            if service.request("DELETE", f"/v1/jobs/{identifier}")[0] == 204:
                self.deleted.add(identifier)
        except LOST:
            pass

    def settle(self, service, seconds=PATIENCE_SECONDS):
        """Everything is over, and came out well; each key has one job, and there is no other."""
        self.send_again(service)
        until(lambda: all(j["state"] in FINAL for j in service.jobs()), "all jobs are over", seconds, every=0.5)
        there = {job["id"]: job for job in service.jobs()}
        self.look(service)
        for key, identifier in self.promised.items():
            if identifier in self.deleting:
                continue
            require(identifier in there, f"job {identifier} of {key} was accepted, and is gone")
            job = there[identifier]
            require(job["state"] == "succeeded", f"job {identifier} {job['state']}: {job['problem']}")
            status, _, body = service.request("GET", f"/v1/jobs/{identifier}/result")
            require(status == 200 and len(body) == job["output"]["bytes"], f"the result of {identifier} answers {status}, {len(body)} bytes")
            Image.open(io.BytesIO(body)).load()
        stray = set(there) - set(self.promised.values())
        require(not stray, f"jobs that nobody was promised: {sorted(stray)[:5]}")

    def figures(self):
        return {"acknowledged": len(self.promised), "deleted": len(self.deleted), "refused": self.refused}


class Load:
    """Clients that send, look and delete without a pause, until stop()."""

    def __init__(self, service, ledger, posters=4, most=48, pause=0.0):
        self.going = True
        self.pool = concurrent.futures.ThreadPoolExecutor(posters + 2)

        def again(act):
            while self.going:
                try:
                    act()
                except LOST:
                    time.sleep(0.01)
                time.sleep(pause)
        acts = [lambda: ledger.send(service, ledger.new(most))] * posters + [lambda: ledger.delete_one(service), lambda: ledger.look(service)]
        self.futures = [self.pool.submit(again, act) for act in acts]

    def stop(self):
        self.going = False
        self.pool.shutdown()
        for future in self.futures:
            future.result()


def checked(binary, data):
    """`fidediff check` finds nothing."""
    done = subprocess.run([binary, "check", "--data", str(data)], capture_output=True, text=True, cwd=ROOT)
    require(done.returncode == 0, f"fidediff check finds: {done.stdout[-600:]}{done.stderr[-300:]}")
