"""Many connections that do little, or a few that do too much, against `fidediff serve` and nginx beside it: does a real client still get through?

    python3 bench/http/attacks.py .build/release/fidediff [--seconds 20] [--only idle,hogs] [--count 1500]

Each attack runs on both servers at once, with connections of its own for each, which come again when they are closed. Meanwhile a real client asks both for
/healthz ten times a second, each time on a fresh connection, and fidediff for the blur level of a picture every 4 s. nginx must be on the path; both have 1,024 connections.
The descriptor limit must be above 4 times --count.
"""
import argparse
import asyncio
import multiprocessing
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
PATIENCE = 30  # seconds that the real client waits
NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log /dev/null crit;
events {{ worker_connections 1024; }}
http {{
    access_log off; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
    server {{
        listen 127.0.0.1:{port};
        client_max_body_size 70m;
        location = /healthz {{ return 200 "ok"; }}
        location = /openapi.yaml {{ alias {contract}; }}
        location / {{ proxy_pass http://127.0.0.1:9; }}
    }}
}}
"""


async def idle(reader, writer):
    await reader.read(1)


async def drip(reader, writer, begin, piece):
    """A request that does not end: `piece` every 5 s."""
    writer.write(begin)
    while not reader.at_eof():
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(5)


async def heads(reader, writer):
    await drip(reader, writer, b"GET /healthz HTTP/1.1\r\nHost: a\r\n", b"X: y\r\n")


async def bodies(reader, writer):
    await drip(reader, writer, b"POST /v1/deblur HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n", b"x")


async def readers(reader, writer):
    writer.transport.pause_reading()
    writer.write(b"GET /openapi.yaml HTTP/1.1\r\nHost: a\r\n\r\n" * 50)
    await writer.drain()
    while not writer.is_closing():
        await asyncio.sleep(5)
        writer.write(b"\r\n")
        await writer.drain()


async def hogs(reader, writer):
    block = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n" * 1000

    async def send():
        while True:
            writer.write(block)
            await writer.drain()

    sender = asyncio.create_task(send())
    try:
        while await reader.read(1 << 16):
            pass
    finally:
        sender.cancel()


ATTACKS = {"nothing": (None, 0), "idle": (idle, 1), "heads": (heads, 1), "bodies": (bodies, 1), "readers": (readers, 1), "hogs": (hogs, 0.005)}


async def attacker(port, attack):
    while True:
        writer = None
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 16)
            await attack(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            if writer:
                writer.transport.abort()
        await asyncio.sleep(0.05)


async def ask(port, request):
    """Seconds until the head of a 2xx answer has come; None when it has not."""
    began = time.monotonic()
    writer = None
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            line = await reader.readline()
            return time.monotonic() - began if line[9:10] == b"2" else None
    except (OSError, asyncio.TimeoutError):
        return None
    finally:
        if writer:
            writer.transport.abort()


async def repeat(port, request, pause, seconds):
    pending = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pending.append(asyncio.create_task(ask(port, request)))
        await asyncio.sleep(pause)
    return await asyncio.gather(*pending)


def row(times):
    good = sorted(time * 1000 for time in times if time is not None)
    if not good:
        return f"0/{len(times)}"
    return f"{len(good)}/{len(times)} p50 {statistics.median(good):.1f} p99 {good[min(len(good) - 1, int(len(good) * 0.99))]:.1f} ms"


def attack_both(name, ports, count):
    """In a process of its own, so that the real client does not wait for its own attackers."""

    async def attack():
        await asyncio.gather(*(attacker(port, ATTACKS[name][0]) for port in ports for _ in range(count)))

    asyncio.run(attack())


async def measure(name, ports, arguments, picture):
    count = round(arguments.count * ATTACKS[name][1])
    attackers = multiprocessing.get_context("spawn").Process(target=attack_both, args=(name, ports, count), daemon=True)
    attackers.start()
    try:
        await asyncio.sleep(3)
        ours, nginx, pictures = await asyncio.gather(
            *(repeat(port, HEALTH, 0.1, arguments.seconds) for port in ports), repeat(ports[0], picture, 4, arguments.seconds))
    finally:
        attackers.kill()
        attackers.join()
    print(f"| {name}, {count} | {row(ours)} | {row(nginx)} | {row(pictures)} |", flush=True)
    await asyncio.sleep(1)


async def main(arguments):
    photograph = (ROOT / "deploy/demo/blurred.jpg").read_bytes()
    picture = b"POST /v1/blur-level HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(photograph) + photograph
    with tempfile.TemporaryDirectory() as folder:
        nginx_port = arguments.nginx_port
        config = pathlib.Path(folder, "nginx.conf")
        config.write_text(NGINX.format(folder=folder, port=nginx_port, contract=ROOT / "openapi.yaml"))
        server = subprocess.Popen(
            [arguments.fidediff, "serve", "--port", "0", "--data", f"{folder}/data"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT)
        nginx = subprocess.Popen(["nginx", "-c", config, "-e", "/dev/null"], stderr=subprocess.DEVNULL)
        try:
            port = int(server.stdout.readline().rsplit(":", 1)[1])
            while await ask(port, HEALTH.replace(b"healthz", b"readyz")) is None or await ask(nginx_port, HEALTH) is None:
                if server.poll() is not None or nginx.poll() is not None:
                    sys.exit("a server has ended")
                await asyncio.sleep(0.2)
            print("| attack, connections | fidediff /healthz | nginx /healthz beside it | pictures |\n|---|---|---|---|")
            for name in arguments.only.split(",") if arguments.only else ATTACKS:
                await measure(name, (port, nginx_port), arguments, picture)
        finally:
            for process in (server, nginx):
                process.terminate()
                process.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("fidediff")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--only", default="")
    parser.add_argument("--nginx-port", type=int, default=18999)
    chosen = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(main(chosen))
