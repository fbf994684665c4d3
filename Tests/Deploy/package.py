#!/usr/bin/env python3
"""The package in a bare Debian 12 root (debootstrap, no compiler, no Swift): `dpkg -i`, then a photograph is deblurred by the installed
program, and by the unpacked tarball. Needs root.

package.py FOLDER        as deploy/package.sh leaves it
"""

import argparse
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

from deploy import DEPLOY, ROOT, check, debian, run

ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}


def chroot(root, command):
    script = f"mount -t proc proc {shlex.quote(str(root))}/proc && exec chroot {shlex.quote(str(root))} /bin/sh -c {shlex.quote(command)}"
    return run("unshare", "--mount", "sh", "-c", script, env=ENVIRONMENT)


def deblurs(root, program, what):
    done = chroot(root, f"cd /tmp && rm -f sharp.jpg && {program} deblur blurred.jpg -o sharp.jpg --json")
    check(done.returncode == 0, f"{what} deblurs a photograph {done.stderr[-500:] if done.returncode else ''}")
    told = json.loads(done.stdout)
    sharp = (root / "tmp/sharp.jpg").read_bytes()
    is_whole = sharp[:3] == b"\xff\xd8\xff" and not told["unchanged"]
    check(is_whole, f"its result is a JPEG, t {told['predicted_timestep']}, {told['seconds']:.1f} s")
    return sharp


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--cache", type=pathlib.Path, default=ROOT / ".cache/deploy")
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("a root of its own needs root: run it with sudo")
    debs, archives = sorted(arguments.folder.glob("*.deb")), sorted(arguments.folder.glob("*.tar.gz"))
    check(len(debs) == 1 and len(archives) == 1, "there is one .deb and one tarball")
    fresh = debian(arguments.cache)
    with tempfile.TemporaryDirectory(prefix="fidediff-package-") as folder:
        root = pathlib.Path(folder, "root")
        subprocess.run(["cp", "-a", "--reflink=auto", fresh, root], check=True)
        shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
        for file in (debs[0], archives[0], DEPLOY / "demo/blurred.jpg"):
            shutil.copy(file, root / "tmp" / file.name)
        none = chroot(root, "! command -v cc && ! command -v swift && ! command -v python3")
        check(none.returncode == 0, "the root has no compiler, no Swift, no Python")
        # dpkg fetches nothing: what the package depends on comes first, by the names that it gives itself.
        depends = subprocess.run(["dpkg-deb", "-f", debs[0], "Depends"], check=True, capture_output=True, text=True).stdout
        names = [choice.split("|")[0].split("(")[0].strip() for choice in depends.split(",")]
        installed = chroot(root, f"apt-get update -qq && apt-get install -y -qq --no-install-recommends {shlex.join(names)}")
        check(installed.returncode == 0, f"its dependencies are Debian's: {' '.join(names)}")
        check(chroot(root, f"dpkg -i /tmp/{debs[0].name}").returncode == 0, f"dpkg -i {debs[0].name}")
        version = chroot(root, "fidediff --version").stdout.strip()
        check(debs[0].name.startswith(f"fidediff_{version}_"), f"fidediff --version says {version}")
        for path in ("usr/share/man/man1/fidediff.1.gz", "usr/share/bash-completion/completions/fidediff",
                     "usr/lib/systemd/system/fidediff.service", "usr/share/doc/fidediff/copyright",
                     "usr/share/fidediff/weights/default/LICENSE", "usr/share/fidediff/weights/default/ATTRIBUTION.csv"):
            check((root / path).is_file(), f"/{path} is there")
        sharp = deblurs(root, "fidediff", "the installed program")
        unpacked = chroot(root, f"dpkg -r fidediff && tar -xzf /tmp/{archives[0].name} -C /opt")
        check(unpacked.returncode == 0, "the package is removed, the tarball unpacked")
        again = deblurs(root, f"/opt/{archives[0].name.removesuffix('.tar.gz')}/bin/fidediff", "the tarball's program")
        check(again == sharp, "both results are the same bytes")


if __name__ == "__main__":
    main()
