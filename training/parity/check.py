"""Compares every stage of the Swift engine with the twin, on random weights and a real photograph, for every configuration.

python -m training.parity.check [CONFIG ...] [--fidediff PATH] [--work DIR] [--limit 1e-4]

The twin writes a model folder (weights rounded to f16, so that both sides hold the same numbers; 2.6 GB for `paper`) and its stages, in a
process that is gone before the engine starts. Fails if any stage is missing or differs by more than --limit in relative L2.
"""
import argparse
import json
import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

import torch
from safetensors.torch import save_file
from skimage.data import astronaut

from training.folders import EXECUTABLE, REPOSITORY, configuration
from training.network.model import load_config
from training.parity.random_weights import build_random, centre_timestep, stages

SIZES = {"tiny": (48, 64), "tiny-pixel": (96, 128), "tiny-lags": (96, 128), "default": (384, 512), "paper": (256, 256)}  # height, width; not tiled
SEED = 20


def photograph(height, width):
    """The middle of NASA's public-domain portrait. [3, height, width] in 0..1"""
    picture = torch.from_numpy(astronaut().copy()).permute(2, 0, 1).float() / 255
    y, x = (picture.shape[1] - height) // 4, (picture.shape[2] - width) // 2
    return picture[:, y:y + height, x:x + width].contiguous()


def round_to_half(model):
    for p in model.parameters():
        p.copy_(p.half())


@torch.no_grad()
def write_twin(name, folder, threads):
    """Model folder and stages.safetensors of one configuration; returns parameters, names of the stages, gigabytes at the peak."""
    torch.set_num_threads(threads)
    model, image = build_random(load_config(configuration(name)), SEED), photograph(*SIZES[name])
    round_to_half(model)
    centre_timestep(model, image[None])
    round_to_half(model)
    model.save(folder, torch.float16)
    computed = stages(model, image)
    save_file(computed, os.path.join(folder, "stages.safetensors"))
    return sum(p.numel() for p in model.parameters()), computed.keys() - {"image"}, gigabytes(resource.getrusage(resource.RUSAGE_SELF))


def run_twin(*arguments):
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(write_twin, arguments)


def run_engine(executable, folder, limit):
    """Rows {stage, relative_l2, max_abs} that `fidediff model verify` prints, whether it was content, gigabytes at the peak."""
    process = subprocess.Popen([executable, "model", "verify", folder, "--stages", os.path.join(folder, "stages.safetensors"),
                                "--tolerance", str(limit), "--json"], stdout=subprocess.PIPE, text=True)
    rows = [json.loads(line) for line in process.stdout if line.startswith("{")]
    for row in rows:  # JSON has no NaN: it comes as text
        row |= {key: float(row[key]) for key in ("relative_l2", "max_abs")}
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return rows, process.returncode == 0, gigabytes(usage)


def gigabytes(usage):
    return usage.ru_maxrss / 2 ** 20


def check(name, folder, args):
    begun = time.time()
    parameters, expected, twin_memory = run_twin(name, folder, args.threads)
    half = time.time()
    rows, content, engine_memory = run_engine(args.fidediff, folder, args.limit)
    bad = [r["stage"] for r in rows if not r["relative_l2"] <= args.limit]  # NaN is bad
    for r in rows:
        print(f"{name:11} {r['stage']:16} {r['relative_l2']:12.2e} {r['max_abs']:12.2e}  {'FAILS' if r['stage'] in bad else ''}".rstrip())
    missing = expected - {r["stage"] for r in rows}
    if missing:
        print(f"{name:11} not compared: {', '.join(sorted(missing))}")
    passed = content and not bad and not missing
    print(f"{name:11} {'passed' if passed else 'FAILED'}: {len(rows)} stages, {parameters / 1e6:.1f} M parameters, "
          f"twin {half - begun:.0f} s and {twin_memory:.1f} GB, engine {time.time() - half:.0f} s and {engine_memory:.1f} GB", flush=True)
    return passed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("configs", nargs="*", metavar="CONFIG", help=", ".join(SIZES))
    parser.add_argument("--fidediff", default=EXECUTABLE)
    parser.add_argument("--work", default=os.path.join(REPOSITORY, "training", ".work"), help="room for 2.6 GB, emptied afterwards")
    parser.add_argument("--limit", type=float, default=1e-4)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    args = parser.parse_args()
    if unknown := set(args.configs) - set(SIZES):
        parser.error(f"no configuration {', '.join(sorted(unknown))}; there are {', '.join(SIZES)}")
    os.makedirs(args.work, exist_ok=True)
    print(f"{'config':11} {'stage':16} {'relative L2':>12} {'max abs':>12}")
    passed = []
    for name in args.configs or SIZES:
        folder = tempfile.mkdtemp(prefix=name + "-", dir=args.work)
        try:
            passed.append(check(name, folder, args))
        finally:
            shutil.rmtree(folder)
    sys.exit(not all(passed))


if __name__ == "__main__":
    main()
