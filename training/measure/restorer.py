"""Restores many pictures by one run of the executable, or by the PyTorch twin."""
import json
import os
import subprocess
import sys


def by_executable(executable, model, inputs, folder):
    """One picture a core at a time, each on one thread: small pictures leave threads waiting for each other."""
    command = [executable, "deblur", *inputs, "-o", folder, "--format", "png", "--json", "--jobs", str(os.cpu_count()), "--threads", "1"]
    command += ["--model", model] if model else []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if line.startswith("{"):
                yield json.loads(line)
    if process.returncode:
        sys.exit(f"{executable} failed with code {process.returncode}")


def by_twin(model, inputs, folder):
    from training.measure.twin import Twin
    return Twin(model).deblur_files(inputs, folder)


def restored(lines, inputs):
    """(input, the object that `--json` prints of it) as each is done; ends the program where one has no output."""
    missing, done = {os.path.basename(i): i for i in inputs}, 0
    for line in lines:
        done += 1
        if sys.stderr.isatty():
            print(f"\r{done} of {len(inputs)} deblurred", end="", file=sys.stderr)
        yield missing.pop(os.path.basename(line["input"])), line
    if missing:
        sys.exit(f"no output for {', '.join(missing)}")
