"""Where a training step's time goes on this machine, and what share of the processor's multiply-add peak it reaches.

python -m training.studies.step --shards FOLDER [--bf16] [--plain] [--steps N]      one thread; --plain: PyTorch's own layers instead of training/network/fast.py

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
from training.network import fast
from training.runs import train

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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shards", required=True)
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--steps", type=int, default=6)
    args = parser.parse_args()
    if args.plain:
        fast.accelerate = lambda model: model
    with tempfile.TemporaryDirectory() as out:
        options = train.arguments(["--stage", "control", "--freeze-kernels", "--shards", args.shards, "--out", out, "--init", WEIGHTS, "--rate", "constant",
                                   "--context", "32", "--predicted-t", "0.5", "--threads", "1"] + ["--bf16"] * args.bf16)
        run = train.Run(options)
        macs = counted(run.model)
        run.step()
        macs = sum(macs)                                                 # of one step forward
        best = min(timed(run) for _ in range(args.steps))
        with torch.profiler.profile() as profile:
            run.step()
    top = peak(args.bf16)
    rows, total = {}, 0.0
    for event in profile.key_averages():
        group = next((g for g, names in GROUPS.items() if event.key.startswith(names)), "optimiser, losses, copies and the rest")
        rows[group] = rows.get(group, 0) + event.self_cpu_time_total / 1e6
        total += event.self_cpu_time_total / 1e6
    print(f"| part of a step | seconds | share |\n|---|---|---|")
    for group, seconds in sorted(rows.items(), key=lambda row: -row[1]):
        print(f"| {group} | {seconds:.2f} | {seconds / total:.0%} |")
    pictures = options.batch
    print(f"| all, the fastest of {args.steps} | {best:.2f} | |\n\n{pictures / best:.1f} pictures a second and core; {3 * macs / 1e9:.0f} G multiply-adds a step, {3 * macs / best / 1e9:.1f} G a second "
          f"of a peak of {top / 1e9:.1f} in {'bfloat16' if args.bf16 else 'float32'}: {3 * macs / best / top:.0%}; " + next(line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")))


def timed(run):
    begun = time.process_time()
    run.step()
    return time.process_time() - begun


if __name__ == "__main__":
    main()
