"""Where a training step's time goes on this machine, and what share of the processor's multiply-add peak it reaches.

python -m training.studies.step --shards FOLDER [--bf16] [--steps N]      one thread: PyTorch's own layers, and those of training/network/fast.py

The peak is measured in the same run: in float32 by loops.c, in bfloat16 by the largest product that PyTorch has. A step's multiply-adds are those of the definitions,
forward and twice as many back, so Winograd's algorithm, which needs fewer, can pass the peak.
"""
import argparse
import ctypes
import tempfile
import time

import torch
import torch.nn as nn

from training.folders import WEIGHTS
from training.machine import processor
from training.network import fast
from training.runs.options import arguments
from training.runs.run import Run

# The first name that a profiled operation's begins with says what it belongs to.
GROUPS = {"3x3 convolutions in C": ("Winograd",), "norms with SiLU in C": ("NormSiLU",), "other convolutions": ("aten::convolution", "aten::mkldnn", "aten::_slow_conv", "aten::_convolution"),
          "products": ("aten::mm", "aten::addmm", "aten::bmm", "aten::mkldnn_linear"), "norms": ("aten::native_layer_norm",), "attention": ("aten::_scaled_dot",)}


def peak(bf16, seconds=1.0):
    """Multiply-adds a second of one core."""
    best, until = 0.0, time.time() + seconds
    if bf16:
        a, b = (torch.randn(1536, 1536).bfloat16() for _ in range(2))
        work = lambda: (torch.mm(a, b), 1536 ** 3)[1]
    else:
        library, sink = fast.loops(), torch.tensor([0.999] * 16)
        library.multiply_adds.restype, library.multiply_adds.argtypes = ctypes.c_long, [ctypes.c_long, ctypes.c_void_p]
        work = lambda: library.multiply_adds(1_000_000, fast.pointer(sink))
    while time.time() < until:
        begun = time.perf_counter()
        done = work()
        best = max(best, done / (time.perf_counter() - begun))
    return best


def counted(model):
    """Adds up the multiply-adds of all layers' forward calls. Returns the list that they are added to."""
    found = []

    def hook(layer, given, made):
        if isinstance(layer, nn.Conv2d):
            found.append(made.numel() // made.shape[1] * layer.weight.numel())
        else:
            found.append(made.numel() // made.shape[-1] * layer.weight.numel())
    for layer in model.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            layer.register_forward_hook(hook)
    return found


def run_of(args, out, plain):
    """A Run with the default weights; plain: with PyTorch's own layers."""
    options = arguments(["--stage", "control", "--freeze-kernels", "--shards", args.shards, "--out", out, "--init", WEIGHTS, "--rate", "constant",
                         "--context", "32", "--predicted-t", "0.5", "--threads", "1"] + ["--bf16"] * args.bf16)
    accelerate = fast.accelerate
    if plain:
        fast.accelerate = lambda model: model
    try:
        return Run(options)
    finally:
        fast.accelerate = accelerate


def timed(run):
    begun = time.process_time()
    run.step()
    return time.process_time() - begun


def parts(run):
    """Seconds of one step by group of operations."""
    with torch.profiler.profile() as profile:
        run.step()
    found = {}
    for event in profile.key_averages():
        group = next((g for g, names in GROUPS.items() if event.key.startswith(names)), "optimiser, losses, copies and the rest")
        found[group] = found.get(group, 0) + event.self_cpu_time_total / 1e6
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shards", required=True)
    parser.add_argument("--bf16", action="store_true", help="PyTorch's layers in bfloat16, and nothing in C")
    parser.add_argument("--steps", type=int, default=6)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as out:
        runs = {"PyTorch's layers": run_of(args, out, True)} | ({} if args.bf16 else {"in C": run_of(args, out, False)})
        counter = counted(runs["PyTorch's layers"].model)
        for run in runs.values():
            run.step()
        macs = 3 * sum(counter)                                          # forward, and the gradients of inputs and weights
        times = {name: [] for name in runs}
        for _ in range(args.steps):                                      # in turns: other work on the machine meets both
            for name, run in runs.items():
                times[name].append(timed(run))
        tables = {name: parts(run) for name, run in runs.items()}
    top = peak(args.bf16)
    groups = sorted({g for table in tables.values() for g in table}, key=lambda g: -max(table.get(g, 0) for table in tables.values()))
    print(f"| part of a step | {' | '.join(f'{name}, seconds' for name in runs)} |\n|---|{'---|' * len(runs)}")
    for group in groups:
        print(f"| {group} | " + " | ".join(f"{table.get(group, 0):.2f}" for table in tables.values()) + " |")
    batch = next(iter(runs.values())).args.batch
    for label, value in ((f"the fastest of {args.steps} steps", lambda best: f"{best:.2f}"), ("pictures a second and core", lambda best: f"{batch / best:.1f}"),
                         ("share of the multiply-add peak", lambda best: f"{macs / best / top:.0%}")):
        print(f"| {label} | " + " | ".join(value(min(times[name])) for name in runs) + " |")
    print(f"\n{processor()}: {macs / 1e9:.0f} G multiply-adds a step; the peak is {top / 1e9:.1f} G a second in {'bfloat16' if args.bf16 else 'float32'}")


if __name__ == "__main__":
    main()
