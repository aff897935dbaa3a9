"""Plot of the cost per million requests by variant and volume."""

from collections.abc import Sequence

from tools.cost.estimate import LINES, Estimate
from tools.cost.report import format_count, per_million
from tools.svg import draw_legend, draw_text, render_svg

GROUPS = {
    "transfer to viewers": ("transfer to viewers", "#adb5bd"),
    "requests of viewers": ("requests of viewers", "#868e96"),
    "viewer-request function": ("functions", "#e8590c"),
    "Origin Shield": ("requests of viewers", "#868e96"),
    "function runs, derivative exists": ("functions", "#e8590c"),
    "function runs, making derivatives": ("functions", "#e8590c"),
    "S3 requests": ("S3", "#2b8a3e"),
    "S3 storage of derivatives": ("S3", "#2b8a3e"),
    "invalidations": ("invalidations, logs, monitoring", "#1971c2"),
    "logs": ("invalidations, logs, monitoring", "#1971c2"),
    "monitoring": ("invalidations, logs, monitoring", "#1971c2"),
}
"""Line => group of the plot and its colour."""

_LABELS, _BARS, _ROW, _TOP = 210, 430, 20, 84


def render_plot(estimates: Sequence[Estimate]) -> str:
    """Render a stacked bar for each variant and volume: US dollars per million requests."""
    longest = max(map(per_million, estimates))
    body = [
        draw_text(10, 24, "Cost per million requests, US dollars", weight="bold"),
        *draw_legend(46, dict(GROUPS.values())),
    ]
    top = _TOP
    previous = None
    for item in estimates:
        if item.variant != previous:
            top += 6
            body.append(draw_text(10, top + 14, item.variant, weight="bold"))
            previous = item.variant
        body.append(draw_text(_LABELS - 10, top + 14, format_count(item.workload.requests), anchor="end"))
        body += _bar(item, top, _BARS / longest)
        top += _ROW
    width, height = _LABELS + _BARS + 70, top + 10
    return render_svg(width, height, body)


def _bar(item: Estimate, top: float, scale: float) -> list[str]:
    shapes, left = [], float(_LABELS)
    for colour in dict.fromkeys(colour for _, colour in GROUPS.values()):
        lines = [line for line in LINES if GROUPS[line][1] == colour]
        length = sum(item.lines[line] for line in lines) / item.workload.requests * 1e6 * scale
        shapes.append(
            f'<rect x="{left:.1f}" y="{top + 3}" width="{length:.1f}" height="{_ROW - 6}" fill="{colour}"/>'
        )
        left += length
    return [*shapes, draw_text(left + 4, top + 14, f"{per_million(item):.2f}")]
