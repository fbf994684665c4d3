"""Curves of training runs as an SVG.

One panel for every key of the JSON lines except step, stage and seconds; one colour for each log. Many points are drawn pale behind their
running mean, few (the validations) with a dot each. The axis of a pale curve is logarithmic where its values span more than a factor of three.
"""
import json
import math
import sys
from html import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 420, 220, 56, 14, 28, 30
COLUMNS = 3
COLOURS = ("#0b6bcb", "#d1480f", "#1c8a4a", "#8a3ab9", "#b08900", "#c2185b")
NOT_CURVES = {"step", "stage", "seconds"}


def read_log(path):
    """key -> [(step, value)]. The last line wins where a resumed run wrote a step again; a line cut short by a kill is skipped."""
    series = {}
    with open(path) as f:
        for line in f:
            try:
                row = json.loads(line)
            except json.JSONDecodeError:
                print(f"{path}: skipped a broken line", file=sys.stderr)
                continue
            for key, value in row.items():
                if key not in NOT_CURVES and isinstance(value, (int, float)) and math.isfinite(value):
                    series.setdefault(key, {})[row["step"]] = value
    return {key: sorted(points.items()) for key, points in series.items()}


def running_mean(points, share=0.05):
    """Mean over the nearest points, a twentieth of the curve on each side."""
    half = max(1, int(len(points) * share))
    for i, (step, _) in enumerate(points):
        near = [v for _, v in points[max(0, i - half):i + half + 1]]
        yield step, sum(near) / len(near)


def ticks(low, high, logarithmic):
    """About four round numbers from low to high."""
    if logarithmic:
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        steps = (1,) if high / low > 1e3 else (1, 2, 5)
        found = [m * 10.0 ** p for p in powers for m in steps if low <= m * 10.0 ** p <= high]
        if len(found) > 1:
            return found
    raw = (high - low) / 4
    unit = 10.0 ** math.floor(math.log10(raw))
    step = next(m * unit for m in (1, 2, 2.5, 5, 10) if m * unit >= raw)
    return [i * step for i in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def spread(values, logarithmic):
    low, high = min(values), max(values)
    if low == high:
        low, high = (low / 2, high * 2) if logarithmic else (low - 1, high + 1)
    return low, high


class Panel:
    """One key of all logs, with its axes."""

    def __init__(self, key, curves):
        self.key, self.curves = key, curves
        values = [v for points in curves.values() for _, v in points]
        self.dots = max(map(len, curves.values())) <= 40
        self.logarithmic = not self.dots and min(values) > 0 and max(values) > 3 * min(values)
        self.low, self.high = spread(values, self.logarithmic)
        steps = [s for points in curves.values() for s, _ in points]
        self.first, self.last = min(min(steps), 0), max(max(steps), 1)

    def x(self, step):
        return LEFT + (step - self.first) / (self.last - self.first) * (WIDTH - LEFT - RIGHT)

    def y(self, value):
        scale = math.log if self.logarithmic else float
        share = (scale(value) - scale(self.low)) / (scale(self.high) - scale(self.low))
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    def polyline(self, points, colour, width, opacity):
        path = " ".join(f"{self.x(s):.1f},{self.y(v):.1f}" for s, v in points)
        return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-opacity="{opacity}"/>'

    def svg(self, names):
        yield f'<text x="{LEFT}" y="18" font-weight="bold">{escape(self.key)}</text>'
        for value in ticks(self.low, self.high, self.logarithmic):
            y = self.y(value)
            yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
            yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.4g}</text>'
        for step in ticks(self.first, self.last, False):
            yield f'<text x="{self.x(step):.1f}" y="{HEIGHT - 12}" text-anchor="middle">{step:g}</text>'
        for name, points in self.curves.items():
            colour = COLOURS[names.index(name) % len(COLOURS)]
            if self.dots:
                yield self.polyline(points, colour, 1.5, 1)
                yield from (f'<circle cx="{self.x(s):.1f}" cy="{self.y(v):.1f}" r="2" fill="{colour}"/>' for s, v in points)
            else:
                yield self.polyline(points, colour, 1, 0.25)
                yield self.polyline(running_mean(points), colour, 1.5, 1)


def draw(logs):
    """logs: name -> series of read_log. The whole SVG as text."""
    names = list(logs)
    keys = dict.fromkeys(key for series in logs.values() for key in series)
    panels = [Panel(key, {n: s[key] for n, s in logs.items() if key in s}) for key in keys]
    rows = math.ceil(len(panels) / COLUMNS)
    legend = "".join(f'<tspan fill="{COLOURS[i % len(COLOURS)]}" dx="12">{escape(n)}</tspan>' for i, n in enumerate(names))
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{COLUMNS * WIDTH}" height="{rows * HEIGHT + 24}" '
           f'font-family="sans-serif" font-size="11" fill="#333">',
           '<rect width="100%" height="100%" fill="#fff"/>', f'<text x="{LEFT - 12}" y="16">{legend}</text>']
    for i, panel in enumerate(panels):
        out += [f'<g transform="translate({i % COLUMNS * WIDTH},{i // COLUMNS * HEIGHT + 24})">', *panel.svg(names), "</g>"]
    return "\n".join(out + ["</svg>", ""])
