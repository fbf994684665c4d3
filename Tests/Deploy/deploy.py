#!/usr/bin/env python3
"""What lies in deploy/, as far as it can be checked without a container engine and a cluster.

The Kubernetes manifests against the API's schemas, the compose file against the compose specification's, the unit with systemd-analyze, the
proxies' files with caddy and nginx themselves. The Dockerfile: every COPY finds its source; the build stage's commands run in the working
tree; the last stage's commands run in a fresh Debian root (debootstrap); then the image's ENTRYPOINT and CMD run in it as its USER, on a
read-only root with no network but the loopback, until the HEALTHCHECK passes and a photograph is deblurred. That part needs root.
"""

import argparse
import fnmatch
import http.client
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
EXPOSURE_LIMIT = 15  # of systemd-analyze security, in tenths; 0 is a service that can do nothing


def check(holds, what):
    print(("ok    " if holds else "FAIL  ") + what, flush=True)
    if not holds:
        sys.exit(1)


def run(*command, **options):
    """-> the finished process; its output is shown when it fails."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    if done.returncode:
        print(done.stdout[-4000:] + done.stderr[-4000:])
    return done


# Files of other programs

def kubernetes():
    import kubernetes_validate
    import yaml
    version = kubernetes_validate.latest_version()
    kinds = {}
    for document in yaml.safe_load_all((DEPLOY / "kubernetes/fidediff.yaml").read_text()):
        try:
            kubernetes_validate.validate(document, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            check(False, f"{document['kind']} {document['metadata']['name']}: {error.message}")
        kinds[document["kind"]] = document
    check(len(kinds) == 5, f"the manifests keep to the schemas of Kubernetes {version}: {', '.join(kinds)}")
    # The selector's labels are the pods'; what scales and guards names what is there.
    stateful = kinds["StatefulSet"]
    labels = stateful["spec"]["template"]["metadata"]["labels"]
    selectors = [kinds["Service"]["spec"]["selector"], kinds["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
                 kinds["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"], stateful["spec"]["selector"]["matchLabels"]]
    check(all(selector.items() <= labels.items() for selector in selectors), "all selectors find the pods")
    scaled = kinds["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]
    check((scaled["kind"], scaled["name"]) == ("StatefulSet", stateful["metadata"]["name"]), "the autoscaler scales them")
    for name in yaml.safe_load((DEPLOY / "kubernetes/kustomization.yaml").read_text())["resources"]:
        check((DEPLOY / "kubernetes" / name).is_file(), f"the kustomization's {name} is there")
    return stateful["spec"]["template"]["spec"]


def compose():
    tool = pathlib.Path(sys.executable).with_name("check-jsonschema")
    done = run(tool, "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")
    check(done.returncode == 0, "the compose file keeps to the compose specification")


def unit():
    with tempfile.TemporaryDirectory() as folder:
        units, binary = pathlib.Path(folder, "etc/systemd/system"), pathlib.Path(folder, "usr/bin/fidediff")
        for place in (units, binary.parent):
            place.mkdir(parents=True)
        # Of another root nothing else is there: the units that every system has are taken from this one.
        shutil.copytree("/usr/lib/systemd/system", pathlib.Path(folder, "usr/lib/systemd/system"), symlinks=True)
        shutil.copy(DEPLOY / "fidediff.service", units)
        binary.write_text("#!/bin/sh\n")
        binary.chmod(0o755)
        done = run("systemd-analyze", "verify", f"--root={folder}", "--man=no", "--recursive-errors=one", units / "fidediff.service")
        words = [line for line in (done.stdout + done.stderr).splitlines() if "fidediff" in line]
        check(done.returncode == 0 and not words, f"systemd-analyze verify finds nothing in the unit {words}")
        done = run("systemd-analyze", "security", "--offline=yes", f"--threshold={EXPOSURE_LIMIT}", units / "fidediff.service")
        exposure = re.search(r"exposure level for \S+: (\S+)", done.stdout + done.stderr)
        check(done.returncode == 0, f"the unit's exposure is at most {EXPOSURE_LIMIT / 10}: {exposure.group(1) if exposure else '?'}")


def program(name, package, cache):
    """Of this machine, else out of its Debian package: installed, it would be started."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if found:
        return found
    place = cache / "programs"
    place.mkdir(parents=True, exist_ok=True)
    if not (path := next(iter(place.glob(f"usr/*bin/{name}")), None)):
        with tempfile.TemporaryDirectory() as folder:
            check(run("apt-get", "download", package, cwd=folder).returncode == 0, f"apt-get download {package}")
            check(run("dpkg", "-x", next(pathlib.Path(folder).glob("*.deb")), place).returncode == 0, f"{package} is unpacked")
        path = next(iter(place.glob(f"usr/*bin/{name}")))
    return path


def proxies(cache):
    done = run(program("caddy", "caddy", cache), "validate", "--config", DEPLOY / "Caddyfile", "--adapter", "caddyfile")
    check(done.returncode == 0, "caddy takes its file")
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = f"{folder}/key.pem", f"{folder}/certificate.pem"
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=fidediff.example.org", "-keyout", key, "-out", certificate)
        site = (DEPLOY / "nginx.conf").read_text()
        site = re.sub(r"(ssl_certificate_key\s+)\S+;", rf"\g<1>{key};", site)
        site = re.sub(r"(ssl_certificate\s+)\S+;", rf"\g<1>{certificate};", site)
        pathlib.Path(folder, "site.conf").write_text(site)
        # Even a test of its file makes these folders, by default below /var/lib/nginx, which only the installed package has.
        temporary = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        pathlib.Path(folder, "nginx.conf").write_text(
            f"pid {folder}/nginx.pid; error_log stderr; events {{}} http {{ access_log off; {temporary} include {folder}/site.conf; }}")
        done = run(program("nginx", "nginx", cache), "-t", "-q", "-p", folder, "-c", f"{folder}/nginx.conf", "-e", "stderr")
        check(done.returncode == 0, "nginx takes its file")


# The Dockerfile

class Dockerfile:
    """Its stages, each a list of (instruction, text)."""

    def __init__(self, path):
        text = re.sub(r"^\s*#.*\n", "", path.read_text(), flags=re.M).replace("\\\n", " ")
        self.stages = []
        for line in filter(str.strip, text.splitlines()):
            name, rest = line.strip().split(None, 1)
            if name == "FROM":
                self.stages.append([])
            self.stages[-1].append((name, " ".join(rest.split())))

    def all(self, stage, name):
        return [rest for found, rest in self.stages[stage] if found == name]

    def last(self, stage, name):
        return self.all(stage, name)[-1]


def ignored(path):
    patterns = [line for line in (ROOT / ".dockerignore").read_text().split() if line]
    parts = pathlib.PurePath(path).parts
    return any(fnmatch.fnmatch("/".join(parts[:count]), pattern) for pattern in patterns for count in range(1, len(parts) + 1))


def copies(dockerfile, stage):
    """-> [(source, target, is from the stage before)]"""
    found = []
    for text in dockerfile.all(stage, "COPY"):
        words = shlex.split(text)
        is_built = words[0].startswith("--from=")
        *sources, target = words[1:] if is_built else words
        found += [(source, target, is_built) for source in sources]
    return found


def build_stage(dockerfile, out):
    for source, _, _ in copies(dockerfile, 0):
        check((ROOT / source).exists() and not ignored(source), f"COPY finds {source}")
    resources = set(re.findall(r'path: "([^"]+)"', (ROOT / "Package.swift").read_text()))
    copied = [source for source, _, _ in copies(dockerfile, 0)]
    check(all(any(path == source or path.startswith(source + "/") for source in copied) for path in resources), "all that Package.swift names is copied")
    needed = set(re.findall(r"\blib\S+-dev\b", re.search(r"^setup:.*\n(.*)", (ROOT / "Makefile").read_text(), re.M).group(1)))
    installed = set(re.findall(r"\blib\S+-dev\b", " ".join(dockerfile.all(0, "RUN"))))
    check(needed <= installed, f"the build stage has the libraries of make setup {sorted(needed - installed)}")
    for command in dockerfile.all(0, "RUN"):
        if "apt-get" in command:
            packages = re.search(r"install -y --no-install-recommends ([^&]+)", command).group(1).split()
            check(run(DEPLOY / "setup.sh", *packages).returncode == 0, f"the packages are there: {' '.join(packages)}")
        else:
            # /out of the image is a folder here, its /src the working tree; another build folder, so that `make build` keeps its own.
            command = command.replace("/out/", f"{out}/").replace("swift build ", "swift build --scratch-path .build-image ")
            command = command.replace("BUILD=--static-swift-stdlib", 'BUILD="--static-swift-stdlib --scratch-path .build-image"')
            done = run("sh", "-c", command.replace("swift package ", "swift package --scratch-path .build-image "), cwd=ROOT)
            check(done.returncode == 0, f"RUN {command[:60]}...")


def debian(cache):
    """A fresh Debian 12 root, as debian:bookworm-slim is one; made once."""
    place = cache / "bookworm"
    if not (place / "done").exists():
        shutil.rmtree(place, ignore_errors=True)
        cache.mkdir(parents=True, exist_ok=True)
        check(run("debootstrap", "--variant=minbase", "bookworm", place / "root", "http://deb.debian.org/debian").returncode == 0, "debootstrap")
        (place / "done").touch()
    return place / "root"


def last_stage(dockerfile, root, out):
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    for name, text in dockerfile.stages[1]:
        if name == "RUN":
            script = f"mount -t proc proc {shlex.quote(str(root))}/proc && exec chroot {shlex.quote(str(root))} /bin/sh -c {shlex.quote(text)}"
            done = run("unshare", "--mount", "sh", "-c", script, env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"})
            check(done.returncode == 0, f"RUN {text[:60]}...")
    for source, target, is_built in copies(dockerfile, 1):
        origin = out / pathlib.Path(source).relative_to("/out") if is_built else ROOT / source
        check(origin.exists() and (is_built or not ignored(source)), f"COPY finds {source}")
        place = root / target.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(origin, place, dirs_exist_ok=True) if origin.is_dir() else shutil.copy(origin, place)


def inside(root):
    """In namespaces of its own: runs the image, asks its health, deblurs a photograph, stops it."""
    import fcntl
    import socket
    import struct
    dockerfile = Dockerfile(DEPLOY / "Dockerfile")
    with socket.socket() as probe:  # the loopback of a new namespace is down: SIOCSIFFLAGS, IFF_UP | IFF_RUNNING
        fcntl.ioctl(probe, 0x8914, struct.pack("16sh14x", b"lo", 0x1 | 0x40))
    subprocess.run(["mount", "--bind", root, root], check=True)
    subprocess.run(["mount", "-t", "proc", "proc", f"{root}/proc"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmp", f"{root}/tmp"], check=True)
    user, group = dockerfile.last(1, "USER").split(":")
    for volume in dockerfile.all(1, "VOLUME"):
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"uid={user},gid={group},mode=0750", "data", root + volume], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", root], check=True)

    environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    environment |= dict(text.split("=", 1) for text in dockerfile.all(1, "ENV"))
    enter = ["chroot", f"--userspec={user}:{group}", root, "/bin/sh", "-c", f'cd {dockerfile.last(1, "WORKDIR")} && exec "$@"', "sh"]
    health = json.loads(dockerfile.last(1, "HEALTHCHECK").split("CMD", 1)[1])

    def is_healthy():
        return subprocess.run(enter + health, env=environment, capture_output=True).returncode == 0

    check(subprocess.run(enter + ["touch", "/usr/new"], env=environment, capture_output=True).returncode != 0, "the root cannot be written")
    check(not is_healthy(), "the health check fails while nothing runs")
    command = json.loads(dockerfile.last(1, "ENTRYPOINT")) + json.loads(dockerfile.last(1, "CMD"))
    server = subprocess.Popen(enter + command, env=environment)
    try:
        end = time.monotonic() + 60
        while not is_healthy() and server.poll() is None and time.monotonic() < end:
            time.sleep(0.2)
        check(is_healthy(), "the health check passes")
        status = pathlib.Path(f"{root}/proc/{server.pid}/status").read_text()
        check(re.search(rf"^Uid:\t{user}\t", status, re.M) is not None and "CapEff:\t0000000000000000" in status, f"it runs as {user}, without capabilities")
        port = int(dockerfile.last(1, "EXPOSE"))
        ready = ["fidediff", "health", "--url", f"http://127.0.0.1:{port}/readyz"]
        while subprocess.run(enter + ready, env=environment, capture_output=True).returncode != 0 and time.monotonic() < end:
            time.sleep(0.2)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        connection.request("POST", "/v1/deblur", (DEPLOY / "demo/blurred.jpg").read_bytes(), {"Content-Type": "image/jpeg"})
        answer = connection.getresponse()
        check(answer.status == 200 and answer.read()[:3] == b"\xff\xd8\xff", "it deblurs a photograph")
        server.send_signal(getattr(signal, dockerfile.last(1, "STOPSIGNAL")))
        check(server.wait(timeout=30) == 0, "it stops in order")
    finally:
        if server.poll() is None:
            server.kill()


def probes_are_calls(pod):
    """The manifests' probes and volumes are those of the Dockerfile and the contract."""
    import yaml
    dockerfile = Dockerfile(DEPLOY / "Dockerfile")
    container = pod["containers"][0]
    paths = {container[name]["httpGet"]["path"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    calls = yaml.safe_load((ROOT / "openapi.yaml").read_text())["paths"]
    check(paths <= calls.keys(), f"the probes are calls of the contract: {', '.join(sorted(paths))}")
    user = dockerfile.last(1, "USER").split(":")
    check([str(pod["securityContext"]["runAsUser"]), str(pod["securityContext"]["runAsGroup"])] == user, "the pods run as the image's user")
    check({mount["mountPath"] for mount in container["volumeMounts"]} >= set(dockerfile.all(1, "VOLUME")), "the image's volumes are mounted")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=pathlib.Path, default=ROOT / ".cache/deploy")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside:
        return inside(arguments.inside)
    probes_are_calls(kubernetes())
    compose()
    unit()
    proxies(arguments.cache)
    dockerfile = Dockerfile(DEPLOY / "Dockerfile")
    if os.geteuid() != 0:
        print("      (not root: the image's steps are not run)")
        return
    fresh = debian(arguments.cache)
    with tempfile.TemporaryDirectory(prefix="fidediff-image-") as folder:
        out, root = pathlib.Path(folder, "out"), pathlib.Path(folder, "root")
        build_stage(dockerfile, out)
        subprocess.run(["cp", "-a", "--reflink=auto", fresh, root], check=True)
        last_stage(dockerfile, root, out)
        used = int(subprocess.run(["du", "-sm", root], capture_output=True, text=True).stdout.split()[0])
        base = int(subprocess.run(["du", "-sm", fresh], capture_output=True, text=True).stdout.split()[0])
        check(used - base < 400, f"the image adds {used - base} MiB to Debian")
        done = subprocess.run(["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", sys.executable, __file__, "--inside", str(root)])
        check(done.returncode == 0, "the image runs")


if __name__ == "__main__":
    main()
