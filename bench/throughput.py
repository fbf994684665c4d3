"""Times a queue of pictures of mixed sizes through the service and through `fidediff deblur`, in turns: what HTTP, the queue and SQLite cost.

throughput.py FIDEDIFF [--rounds 5] [--pictures 24]     adds a row to bench/results/throughput.csv
"""
import argparse
import json
import pathlib
import random
import statistics
import subprocess
import tempfile
import time
import urllib.request

from PIL import Image
from record import append

DEMO = pathlib.Path(__file__).parent.parent / "deploy" / "demo" / "blurred.jpg"
SIZES = [(320, 240), (640, 480), (1280, 720), (1920, 1080), (2592, 1944)]
OPTIONS = {"format": "jpeg", "quality": 90}


def pictures(folder, count):
    """JPEG files, every size about as often as the others, in random but repeatable order."""
    demo = Image.open(DEMO).convert("RGB")
    for i in range(count):
        demo.resize(SIZES[i % len(SIZES)], Image.BICUBIC).save(folder / f"{i:02}.jpg", quality=92)
    files = sorted(folder.iterdir())
    random.Random(0).shuffle(files)
    return files


def engine(program, files, folder):
    """Seconds of one process that deblurs all files, its start included."""
    start = time.monotonic()
    subprocess.run([program, "deblur", *files, "-o", folder, *(f"--{k}={v}" for k, v in OPTIONS.items())], check=True, capture_output=True)
    return time.monotonic() - start


class Service:
    def __init__(self, program, folder):
        self.process = subprocess.Popen(
            [program, "serve", "--port", "0", "--data", folder, "--no-reuse", "--max-wait-seconds", "600"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True)
        self.url = self.process.stdout.readline().split()[-1]
        while not self.answers("/readyz"):
            time.sleep(0.05)

    def answers(self, path):
        try:
            return urllib.request.urlopen(self.url + path).status == 200
        except OSError:
            return False

    def run(self, files):
        """Seconds from the first picture sent to the last result fetched; all are queued first."""
        start = time.monotonic()
        query = "&".join(f"{k}={v}" for k, v in OPTIONS.items())
        jobs = []
        for file in files:
            request = urllib.request.Request(f"{self.url}/v1/jobs?{query}", data=file.read_bytes(), headers={"Content-Type": "image/jpeg"})
            jobs.append(json.load(urllib.request.urlopen(request))["id"])
        for job in jobs:
            while (state := json.load(urllib.request.urlopen(f"{self.url}/v1/jobs/{job}"))["state"]) in ("queued", "running"):
                time.sleep(0.02)
            assert state == "succeeded", f"job {job} {state}"
            urllib.request.urlopen(f"{self.url}/v1/jobs/{job}/result").read()
        return time.monotonic() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fidediff")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pictures", type=int, default=24)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        folders = {name: pathlib.Path(work, name) for name in ("in", "out", "data")}
        for folder in folders.values():
            folder.mkdir()
        files = pictures(folders["in"], args.pictures)
        service = Service(args.fidediff, folders["data"])
        alone, served = [], []
        try:
            for _ in range(args.rounds):
                alone.append(engine(args.fidediff, files, folders["out"]))
                served.append(service.run(files))
                print(f"engine {alone[-1]:.2f} s, service {served[-1]:.2f} s", flush=True)
        finally:
            service.process.terminate()
            service.process.wait()
    a, b = statistics.median(alone), statistics.median(served)
    print(f"{len(files)} pictures, medians of {args.rounds} rounds in turns: engine {a:.2f} s, service {b:.2f} s; {a / b:.1%} of the engine's throughput")
    append("throughput", {"rounds": args.rounds, "pictures": len(files), "engine_seconds": f"{a:.2f}", "service_seconds": f"{b:.2f}",
                          "percent_of_engine": f"{100 * a / b:.1f}"})


if __name__ == "__main__":
    main()
