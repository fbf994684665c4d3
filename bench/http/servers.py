"""The processes that run.py compares, pictures to send them, and what they cost. Standard library only."""

import http.client
import json
import pathlib
import re
import resource
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib

# One body at a time, into fresh memory as long as Content-Length says: the least that a receiver can do.
SINK = """
import socket
server = socket.create_server(("127.0.0.1", 0))
print(f"sink listens on http://127.0.0.1:{server.getsockname()[1]}", flush=True)
while True:
    client, _ = server.accept()
    while True:
        head = b""
        while b"\\r\\n\\r\\n" not in head:
            got = client.recv(65536)
            if not got:
                break
            head += got
        else:
            head, body = head.split(b"\\r\\n\\r\\n", 1)
            length = int(next(line.split(b":")[1] for line in head.split(b"\\r\\n") if line.lower().startswith(b"content-length")))
            memory = bytearray(length)
            view, at = memoryview(memory), len(body)
            view[:at] = body
            while at < length:
                at += client.recv_into(view[at:])
            client.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n")
            continue
        break
"""


def fail(message):
    sys.exit(f"bench/http: {message}")


class Server:
    """A process that says its address in the first line of its output. Usable with `with`."""

    def __init__(self, name, command):
        self.name = name
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        if not found:
            self.log.seek(0)
            fail(f"{name} did not start: {line}{self.log.read().decode()}")
        self.port = int(found[1])
        self.address = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.log.close()

    def connect(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def request(self, method, path, body=None, connection=None, **fields):
        """-> (status, body). Underscores in names of fields are hyphens."""
        used = connection or self.connect()
        used.request(method, path, body=body, headers={name.replace("_", "-"): value for name, value in fields.items()})
        answer = used.getresponse()
        content = answer.read()
        if connection is None:
            used.close()
        return answer.status, content

    def memory(self, field="VmRSS"):
        """Megabytes. VmRSS: now; VmHWM: the most since `forget_peak`; RssAnon: now, without files."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"^{field}:\s+(\d+) kB", text, re.M)[1]) / 1000

    def forget_peak(self):
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")


def fidediff(executable, folder, *options):
    """Started, with its weights loaded."""
    server = Server("fidediff", [executable, "serve", "--port", "0", "--data", folder, "--max-connections", "2048", *options])
    end = time.monotonic() + 120
    while server.request("GET", "/readyz")[0] != 200:
        if time.monotonic() > end:
            fail("fidediff does not become ready")
        time.sleep(0.1)
    return server


def peer(executable, folder):
    return Server("Hummingbird", [executable, pathlib.Path(folder) / "fidediff.sqlite"])


def sink():
    return Server("sink", [sys.executable, "-c", SINK])


def png(width, height, row, level):
    """A picture whose row `y` has the bytes row(y), 3 a pixel."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    pixels = b"".join(b"\0" + row(y) for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(pixels, level)) + chunk(b"IEND", b"")


def job(server, picture, wait=None, **fields):
    """Posts a picture. With `wait`, the job as it is once its state is one of these."""
    status, body = server.request("POST", "/v1/jobs", picture, **fields)
    if status != 202:
        fail(f"POST /v1/jobs answers {status}: {body.decode()}")
    document = json.loads(body)
    end = time.monotonic() + 300
    while wait and document["state"] not in wait:
        if document["state"] in ("failed", "cancelled") or time.monotonic() > end:
            fail(f"job {document['id']} is {document['state']}: {document['problem']}")
        time.sleep(0.05)
        document = json.loads(server.request("GET", f"/v1/jobs/{document['id']}")[1])
    return document


class Work(threading.Thread):
    """Keeps a job running, with another behind it, while the `with` block lasts."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server = server
        self.picture = png(3000, 2000, lambda y: bytes((x * 7 + y * 3) & 255 for x in range(9000)), 6)
        self.ended = threading.Event()

    def unfinished(self):
        return json.loads(self.server.request("GET", "/v1/jobs?state=queued,running")[1])["jobs"]

    def run(self):
        while not self.ended.is_set():
            if len(self.unfinished()) < 2:
                job(self.server, self.picture, Cache_Control="no-cache")
            else:
                self.ended.wait(0.5)

    def require(self):
        if not any(one["state"] == "running" for one in self.unfinished()):
            time.sleep(0.5)   # one has just ended, and the next is being claimed
            if not any(one["state"] == "running" for one in self.unfinished()):
                fail("no job was running")

    def __enter__(self):
        self.start()
        end = time.monotonic() + 60
        while not any(one["state"] == "running" and one["progress"] > 0 for one in self.unfinished()):
            if time.monotonic() > end:
                fail("no job has begun")
            time.sleep(0.1)
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join()
        for one in self.unfinished():
            self.server.request("DELETE", f"/v1/jobs/{one['id']}")


def raise_descriptor_limit(wanted):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
