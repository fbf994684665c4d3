"""Hours of mixed requests: nothing grows, neither memory nor descriptors nor threads."""

import os
import time

from service import Ledger, Service, checked, require

POINTS = 500               # of memory, at most
SLOPE_MIB = 0.1           # a minute, once warm


def slope(points):
    """Of a straight line through (minutes, MiB), by least squares."""
    n = len(points)
    x, y = sum(p[0] for p in points) / n, sum(p[1] for p in points) / n
    return sum((a - x) * (b - y) for a, b in points) / sum((a - x) ** 2 for a, _ in points)


def threads(pid):
    return len(os.listdir(f"/proc/{pid}/task"))


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def run(binary, scratch, rng, seconds):
    ledger, requests, points, warm = Ledger(rng.random()), 0, [], min(600, seconds / 3)
    with Service(binary, scratch / "data", "--retain-jobs", 200) as service:
        service.ready()

        def one():
            kind = rng.choices(("job", "deblur", "level", "list", "metrics", "page", "wrong", "poll"), (3, 2, 2, 1, 1, 1, 1, 3))[0]
            key = ledger.new(most=rng.choice((48, 96, 320)))
            picture = ledger.sent.pop(key)
            picture_fields = {"Content_Type": "image/jpeg"}
            if kind == "job":
                return service.request("POST", "/v1/jobs", picture, **picture_fields), (202, 429)
            if kind == "deblur":
                return service.request("POST", "/v1/deblur", picture, **picture_fields), (200, 429)
            if kind == "level":
                return service.request("POST", "/v1/blur-level", picture, **picture_fields), (200,)
            if kind == "wrong":
                return service.request("POST", "/v1/jobs", picture[:60], **picture_fields), (415, 422)
            if kind == "poll":
                known = [j["id"] for j in service.jobs()[:20]]
                return service.request("GET", f"/v1/jobs/{rng.choice(known)}" if known else "/healthz"), (200, 404, 410)
            return service.request("GET", {"list": "/v1/jobs", "metrics": "/metrics", "page": "/"}[kind]), (200,)
        begun, looked = time.monotonic(), 0.0
        first = None
        while (now := time.monotonic() - begun) < seconds:
            (status, _, body), expected = one()
            require(status in expected, f"{status} instead of {expected}: {body[:200]}")
            requests += 1
            if now - looked > seconds / POINTS:
                looked = now
                points.append((now / 60, service.resident() / (1 << 20)))
                if first is None and now > warm:
                    first = descriptors(service.process.pid), threads(service.process.pid)
        last = descriptors(service.process.pid), threads(service.process.pid)
        service.end()
    checked(binary, scratch / "data")
    warmed = [p for p in points if p[0] * 60 > warm]
    grows = slope(warmed)
    require(last[0] <= first[0] + 8, f"descriptors: {first[0]} once warm, {last[0]} at the end")
    require(last[1] <= first[1] + 4, f"threads: {first[1]} once warm, {last[1]} at the end")
    # In minutes nothing but a gross leak shows.
    if seconds >= 3_600:
        require(grows < SLOPE_MIB, f"resident memory grows {grows:.2f} MiB a minute")
    return {"seconds": seconds, "requests": requests, "resident_mib": round(points[-1][1]), "slope_mib_per_minute": round(grows, 3)}
