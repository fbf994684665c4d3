"""Mutated picture files, over connections that stay open: each is answered, with a result or with a problem that is the client's; the service
does not grow by them, and what it makes of a photograph in between is the same to the byte."""

import collections
import http.client
import io
import json
import os
import pathlib
import queue
import random
import subprocess
import tempfile
import threading
import time

from PIL import Image

import mutations
import specimens
from service import FINAL, LOST, ROOT, Broken, Service, checked, require, until
from soak import descriptors, slope, threads

CLIENTS = 6
# Between so many files a photograph.
EVERY = 250
# blur-level decodes and predicts, all that a refused file goes through; a job also writes to the disk.
CALLS = {"/v1/blur-level": 16, "/v1/deblur": 1, "/v1/jobs": 1}
QUERIES = ("", "", "?metadata=strip", "?strength=0&metadata=strip-gps", "?strength=0&metadata=strip", "?format=png", "?format=jpeg&metadata=strip-gps",
           "?preview=20", "?timestep=200&strength=0.5")
# Of the photograph. More are refused by the header, whatever the limit is.
MOST_PIXELS = 512 * 512
# libjpeg's state for one file (struct jpeg_decompress_struct): less than the least that can leak of a picture.
LEAK_BYTES = 600
PATIENCE_SECONDS = 120


def is_there(data):
    return all((data / "hostile" / folder).is_dir() for folder in specimens.FOLDERS)


def memory_limit(binary):
    """Bytes that the service may take: its own plan for the shape that takes most, of 16 bits and with alpha, as a job and at once as a blur
    level; the bodies under way."""
    def plan(side):
        size = f"{side}x{MOST_PIXELS // side}"
        told = subprocess.run([binary, "model", "inspect", "weights/default", "--size", size, "--json"], check=True, cwd=ROOT, capture_output=True, text=True)
        return json.loads(told.stdout)["memory_bytes"]
    # The network's grid is of 32 pixels, so that the narrowest are twice as large to it.
    plans = [plan(side) for side in (16, 17, 33, 512)]
    fixed = plans[0]["program"] + plans[0]["weights"]
    picture = max(p["total"] - fixed - p["photograph"] + p["photograph"] * 8 // 3 for p in plans)      # 8 bytes a pixel, where the plan has 3
    return fixed + 2 * picture + CLIENTS * mutations.MOST_BYTES


def peak(pid):
    with open(f"/proc/{pid}/status") as f:
        return 1_024 * next(int(line.split()[1]) for line in f if line.startswith("VmHWM"))


class Files:
    """File n is the same whenever the seed is."""

    def __init__(self, seed, data):
        given = specimens.hostile(data / "hostile")
        self.seed, self.given = seed, random.Random(seed).sample(list(given.items()), len(given))
        self.seeds = given | specimens.good()
        self.names = list(self.seeds)

    def one(self, n):
        """-> name, path with query, bytes. Every fourth is one that others made, as it is, while there are such."""
        rng = random.Random(f"{self.seed} {n}")
        path = rng.choices(list(CALLS), CALLS.values())[0]
        if path != "/v1/blur-level":
            path += rng.choice(QUERIES)
        if n % 4 == 0 and n // 4 < len(self.given):
            name, file = self.given[n // 4]
            return f"{n}-{name.replace('/', '-')}", path, file
        name = rng.choice(self.names)
        file, done = mutations.mutated(rng, self.seeds[name], self.seeds[rng.choice(self.names)])
        return f"{n}-{done}-{name.replace('/', '-')[:40]}", path, file


class Clients:
    """Threads that post files until there are no more, or one found something. Of a service that dies, each that was under way is kept."""

    def __init__(self, service, files, amount):
        self.service, self.files, self.amount = service, files, amount
        self.told, self.slowest = collections.Counter(), (0.0, "")
        self.sent, self.found = 0, []
        self.lock, self.numbers = threading.Lock(), queue.SimpleQueue()
        for n in range(amount):
            self.numbers.put(n)
        self.threads = [threading.Thread(target=self.post_all, daemon=True) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def post_all(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=PATIENCE_SECONDS)
        while not self.found:
            try:
                n = self.numbers.get_nowait()
            except queue.Empty:
                break
            name, path, file = self.files.one(n)
            begun = time.monotonic()
            try:
                status = self.post(connection, path, file)
            # Also what cannot be read of an answer: no problem document, no picture.
            except Exception as broken:  # noqa: BLE001
                with self.lock:
                    self.found.append((name, path, file, f"{type(broken).__name__}: {broken}"))
                break
            with self.lock:
                self.sent += 1
                self.told[status] += 1
                self.slowest = max(self.slowest, (time.monotonic() - begun, name))
        connection.close()

    def post(self, connection, path, file):
        """-> status. Waits where the queue is full: the file is to be looked at, not refused for others."""
        while True:
            connection.request("POST", path, file, {"Content-Type": "application/octet-stream"})
            answer = connection.getresponse()
            status, body, kind = answer.status, answer.read(), answer.getheader("Content-Type", "")
            require(not answer.will_close, f"the connection stays open after {status}: {body[:300]}")
            if status != 429:
                break
            time.sleep(0.2)
        if 400 <= status < 500:
            problem = json.loads(body)
            require(kind == "application/problem+json" and problem["status"] == status and problem["detail"], f"{status} is a problem document: {body[:300]}")
            return status
        require(status in (200, 202), f"{path} answers {status}: {body[:300]}")
        if status == 200 and path.startswith("/v1/deblur") and answer.getheader("Fidediff-Unchanged") != "true":
            Image.open(io.BytesIO(body)).load()
        return status

    def join(self):
        for thread in self.threads:
            thread.join(PATIENCE_SECONDS)


def told(found, service):
    """-> which files found something, where they lie, and what."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="torture-hostile-found-"))
    for name, _, file, _ in found:
        (folder / name).write_bytes(file)
    return "; ".join(f"{folder / name} posted to {path}: {what}" for name, path, _, what in found) + f"; the service's log ends: {service.last_words()}"


class Photograph:
    """A real one, made anew each time, on a connection of its own."""

    def __init__(self, service):
        self.service, self.body, self.first, self.count = service, (ROOT / "deploy/demo/blurred.jpg").read_bytes(), None, 0

    def again(self):
        status, _, result = self.service.request("POST", "/v1/deblur", self.body, PATIENCE_SECONDS, Content_Type="image/jpeg", Cache_Control="no-cache")
        require(status == 200, f"a photograph is deblurred between hostile files: {status} {result[:300]}")
        self.first = self.first or result
        require(result == self.first, f"the photograph comes out as the first time, after {self.count} times")
        self.count += 1


def run(binary, scratch, rng, amount, data=None):
    files, limit = Files(rng.random(), data), memory_limit(binary)
    floors, first = [], None
    options = ("--max-pixels", MOST_PIXELS, "--max-queued", 1_000, "--stall-seconds", PATIENCE_SECONDS)
    with Service(binary, scratch / "data", *options) as service:
        photograph = Photograph(service.ready())
        photograph.again()
        clients = Clients(service, files, amount)
        pid, floor = service.process.pid, service.resident()
        try:
            while any(thread.is_alive() for thread in clients.threads) and not clients.found:
                # Between two pictures memory is at its lowest: that floor must not rise.
                floor = min(floor, service.resident())
                if clients.sent >= photograph.count * min(EVERY, amount // 4):
                    photograph.again()
                    floors.append((clients.sent, floor))
                    floor = service.resident()
                    if first is None and clients.sent > amount / 5:
                        first = descriptors(pid), threads(pid)
                time.sleep(0.01)
        except (*LOST, Broken) as broken:
            clients.found.append(("photograph.jpg", "/v1/deblur", photograph.body, f"{type(broken).__name__}: {broken}"))
        clients.join()
        if clients.found:
            raise Broken(told(clients.found, service))
        first = first or (descriptors(pid), threads(pid))
        require(clients.sent == amount, f"each of {amount} files was answered: {clients.sent}")
        until(lambda: all(job["state"] in FINAL for job in service.jobs()[:1]), "the last job is over")
        jobs = service.jobs()
        require(all(job["state"] in FINAL for job in jobs), "all jobs are over")
        ours = [job for job in jobs if job["state"] != "succeeded" and not 400 <= job["problem"]["status"] < 500]
        require(not ours, f"no job ends by the service's own fault: {[(job['id'], job['problem']) for job in ours[:3]]}")
        photograph.again()
        last = descriptors(pid), threads(pid)
        top = peak(pid)
        require(service.end() == 0, "an orderly stop ends with exit code 0")
    checked(binary, scratch / "data")
    require(top < limit, f"resident memory's peak is {top >> 20} MiB, the plan's {limit >> 20}")
    require(last[0] <= first[0] + 8, f"descriptors: {first[0]} once warm, {last[0]} at the end")
    require(last[1] <= first[1] + 4, f"threads: {first[1]} once warm, {last[1]} at the end")
    figures = {
        "files": clients.sent, "accepted": sum(count for status, count in clients.told.items() if status < 300),
        "refused": sum(count for status, count in clients.told.items() if status >= 400), "server_errors": 0, "jobs": len(jobs),
        "photographs": photograph.count, "slowest_seconds": round(clients.slowest[0], 1), "peak_mib": top >> 20, "planned_mib": limit >> 20}
    # In few files nothing but the heap's own ups and downs shows.
    if amount >= 50_000:
        grows = slope([point for point in floors if point[0] > amount / 5])
        require(grows < LEAK_BYTES, f"resident memory grows by {grows:.0f} bytes a file")
        figures["growth_bytes_per_file"] = round(grows)
    return figures
