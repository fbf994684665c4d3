"""The processor at hand, and C compiled for it where it runs."""
import ctypes
import hashlib
import os
import subprocess

from training.folders import CACHE

FLAGS = ("-O3", "-march=native", "-ffast-math", "-fno-math-errno", "-shared", "-fPIC")


def cpuinfo(key):
    """What /proc/cpuinfo says of the first core, or nothing."""
    with open("/proc/cpuinfo") as f:
        return next((line.split(":", 1)[1].strip() for line in f if line.startswith(key)), "")


def processor():
    """Its cores and name, for a table."""
    return f"{os.cpu_count()} cores of {cpuinfo('model name') or 'an unnamed processor'}"


def multiplies_bfloat16():
    """Whether float32 is not the fastest that it multiplies."""
    return bool({"avx512_bf16", "amx_bf16"} & set(cpuinfo("flags").split()))


def compiled(source):
    """A C file as a library, compiled once: its name carries source, flags and processor, since -march=native means something else on another. Raises OSError or CalledProcessError where there is no compiler."""
    with open(source, "rb") as f:
        name = hashlib.sha256(f.read() + " ".join((*FLAGS, cpuinfo("model name"), cpuinfo("flags") or cpuinfo("Features"))).encode()).hexdigest()[:16]
    path = os.path.join(CACHE, f"{os.path.splitext(os.path.basename(source))[0]}-{name}.so")
    if not os.path.exists(path):
        os.makedirs(CACHE, exist_ok=True)
        made = f"{path}.{os.getpid()}"
        subprocess.run(["cc", *FLAGS, source, "-o", made, "-lm"], check=True, capture_output=True)
        os.replace(made, path)
    return ctypes.CDLL(path)


def share(nice):
    """What part of the processor this session gets beside others, where the kernel shares time among sessions: -20 most, 19 least. Nothing where it does
    not, or where this user may not ask for more."""
    try:
        with open("/proc/self/autogroup", "w") as f:
            f.write(str(nice))
    except OSError:
        pass
