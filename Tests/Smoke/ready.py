"""For tests that start the server: it may listen before its weights are loaded."""

import time


def until_ready(server, seconds=120):
    """Returns when /readyz answers 200."""
    end = time.monotonic() + seconds
    while server.request("GET", "/readyz")[0] != 200:
        if server.process.poll() is not None or time.monotonic() > end:
            raise SystemExit("the server does not become ready")
        time.sleep(0.1)
