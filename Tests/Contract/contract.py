#!/usr/bin/env python3
"""openapi.yaml against the running service: openapi-spec-validator over the document, then schemathesis with all its checks: examples,
boundary values, random and hostile values, and sequences of calls. The report lies under artifacts/contract.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(ROOT / "Tests/Smoke"))
from ready import until_ready  # noqa: E402
from smoke import Server, check  # noqa: E402


def tool(name):
    return str(pathlib.Path(sys.executable).with_name(name))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", nargs="?", default=str(ROOT / ".build/release/fidediff"))
    parser.add_argument("--model", default=str(ROOT / "weights/default"))
    parser.add_argument("--artifacts", type=pathlib.Path, default=ROOT / "artifacts/contract")
    parser.add_argument("--max-examples", type=int, default=25, help="random cases for each call")
    parser.add_argument("--seed", type=int, help="of an earlier run, to repeat it")
    arguments = parser.parse_args()
    arguments.artifacts.mkdir(parents=True, exist_ok=True)

    done = subprocess.run([tool("openapi-spec-validator"), str(ROOT / "openapi.yaml")], capture_output=True, text=True)
    check(done.returncode == 0, f"openapi.yaml is a valid OpenAPI document {done.stdout if done.returncode else ''}")

    with tempfile.TemporaryDirectory(prefix="fidediff-contract-") as folder:
        # No case is to fail because those before it wait.
        options = ["--max-queued", "1000000"]
        with Server(arguments.binary, arguments.model, os.path.join(folder, "data"), options) as server:
            until_ready(server)
            check(server.request("GET", "/openapi.yaml")[2] == (ROOT / "openapi.yaml").read_bytes(), "the service serves the same document")
            command = [
                tool("schemathesis"), "--config-file", str(HERE / "schemathesis.toml"), "run", server.address + "/openapi.yaml", "--checks", "all",
                # hooks.py has their twins, which know more.
                "--exclude-checks", "use_after_free,ensure_resource_availability,positive_data_acceptance", "--continue-on-failure",
                "--max-examples", str(arguments.max_examples),
                "--report", "junit", "--report-dir", str(arguments.artifacts),
                "--suppress-health-check", "all",
            ]
            if arguments.seed is not None:
                command += ["--seed", str(arguments.seed)]
            environment = os.environ | {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE)}
            check(subprocess.run(command, env=environment, cwd=folder).returncode == 0, "schemathesis finds nothing")


if __name__ == "__main__":
    main()
