#!/usr/bin/env python3
"""fidediff's HTTP side, measured beside the same routes written with Hummingbird 2 (Sources/peer).

Load: wrk asks for /healthz and for a finished job, of both servers in turn, while fidediff deblurs; the middle of all rounds is shown. Idle: what
1,000 connections cost that have had an answer each. Upload: 20 MB to fidediff, to Hummingbird and to a bare socket; and what a body adds to the
most memory that fidediff has used. Prints Markdown and adds the load's rows to bench/results/http.csv; exit code 1 = fidediff fell short somewhere.
Needs Python's standard library, and wrk from Debian.
"""

import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

import servers
from servers import fail

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from record import append  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
PHOTOGRAPH = ROOT / "deploy/demo/blurred.jpg"
UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}   # in milliseconds
short = []


def require(holds, what):
    print(f"- {'holds' if holds else '**falls short**'}: {what}", flush=True)
    if not holds:
        short.append(what)


# Load ---------------------------------------------------------------------------------------------------------------------------------------

def wrk(url, connections, seconds):
    """-> requests a second, milliseconds at the 50th and at the 99th percentile."""
    text = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "10s", url], check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        fail(f"wrk met errors at {url}:\n{text}")

    def milliseconds(percentile):
        number, unit = re.search(rf"^\s+{percentile}%\s+([\d.]+)(us|ms|s|m)$", text, re.M).groups()
        return float(number) * UNITS[unit]

    return float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]), milliseconds(50), milliseconds(99)


def same_documents(own, peer, path):
    answers = [server.request("GET", path) for server in (own, peer)]
    if [status for status, _ in answers] != [200, 200]:
        fail(f"{path}: {answers}")
    documents = [json.loads(body) for _, body in answers]
    if documents[0] != documents[1]:
        fail(f"{path}: the documents differ:\n{documents[0]}\n{documents[1]}")


def measure_load(arguments, folder):
    print("\n| route | connections | fidediff req/s | Hummingbird req/s | ratio | fidediff p50 ms | Hummingbird p50 ms | fidediff p99 ms "
          "| Hummingbird p99 ms |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|", flush=True)
    verdicts = []
    with servers.fidediff(arguments.fidediff, folder, *arguments.serve) as own, servers.peer(arguments.peer, folder) as peer:
        finished = servers.job(own, PHOTOGRAPH.read_bytes(), wait=("succeeded",))
        with servers.Work(own) as work:
            for route, path in (("/healthz", "/healthz"), ("/v1/jobs/{id}", f"/v1/jobs/{finished['id']}")):
                same_documents(own, peer, path)
                for connections in arguments.connections:
                    results = {own: [], peer: []}
                    for number in range(arguments.rounds):
                        for server in (own, peer) if number % 2 == 0 else (peer, own):
                            work.require()
                            results[server].append(wrk(server.address + path, connections, arguments.seconds))
                            work.require()
                    (rate, p50, p99), (peer_rate, peer_p50, peer_p99) = (
                        [statistics.median(column) for column in zip(*results[server])] for server in (own, peer))
                    ratio = statistics.median(a[0] / b[0] for a, b in zip(results[own], results[peer]))
                    print(f"| {route} | {connections} | {rate:,.0f} | {peer_rate:,.0f} | {ratio:.2f} | {p50:.2f} | {peer_p50:.2f} | {p99:.2f} "
                          f"| {peer_p99:.2f} |", flush=True)
                    append("http", {
                        "rounds": arguments.rounds, "route": route, "connections": connections, "fidediff_requests_per_second": f"{rate:.0f}",
                        "hummingbird_requests_per_second": f"{peer_rate:.0f}", "ratio": f"{ratio:.2f}", "fidediff_p50_ms": f"{p50:.2f}",
                        "hummingbird_p50_ms": f"{peer_p50:.2f}", "fidediff_p99_ms": f"{p99:.2f}", "hummingbird_p99_ms": f"{peer_p99:.2f}"})
                    verdicts += [(ratio >= 1, f"{route}, {connections} connections: at least as many requests a second ({ratio:.2f})"),
                                 (p99 <= peer_p99, f"{route}, {connections} connections: p99 no worse ({p99:.2f} ms, {peer_p99:.2f} ms)")]
    print()
    for holds, what in verdicts:
        require(holds, what)


# Idle connections ---------------------------------------------------------------------------------------------------------------------------

def idle_growth(server, count):
    """Megabytes that `count` connections add, each of which has had an answer."""
    server.request("GET", "/healthz")
    before = server.memory()
    held = []
    for _ in range(count):
        connection = server.connect()
        if server.request("GET", "/healthz", connection=connection)[0] != 200:
            fail(f"{server.name} does not answer connection {len(held) + 1}")
        held.append(connection)
    time.sleep(1)
    grown = server.memory() - before
    for connection in held:
        if server.request("GET", "/healthz", connection=connection)[0] != 200:
            fail(f"{server.name} has closed an idle connection")
        connection.close()
    return grown


def measure_idle(arguments, folder):
    with servers.fidediff(arguments.fidediff, folder, *arguments.serve) as own, servers.peer(arguments.peer, folder) as peer:
        grown, peer_grown = idle_growth(own, 1000), idle_growth(peer, 1000)
    print(f"\n| 1,000 idle keep-alive connections | fidediff | Hummingbird |\n|---|--:|--:|\n| MB of resident memory | {grown:.1f} | {peer_grown:.1f} |\n")
    require(grown < 20, f"1,000 idle connections cost less than 20 MB ({grown:.1f} MB)")


# Uploads ------------------------------------------------------------------------------------------------------------------------------------

def timed(body):
    start = time.perf_counter()
    body()
    return (time.perf_counter() - start) * 1000


def noise(number):
    """A picture of 20 MB that no codec could make smaller; each number gives another."""
    line = os.urandom(2_600 * 3 + 4_096)
    return servers.png(2_600, 2_565, lambda y: line[(y * 7 + number) % 4_096:][:2_600 * 3], 0)


def write_and_flush(picture, folder):
    with open(pathlib.Path(folder) / "flushed", "wb") as file:
        file.write(picture)
        file.flush()
        os.fsync(file.fileno())


def measure_upload(arguments, folder):
    bytes_of_no_picture = bytes(20_000_000)
    rows = {}

    def row(name, body):
        rows.setdefault(name, []).append(timed(body))

    def send(server, path, connection, wanted, body=bytes_of_no_picture, **fields):
        status, content = server.request("POST", path, body, connection=connection, **fields)
        if status != wanted:
            fail(f"{server.name} answers {status} to an upload: {content[:500].decode()}")
        return content

    with (servers.fidediff(arguments.fidediff, folder, *arguments.serve) as own, servers.peer(arguments.peer, folder) as peer,
          servers.sink() as sink):
        connections = {server: server.connect() for server in (own, peer, sink)}
        for number in range(arguments.rounds * 3 + 1):
            row("a copy of it in memory", lambda: bytearray(bytes_of_no_picture))
            row("a bare socket that reads it", lambda: send(sink, "/", connections[sink], 200))
            row("Hummingbird, collected", lambda: send(peer, "/collect", connections[peer], 200))
            row("fidediff, refused by its first bytes", lambda: send(own, "/v1/jobs", connections[own], 415))
            if number == 0:
                rows.clear()   # first use of everything
        servers.job(own, noise(0), wait=("running",))
        for number in range(arguments.rounds):
            other = noise(number + 1)
            row("written to a file and flushed", lambda: write_and_flush(other, folder))
            row("fidediff, accepted as a job, while another runs", lambda: send(own, "/v1/jobs", connections[own], 202, other))

        print("\n| 20 MB | middle ms | GB/s |\n|---|--:|--:|")
        for name, times in rows.items():
            middle = statistics.median(times)
            print(f"| {name} | {middle:.1f} | {20 / middle:.2f} |")
        for server in connections.values():
            server.close()
        for one in json.loads(own.request("GET", "/v1/jobs?state=queued,running&limit=100")[1])["jobs"]:
            own.request("DELETE", f"/v1/jobs/{one['id']}")
    print()
    speed, bare = (statistics.median(rows[name]) for name in ("fidediff, refused by its first bytes", "a bare socket that reads it"))
    require(speed <= 1.2 * bare, f"a body of 20 MB comes as fast as a bare socket reads it ({bare / speed:.2f} of its speed)")


def measure_bodies(arguments, folder):
    """What a body adds to the most memory that fidediff has used."""
    grown = {}
    with servers.fidediff(arguments.fidediff, folder, *arguments.serve) as own:
        picture, other = noise(0), noise(1)
        form = b"\r\n".join([
            b"--boundary", b'Content-Disposition: form-data; name="file"; filename="picture.png"', b"", picture, b"--boundary--", b""])
        running = servers.job(own, picture, wait=("running",))
        while running["progress"] < 0.1:
            time.sleep(0.1)
            running = json.loads(own.request("GET", f"/v1/jobs/{running['id']}")[1])
        # The job's own memory goes up and down with each of its tiles.
        own.forget_peak()
        time.sleep(5)
        before = own.memory("VmHWM")
        waiting = servers.job(own, other)
        grown["a picture, written to disk beside a running job"] = own.memory("VmHWM") - before
        own.request("DELETE", f"/v1/jobs/{waiting['id']}")
        while running["state"] == "running":
            time.sleep(0.2)
            running = json.loads(own.request("GET", f"/v1/jobs/{running['id']}")[1])
        for name, body, fields in (
                ("a picture whose result is there", picture, {}),
                ("a form with that picture", form, {"Content_Type": "multipart/form-data; boundary=boundary"})):
            time.sleep(1)
            own.forget_peak()
            before = own.memory()
            if not servers.job(own, body, **fields)["reused_from"]:
                fail("the result was not used again")
            grown[name] = own.memory("VmHWM") - before
    print("\n| 20 MB received as | MB above the peak before |\n|---|--:|")
    for name, megabytes in grown.items():
        print(f"| {name} | {megabytes:.1f} |")
    print()
    for name, megabytes in grown.items():
        require(megabytes < 30, f"{name}: its 20 MB are held once ({megabytes:.1f} MB)")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fidediff", nargs="?", default=str(ROOT / ".build/release/fidediff"))
    parser.add_argument("peer", nargs="?", default=str(ROOT / "bench/http/.build/release/peer"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of each round")
    parser.add_argument("--connections", type=lambda text: [int(part) for part in text.split(",")], default=[1, 32, 256])
    parser.add_argument("--only", choices=("load", "idle", "upload", "bodies"), action="append")
    parser.add_argument("--serve", type=str.split, default=[], help="more options of fidediff serve, in one word")
    arguments = parser.parse_args()
    servers.raise_descriptor_limit(4_096)
    for name, part in (("load", measure_load), ("idle", measure_idle), ("upload", measure_upload), ("bodies", measure_bodies)):
        if not arguments.only or name in arguments.only:
            with tempfile.TemporaryDirectory() as folder:
                part(arguments, folder)
    sys.exit(1 if short else 0)


if __name__ == "__main__":
    main()
