"""Ten times as many pictures as the service can do: those that are accepted are all done, the others are told when to come again, and
/healthz answers as promptly as nginx's does beside it."""

import concurrent.futures
import http.client
import json
import multiprocessing
import pathlib
import subprocess
import tempfile
import time

from service import LOST, PATIENCE_SECONDS, Ledger, Service, checked, require, until

HEALTH_SECONDS = 0.05          # of /healthz, the 99th percentile
NGINX = """
daemon off; worker_processes 1; error_log /dev/null; pid {folder}/pid;
events {{ worker_connections 64; }}
http {{ access_log off; client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c; uwsgi_temp_path {folder}/d;
  scgi_temp_path {folder}/e; server {{ listen 127.0.0.1:{port}; location / {{ return 200 ok; }} }} }}
"""


def probe(ports, until_time, pipe):
    """GETs /healthz of each port in turn, on a new connection each time -> seconds, by port."""
    took = {port: [] for port in ports}
    while time.time() < until_time:
        for port in ports:
            begun = time.perf_counter()
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                connection.request("GET", "/healthz")
                if connection.getresponse().status != 200:
                    raise OSError
                took[port].append(time.perf_counter() - begun)
                connection.close()
            except LOST:
                took[port].append(30.0)
        time.sleep(0.02)
    pipe.send(took)


def p99(values):
    values = sorted(values)
    return values[int(0.99 * (len(values) - 1))]


def rate(service, ledger):
    """Pictures a second that it can do."""
    keys = [ledger.new() for _ in range(30)]
    begun = time.monotonic()
    for key in keys:
        ledger.send(service, key)
    until(lambda: all(j["state"] == "succeeded" for j in service.jobs()), "the first are done")
    return len(keys) / (time.monotonic() - begun)


def run(binary, scratch, rng, seconds):
    ledger = Ledger(rng.random())
    with tempfile.TemporaryDirectory() as folder, Service(binary, scratch / "data", "--max-queued", 50) as service:
        service.ready()
        possible = rate(service, ledger)
        port = service.port + 1 if service.port < 65_000 else service.port - 1
        pathlib.Path(folder, "nginx.conf").write_text(NGINX.format(folder=folder, port=port))
        nginx = subprocess.Popen(["nginx", "-c", f"{folder}/nginx.conf", "-e", "/dev/null"])
        try:
            here, there = multiprocessing.Pipe()
            ends = time.time() + seconds
            prober = multiprocessing.Process(target=probe, args=((service.port, port), ends, there))
            prober.start()
            told = {}

            def client(n):
                """Posts at its share of ten times what is possible, whatever the answers are."""
                every, due = 32 / (10 * possible), time.monotonic() + n / (10 * possible)
                while time.time() < ends:
                    time.sleep(max(0, due - time.monotonic()))
                    due += every
                    key = ledger.new()
                    try:
                        status, fields, body = service.request("POST", "/v1/jobs", ledger.sent[key], Content_Type="image/jpeg", Idempotency_Key=key)
                    except LOST:
                        status, fields = 0, {}
                    told[status] = told.get(status, 0) + 1
                    if status == 202:
                        ledger.promised[key] = json.loads(body)["id"]
                    else:
                        require(status == 429 and int(fields["Retry-After"]) > 0, f"POST answers {status} under overload")
            with concurrent.futures.ThreadPoolExecutor(32) as pool:
                for future in [pool.submit(client, n) for n in range(32)]:
                    future.result()
            took = here.recv()
            prober.join()
        finally:
            nginx.terminate()
            nginx.wait()
        ledger.sent = {key: ledger.sent[key] for key in ledger.promised}
        ledger.settle(service, seconds=PATIENCE_SECONDS + 100 / possible)
        service.end()
    checked(binary, scratch / "data")
    ours, nginxs = p99(took[service.port]), p99(took[port])
    require(ours < max(HEALTH_SECONDS, 2 * nginxs), f"/healthz p99 is {ours * 1e3:.1f} ms, nginx's {nginxs * 1e3:.1f}, the limit {HEALTH_SECONDS * 1e3:.0f} ms")
    return {"seconds": seconds, "offered_per_second": round(10 * possible, 1), "acknowledged": told.get(202, 0), "refused": told.get(429, 0), "lost": 0,
            "healthz_p99_ms": round(ours * 1e3, 1), "nginx_p99_ms": round(nginxs * 1e3, 1)}
