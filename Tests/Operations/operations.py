#!/usr/bin/env python3
"""The built service as its operators and their programs see it.

Prometheus' own client parses /metrics, and every series that deploy/grafana-dashboard.json asks for is there with the labels it asks for. The
public library of Standard Webhooks verifies the webhooks, over http, and over https against a certificate authority of this run; a
certificate for another name gets nothing. Every line of the log is JSON, and the trace of a request goes through log, job and webhook.
SIGTERM ends the server in order. Exit code 0 = all of that held.
"""

import argparse
import http.server
import json
import math
import pathlib
import queue
import re
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

import trustme
from prometheus_client.parser import text_string_to_metric_families
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

ROOT = pathlib.Path(__file__).resolve().parents[2]
PICTURE = ROOT / "deploy/demo/blurred.jpg"
TRACE = "0af7651916cd43dd8448eb211c80319c"
PATIENCE_SECONDS = 300


def check(holds, what):
    """Ends the run unless `holds`."""
    print(("ok    " if holds else "FAIL  ") + what, flush=True)
    if not holds:
        sys.exit(1)


class Receiver:
    """An http or https server on a free port that keeps what is posted to it."""

    def __init__(self, certificate=None):
        received = self.received = queue.Queue()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                received.put((dict(self.headers.items()), body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(context)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
            scheme = "https"
        self.address = f"{scheme}://localhost:{self.server.server_address[1]}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next(self):
        return self.received.get(timeout=PATIENCE_SECONDS)


class Service:
    def __init__(self, binary, folder, *options):
        self.log = folder / "log.json"
        self.process = subprocess.Popen(
            [binary, "serve", "--port", "0", "--data", str(folder / "data"), "--log-format", "json", *options],
            stdout=subprocess.PIPE, stderr=open(self.log, "wb"), text=True, cwd=ROOT)
        line = self.process.stdout.readline()
        if "http://" not in line:
            self.process.wait()
            sys.exit(f"the server did not start; its log:\n{self.log.read_text()}")
        self.address = line[line.index("http://"):].strip()

    def request(self, method, path, body=None, **fields):
        """-> (status, header fields, body); errors are answers too."""
        request = urllib.request.Request(self.address + path, data=body, headers=fields, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def wait(self, holds, what):
        end = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            if self.process.poll() is not None or time.monotonic() > end:
                print(self.log.read_text()[-4000:])
                check(False, what)
            time.sleep(0.1)
        check(True, what)

    def metrics(self):
        """-> families by name, as Prometheus' client reads them."""
        status, fields, body = self.request("GET", "/metrics")
        if status != 200 or fields["Content-Type"] != "text/plain; version=0.0.4; charset=utf-8":
            check(False, f"/metrics answers {status} {fields['Content-Type']}")
        families = list(text_string_to_metric_families(body.decode()))
        if len({family.name for family in families}) != len(families):
            check(False, "every family is there once")
        return {family.name: family for family in families}


def value(families, family, sample=None, **labels):
    """The one sample with these labels; NaN where there is none."""
    found = [s.value for s in families[family].samples if s.name == (sample or family) and s.labels == labels]
    return found[0] if len(found) == 1 else math.nan


def check_histograms(families):
    """Bounds ascend to +Inf, counts never fall, the last is the count."""
    series = {}
    for family in families.values():
        if family.type != "histogram":
            continue
        for sample in family.samples:
            labels = tuple(sorted((k, v) for k, v in sample.labels.items() if k != "le"))
            part = series.setdefault((family.name, labels), {"buckets": []})
            if sample.name.endswith("_bucket"):
                part["buckets"].append((float(sample.labels["le"]), sample.value))
            else:
                part[sample.name.removeprefix(family.name)] = sample.value
    for (name, labels), part in series.items():
        bounds, counts = zip(*part["buckets"])
        if not (list(bounds) == sorted(set(bounds)) and bounds[-1] == math.inf and list(counts) == sorted(counts)
                and counts[-1] == part["_count"] and math.isfinite(part["_sum"])):
            check(False, f"the histogram {name} {labels} is whole: {part}")
    check(len(series) >= 8, f"{len(series)} histograms are whole")


def check_dashboard(families):
    """Every series and label that the dashboard asks for exists."""
    labels = {}
    for family in families.values():
        for sample in family.samples:
            labels.setdefault(sample.name, set()).update(sample.labels)
    dashboard = json.loads((ROOT / "deploy/grafana-dashboard.json").read_text())
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    asked = 0
    for expression in expressions:
        names = re.findall(r"\b((?:fidediff|process)_[a-z_]+)(\{[^}]*\})?", expression)
        if not names:
            check(False, f"the dashboard asks for one of our series: {expression}")
        grouped = {word.strip() for group in re.findall(r"by \(([^)]*)\)", expression) for word in group.split(",")}
        for name, selector in names:
            asked += 1
            if name not in labels:
                check(False, f"the dashboard's series {name} exists")
            wanted = (grouped | set(re.findall(r"(\w+)=~?\"", selector))) - {"instance"}
            if not wanted <= labels[name]:
                check(False, f"the dashboard's labels {wanted} of {name} exist: {labels[name]}")
    check(asked >= 25, f"the dashboard's {asked} series exist, in {len(expressions)} queries")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", nargs="?", default=str(ROOT / ".build/release/fidediff"))
    parser.add_argument("--model", default=str(ROOT / "weights/default"))
    arguments = parser.parse_args()
    binary = str(pathlib.Path(arguments.binary).resolve())
    picture = PICTURE.read_bytes()

    with tempfile.TemporaryDirectory(prefix="fidediff-operations-") as name:
        folder = pathlib.Path(name)
        authority = trustme.CA()
        authority.cert_pem.write_to_path(folder / "authority.pem")
        plain, secure = Receiver(), Receiver(authority.issue_cert("localhost"))
        misnamed = Receiver(authority.issue_cert("elsewhere.example"))
        secret = subprocess.run([binary, "key", "webhook-secret"], check=True, capture_output=True, text=True).stdout.strip()
        service = Service(
            binary, folder, "--model", arguments.model, "--webhook-secret", secret, "--webhook-allow-private", "--webhook-retry-seconds", "0",
            "--webhook-authorities-file", str(folder / "authority.pem"), "--drain-seconds", "20")
        try:
            run(service, picture, secret, plain, secure, misnamed)
            service.process.send_signal(signal.SIGTERM)
            check(service.process.wait(timeout=30) == 0, "SIGTERM ends the server in order and in time")
        finally:
            if service.process.poll() is None:
                service.process.kill()
        check_log(service.log)


def run(service, picture, secret, plain, secure, misnamed):
    service.wait(lambda: service.request("GET", "/readyz")[0] == 200, "the server becomes ready")

    jobs = []
    for receiver in (plain, secure, misnamed):
        status, _, body = service.request(
            "POST", f"/v1/jobs?webhook={receiver.address}", picture,
            # Each is to be computed.
            **{"traceparent": f"00-{TRACE}-b7ad6b7169203331-01", "Cache-Control": "no-cache"})
        if status != 202:
            check(False, f"the job is accepted: {body.decode()}")
        jobs.append(json.loads(body)["id"])
    for receiver, job, scheme in ((plain, jobs[0], "http"), (secure, jobs[1], "https")):
        fields, body = receiver.next()
        verified = Webhook(secret).verify(body, {key.lower(): text for key, text in fields.items()})
        check(verified["type"] == "job.succeeded" and verified["data"]["id"] == job, f"Standard Webhooks' library verifies the webhook over {scheme}")
        check(fields["traceparent"].startswith(f"00-{TRACE}-"), "it continues the trace")
        try:
            Webhook(secret).verify(body.replace(b"succeeded", b"succeedeD"), fields)
            check(False, "a changed body is refused")
        except WebhookVerificationError:
            pass
    service.wait(lambda: value(service.metrics(), "fidediff_webhook_attempts", "fidediff_webhook_attempts_total", outcome="failed") == 1,
                 "a webhook to a receiver with another's certificate fails")
    check(misnamed.received.empty(), "and that receiver was sent nothing")
    shown = [json.loads(service.request("GET", f"/v1/jobs/{job}/webhook")[2]) for job in jobs]
    check([hook["state"] for hook in shown] == ["delivered", "delivered", "failed"] and "certificate" in shown[2]["last_error"],
          f"each job says what became of its webhook: {shown[2]['last_error']}")

    check(service.request("POST", "/v1/jobs", b"no picture")[0] == 415, "what is no picture gets 415")
    families = service.metrics()
    check_histograms(families)
    check(value(families, "fidediff_jobs_settled", "fidediff_jobs_settled_total", state="succeeded") == 3, "three jobs are counted")
    check(value(families, "fidediff_predicted_timestep", "fidediff_predicted_timestep_count") == 3, "and their timesteps")
    for stage in ("decode", "kernels", "diffusion", "encode"):
        check(value(families, "fidediff_stage_seconds", "fidediff_stage_seconds_count", stage=stage) == 3, f"and their stage {stage}")
    check(value(families, "fidediff_job_wait_seconds", "fidediff_job_wait_seconds_count") == 3, "and their waiting time")
    for status, count in (("202", 3), ("415", 1)):
        check(value(families, "fidediff_http_requests", "fidediff_http_requests_total", method="POST", route="/v1/jobs", status=status) == count,
              f"{count} answers {status} to POST /v1/jobs are counted")
    check(value(families, "fidediff_stored_bytes", kind="input") == 3 * len(picture), "the stored bytes are those that were sent")
    check(value(families, "fidediff_ready") == 1 and value(families, "fidediff_queue_depth") == 0, "ready, nothing waits")
    check(value(families, "process_resident_memory_bytes") > 1e6, "the memory is measured")
    check_dashboard(families)


def check_log(path):
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    check(all({"time", "level", "message"} <= line.keys() for line in lines), f"all {len(lines)} lines of the log are JSON")
    traced = {line["message"] for line in lines if line.get("trace_id") == TRACE}
    check({"POST /v1/jobs", "job started", "job succeeded", "webhook delivered"} <= traced, "the trace goes through request, job and webhook")


if __name__ == "__main__":
    main()
