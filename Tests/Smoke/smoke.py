#!/usr/bin/env python3
"""The built service, end to end, on a real photograph.

Starts the server, posts a blurred photograph, polls the job, fetches the result, and asserts that its PSNR against the sharp
photograph beats the blurred one's; reads the blur level by HTTP and by command line; kills the server with SIGKILL during a second job,
starts it again, and sees that job finish; holds the memory that pictures take against the plan of it. Needs
Debian's python3 and python3-pil, nothing else. Exit code 0 = all of that held.
"""

import argparse
import io
import json
import math
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from PIL import Image, ImageChops, ImageStat

ROOT = pathlib.Path(__file__).resolve().parents[2]
# A pair below --data, and the repository's own where that is absent: (blurred, sharp).
EVALUATION = ("eval/synthetic/009_18_blur.png", "eval/synthetic/009_18_sharp.png")
OWN = (ROOT / "deploy/demo/blurred.jpg", ROOT / "deploy/demo/sharp.png")
MEDIA_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
POLL_SECONDS = 0.2


def check(holds, what):
    """Ends the run unless `holds`."""
    print(("ok    " if holds else "FAIL  ") + what, flush=True)
    if not holds:
        sys.exit(1)


def psnr(picture, reference):
    """Of two 8-bit RGB pictures of one size, in dB."""
    squares = ImageStat.Stat(ImageChops.difference(picture, reference)).sum2
    mean = sum(squares) / (3 * reference.width * reference.height)
    return math.inf if mean == 0 else 10 * math.log10(255**2 / mean)


def rgb(data):
    return Image.open(io.BytesIO(data)).convert("RGB")


class Server:
    """The server as a process over a data folder. Usable with `with`."""

    def __init__(self, binary, model, data, options=()):
        command = [binary, "serve", "--port", "0", "--data", data, "--model", model, *options]
        self.log = open(pathlib.Path(data).parent / "server.log", "ab")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        if "http://" not in line:
            self.process.wait()
            sys.exit(f"the server did not start; its log:\n{pathlib.Path(self.log.name).read_text()}")
        self.address = line[line.index("http://"):].strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.log.close()

    def request(self, method, path, body=None, media_type=None, **fields):
        """-> (status, header fields, body); errors are answers too. Underscores in names of fields are hyphens."""
        headers = {name.replace("_", "-"): value for name, value in fields.items()}
        if media_type:
            headers["Content-Type"] = media_type
        request = urllib.request.Request(self.address + path, data=body, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=600) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def wait_until_ready(self, seconds):
        """The server listens before its weights are loaded."""
        end = time.monotonic() + seconds
        while self.request("GET", "/readyz")[0] != 200:
            if self.process.poll() is not None or time.monotonic() > end:
                check(False, "the server becomes ready")
            time.sleep(POLL_SECONDS)

    def job(self, identifier):
        status, _, body = self.request("GET", f"/v1/jobs/{identifier}")
        if status != 200:
            check(False, f"GET /v1/jobs/{identifier} answers {status}: {body.decode()}")
        return json.loads(body)

    def wait(self, identifier, states, seconds):
        """Polls until the job's state is one of `states`; a failed job ends the run."""
        end = time.monotonic() + seconds
        while True:
            job = self.job(identifier)
            if job["state"] in states:
                return job
            if job["state"] in ("failed", "cancelled") or time.monotonic() > end:
                check(False, f"job {identifier} became one of {states}; it is {job['state']}: {job['problem']}")
            time.sleep(POLL_SECONDS)


def picture(width, height):
    """The repository's photograph in another size, as a JPEG."""
    data = io.BytesIO()
    rgb(OWN[0].read_bytes()).resize((width, height)).save(data, "JPEG", quality=92)
    return data.getvalue()


def memory(binary, model, folder):
    """What deblurring takes against what was planned for it, in one piece and in tiles; and what a service does with a picture that does not fit."""
    for width, height in ((1280, 720), (2400, 1800)):
        path, out = os.path.join(folder, "large.jpg"), os.path.join(folder, "out.jpg")
        pathlib.Path(path).write_bytes(picture(width, height))
        report = subprocess.run([binary, "model", "inspect", model, "--size", f"{width}x{height}", "--json"], check=True, capture_output=True)
        planned = json.loads(report.stdout)["memory_bytes"]["total"] / 2**20
        process = subprocess.Popen([binary, "deblur", path, "-o", out, "--model", model, "--timestep", "200"], stderr=subprocess.DEVNULL)
        _, code, usage = os.wait4(process.pid, 0)
        taken = usage.ru_maxrss / 1024
        check(code == 0 and planned / 2 < taken < planned, f"{width}x{height} took {taken:.0f} MiB, planned were {planned:.0f}")
        os.remove(out)
    with Server(binary, model, os.path.join(folder, "small"), ("--memory-mib", str(int(planned) - 20))) as server:
        server.wait_until_ready(60)
        status, _, body = server.request("POST", "/v1/jobs", picture(2400, 1800), "image/jpeg")
        problem = json.loads(body)
        check(status == 413 and problem["type"].endswith("too_much_memory") and problem["measured"] > problem["limit"],
              f"with less memory it is refused: {problem['detail']}")
        check(server.request("POST", "/v1/deblur", picture(320, 240), "image/jpeg")[0] == 200, "and a smaller one is not")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", nargs="?", default=str(ROOT / ".build/release/fidediff"))
    parser.add_argument("--data", type=pathlib.Path, default=ROOT / "../shared/data")
    parser.add_argument("--model", default=os.environ.get("FIDEDIFF_MODEL", str(ROOT / "weights/default")))
    parser.add_argument("--blurred", type=pathlib.Path)
    parser.add_argument("--sharp", type=pathlib.Path)
    parser.add_argument("--seconds", type=float, default=300, help="for one job")
    arguments = parser.parse_args()
    pairs = [tuple(arguments.data / path for path in EVALUATION), OWN]
    if arguments.blurred and arguments.sharp:
        pairs = [(arguments.blurred, arguments.sharp)]
    found = [pair for pair in pairs if all(path.is_file() for path in pair)]
    if not found:
        sys.exit("no pair of photographs: " + ", ".join(str(path) for pair in pairs for path in pair))
    blurred_path, sharp_path = found[0]
    blurred, sharp = blurred_path.read_bytes(), rgb(sharp_path.read_bytes())
    media_type = MEDIA_TYPES[blurred_path.suffix.lower()]
    print(f"{blurred_path}, {sharp.width}x{sharp.height}")

    with tempfile.TemporaryDirectory(prefix="fidediff-smoke-") as folder:
        memory(arguments.binary, arguments.model, folder)
        data = os.path.join(folder, "data")

        with Server(arguments.binary, arguments.model, data) as server:
            check(server.request("GET", "/healthz")[0] == 200, "the server is alive")
            server.wait_until_ready(arguments.seconds)
            check(True, "the server is ready")

            status, fields, body = server.request("POST", "/v1/jobs", blurred, media_type)
            check(status == 202 and fields["Location"] == json.loads(body)["links"]["self"], "POST /v1/jobs is accepted")
            job = server.wait(json.loads(body)["id"], ["succeeded"], arguments.seconds)
            check(job["progress"] == 1 and job["predicted_timestep"] is not None,
                  f"the job succeeded in {job['seconds']['total']:.1f} s, predicted timestep {job['predicted_timestep']}")

            status, fields, result = server.request("GET", job["links"]["result"])
            check(status == 200 and fields["Content-Type"] == media_type, f"the result is {fields['Content-Type']}")
            check(fields["Fidediff-Predicted-Timestep"] == str(job["predicted_timestep"]), "its header says the same timestep")
            check(fields["Fidediff-Unchanged"] == "false" and fields["Fidediff-Reblur-PSNR"] == f"{job['reblur_psnr']:.2f}",
                  f"blurred again it explains the photograph at {job['reblur_psnr']:.1f} dB")
            before, after = psnr(rgb(blurred), sharp), psnr(rgb(result), sharp)
            check(after > before, f"PSNR rose from {before:.2f} to {after:.2f} dB")

            status, _, body = server.request("POST", "/v1/blur-level", blurred, media_type)
            level = json.loads(body)
            check(status == 200 and level["predicted_timestep"] == job["predicted_timestep"],
                  f"the blur level is {level['predicted_timestep']}: {level['description']}")
            line = subprocess.run(
                [arguments.binary, "blur-level", "--json", "--model", arguments.model, str(blurred_path)],
                check=True, capture_output=True, text=True).stdout
            check(json.loads(line)["predicted_timestep"] == level["predicted_timestep"], "the command line says the same")
            level = json.loads(server.request("POST", "/v1/blur-level", OWN[1].read_bytes(), "image/png")[2])
            check(level["description"] == "sharp", f"a photograph without motion is called so, at {level['predicted_timestep']}")
            status, fields, same = server.request("POST", "/v1/deblur", OWN[1].read_bytes(), "image/png")
            check(status == 200 and same == OWN[1].read_bytes() and fields["Fidediff-Unchanged"] == "true", "and comes back as it is, byte for byte")

            status, _, body = server.request("POST", "/v1/deblur", b"not a picture")
            check(status == 415 and json.loads(body)["what_to_do"], "what is not a picture gets 415 and a way out")

            status, fields, again = server.request("POST", "/v1/deblur", blurred, media_type)
            check(status == 200 and again == result and fields["Fidediff-Reused-From"] == job["id"],
                  "the same picture gets the same result without computing it again")
            status, fields, drawing = server.request("GET", job["links"]["kernels"])
            check(status == 200 and Image.open(io.BytesIO(drawing)).format == "PNG", "the motion is drawn over the photograph")

            status, _, body = server.request("POST", "/v1/jobs", blurred, media_type, Cache_Control="no-cache")
            second = json.loads(body)["id"]
            server.wait(second, ["running"], arguments.seconds)
            server.process.send_signal(signal.SIGKILL)
            server.process.wait()
            check(True, "the server was killed during a second job")

        with Server(arguments.binary, arguments.model, data) as server:
            job = server.wait(second, ["succeeded"], arguments.seconds)
            check(job["attempts"] == 2, "after a restart that job finished, at the second attempt")
            status, _, again = server.request("GET", job["links"]["result"])
            check(status == 200 and psnr(rgb(again), sharp) > before, "and its result is as good")
            server.process.send_signal(signal.SIGTERM)
            check(server.process.wait(timeout=60) == 0, "SIGTERM ends the server in order")


if __name__ == "__main__":
    main()
