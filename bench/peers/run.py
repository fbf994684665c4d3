"""Times parts of a network in fidediff and in the runtimes that a user could pick instead: same weights, same inputs, same cores, round by round in turns.

run.py FIDEDIFF [--rows default:whole:1280x736 paper:unet:512x512 ...] [--rounds 5] [--peers torch onnxruntime openvino] [--work DIR]

A row is MODEL:PART:WxH, the size inside the network (a latent is 1/factor of it). Results are compared before anything is timed (relative L2 at most
1e-3). Each runtime has a process of its own for each row; its memory is that process's peak, loading included. Rows are also added to bench/results/peers.csv.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from record import append  # noqa: E402
ROWS = ["default:whole:1280x736", "default:whole:4000x3008"] + [f"paper:{part}:512x512" for part in ("encoder", "decoder", "unet", "controlnet")] + [
    f"paper:{part}:2560x1472" for part in ("unet", "controlnet")]     # 720 is no multiple of 32, nor 1440 of 64: what eight latents are, at two scales or at one
LIMIT = 1e-3
PAUSE = 1.0     # seconds before each round: threads of the runtime before may wait awake for more work, on a core that the next one needs


class Runtime:
    """A process that runs once for each line it is sent."""

    def __init__(self, name, command, output):
        self.name, self.output, self.seconds, self.mib = name, output, [], 0
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        while (line := self.process.stdout.readline()) != "ready\n":
            if not line:
                raise RuntimeError(f"{name} ended with code {self.process.wait()}")

    def round(self):
        time.sleep(PAUSE)
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        self.seconds.append(answer["seconds"])
        self.mib = answer["peak_mib"]
        return answer

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def difference(a, b):
    a, b = (np.fromfile(path, np.float32).astype(np.float64) for path in (a, b))
    return np.inf if a.shape != b.shape else np.linalg.norm(a - b) / np.linalg.norm(b)


def row(name, args, peak):
    model, part, size = name.split(":")
    inputs = os.path.join(args.work, name.replace(":", "-") + ".safetensors")
    # In a process of its own, so that nothing of it is left in memory.
    folder = subprocess.run([sys.executable, os.path.join(HERE, "networks.py"), model, part, size, args.work, inputs],
                            check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1]
    python = [sys.executable, os.path.join(HERE, "worker.py")]
    own = os.path.join(args.work, "fidediff.out")
    runtimes = [Runtime("fidediff", [args.fidediff, "bench", "--model", folder, "--part", part, "--inputs", inputs, "--output", own,
                                     "--threads", str(args.threads)], own)]
    for peer in args.peers:
        output = os.path.join(args.work, peer + ".out")
        try:
            runtimes.append(Runtime(peer, [*python, peer, part, folder, inputs, output, str(args.threads)], output))
        except RuntimeError as error:
            print(f"{name}: {error}", file=sys.stderr)
    for runtime in runtimes[1:]:
        far = difference(runtime.output, own)
        if not far <= LIMIT:
            sys.exit(f"{name}: {runtime.name} and fidediff differ by {far:.1e}")
    gmac = 0
    for _ in range(args.rounds):
        for runtime in runtimes:
            answer = runtime.round()
            if runtime.name == "fidediff":
                gmac = answer["gmac_per_second"] * answer["seconds"]
    for runtime in runtimes:
        runtime.end()
    seconds = {r.name: statistics.median(r.seconds) for r in runtimes}
    fastest, leanest = min(list(seconds.values())[1:]), min(r.mib for r in runtimes[1:])
    for r in runtimes:
        rate = gmac / seconds[r.name]
        print(f"| {name} | {r.name} | {seconds[r.name]:.3f} | {rate:.0f} | {rate / peak:.0%} | {r.mib:.0f} | "
              f"{fastest / seconds[r.name]:.2f} | {r.mib / leanest:.2f} |", flush=True)
        append("peers", {
            "rounds": args.rounds, "network": name, "runtime": r.name, "seconds": f"{seconds[r.name]:.3f}", "gmac_per_second": f"{rate:.0f}",
            "percent_of_peak": f"{100 * rate / peak:.0f}", "mib": f"{r.mib:.0f}", "times_as_fast_as_fastest_peer": f"{fastest / seconds[r.name]:.2f}",
            "memory_over_leanest_peer": f"{r.mib / leanest:.2f}"})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fidediff")
    parser.add_argument("--rows", nargs="+", default=ROWS)
    parser.add_argument("--peers", nargs="+", default=["torch", "torch-compiled", "onnxruntime", "openvino"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--work", help="kept; default: a folder that goes afterwards")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        args.work = os.path.abspath(args.work or temporary)
        args.fidediff = os.path.abspath(args.fidediff)
        os.makedirs(args.work, exist_ok=True)
        program = os.path.join(temporary, "peak")
        subprocess.run(["cc", "-O3", "-march=native", "-pthread", os.path.join(HERE, "peak.c"), "-o", program], check=True)
        peak = float(subprocess.run([program, str(args.threads)], check=True, capture_output=True, text=True).stdout)
        print(f"{args.threads} threads multiply and add {peak:.0f} G a second; medians of {args.rounds} rounds in turns\n")
        print("| network | runtime | s | GMAC/s | of the peak | MiB | fastest peer's time / its | its memory / leanest peer's |\n|---|---|--:|--:|--:|--:|--:|--:|")
        for name in args.rows:
            row(name, args, peak)


if __name__ == "__main__":
    main()
