"""Plot of the load on each limit of AWS by volume, on logarithmic axes."""

import itertools
import math
from collections.abc import Callable, Sequence

from tools.simulate.functions import MAX_CONCURRENCY
from tools.simulate.scale import MAX_READS_PER_SECOND, Scaled
from tools.svg import draw_legend, draw_text, render_svg

COLOURS = {
    "edge_resize": "#1971c2",
    "object_lambda": "#e8590c",
    "regional_resize": "#2b8a3e",
    "s3_trigger": "#868e96",
}

type _Value = Callable[[Scaled], float]

PANELS: tuple[tuple[str, _Value, float], ...] = (
    ("concurrent runs, busiest hour", lambda result: result.peak.needed, MAX_CONCURRENCY),
    ("concurrent runs, empty caches", lambda result: result.start.needed, MAX_CONCURRENCY),
    ("S3 reads per second, busiest hour", lambda result: result.reads_per_second, MAX_READS_PER_SECOND),
    ("S3 reads per second, empty caches", lambda result: result.start_reads_per_second, MAX_READS_PER_SECOND),
)
"""Title, value and limit of each panel."""

_LEFT, _TOP, _WIDTH, _HEIGHT, _GAP_X, _GAP_Y = 60, 76, 300, 170, 76, 64
_MIN_VALUE, _MAX_VALUE = 0.1, 1e6


def render_plot(results: Sequence[Scaled]) -> str:
    """Render four panels with a line for each variant, and a dashed line for the limit."""
    volumes = sorted({result.requests for result in results})
    body = [
        draw_text(10, 22, "Load on the limits of AWS by requests a month", weight="bold"),
        *draw_legend(44, COLOURS),
    ]
    for number, (title, value, limit) in enumerate(PANELS):
        left = _LEFT + (number % 2) * (_WIDTH + _GAP_X)
        top = _TOP + (number // 2) * (_HEIGHT + _GAP_Y)
        body += _panel(left, top, title, volumes)
        height = _y(limit)
        body.append(
            f'<line x1="{left}" x2="{left + _WIDTH}" y1="{top + height:.1f}" y2="{top + height:.1f}" '
            'stroke="black" stroke-dasharray="5 3"/>'
        )
        body.append(draw_text(left + 4, top + height - 4, f"limit {limit:,}"))
        for variant, colour in COLOURS.items():
            points = [(result.requests, value(result)) for result in results if result.variant == variant]
            places = " ".join(
                f"{left + _x(volume, volumes):.1f},{top + _y(amount):.1f}"
                for volume, amount in points
                if amount > _MIN_VALUE
            )
            body.append(f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="2"/>')
    width, height = _LEFT + 2 * _WIDTH + _GAP_X + 20, _TOP + 2 * (_HEIGHT + _GAP_Y) - 10
    return render_svg(width, height, body)


def find_volume(points: Sequence[tuple[float, float]], limit: float) -> float | None:
    """Return the requests a month at which a value reaches a limit; None if no point does.

    Args:
        points: pairs of requests a month and value, in order. Values in between are interpolated. If the
            first value is over the limit, its requests are returned.
        limit: the limit.
    """
    if points[0][1] >= limit:
        return points[0][0]
    for (low, before), (high, after) in itertools.pairwise(points):
        if before < limit <= after:
            share = (limit - before) / (after - before)
            return low + share * (high - low)
    return None


def _panel(left: float, top: float, title: str, volumes: Sequence[float]) -> list[str]:
    shapes = [
        draw_text(left, top - 8, title, weight="bold"),
        f'<rect x="{left}" y="{top}" width="{_WIDTH}" height="{_HEIGHT}" fill="none" stroke="#adb5bd"/>',
    ]
    for exponent in range(math.ceil(math.log10(volumes[0])), math.floor(math.log10(volumes[-1])) + 1):
        place = left + _x(10.0**exponent, volumes)
        shapes.append(draw_text(place, top + _HEIGHT + 16, _power(exponent), anchor="middle"))
    marks = range(math.ceil(math.log10(_MIN_VALUE)), math.floor(math.log10(_MAX_VALUE)) + 1, 2)
    shapes += [draw_text(left - 5, top + _y(10.0**mark) + 4, _power(mark), anchor="end") for mark in marks]
    return shapes


def _power(exponent: int) -> str:
    units = {6: "1 M", 7: "10 M", 8: "100 M", 9: "1 B", 10: "10 B", 11: "100 B"}
    return units.get(exponent, f"{10.0**exponent:,g}")


def _x(volume: float, volumes: Sequence[float]) -> float:
    return _WIDTH * math.log(volume / volumes[0]) / math.log(volumes[-1] / volumes[0])


def _y(value: float) -> float:
    inside = min(max(value, _MIN_VALUE), _MAX_VALUE)
    return _HEIGHT * (1 - math.log(inside / _MIN_VALUE) / math.log(_MAX_VALUE / _MIN_VALUE))
