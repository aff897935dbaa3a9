"""Plot of the cost per million requests by variant and volume, written as text without a library."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from tools.cost.estimate import LINES, Estimate
from tools.cost.report import format_count, per_million

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
        _text(10, 24, "Cost per million requests, US dollars", weight="bold"),
        *_legend(46),
    ]
    top = _TOP
    previous = None
    for item in estimates:
        if item.variant != previous:
            top += 6
            body.append(_text(10, top + 14, item.variant, weight="bold"))
            previous = item.variant
        body.append(_text(_LABELS - 10, top + 14, format_count(item.workload.requests), anchor="end"))
        body += _bar(item, top, _BARS / longest)
        top += _ROW
    width, height = _LABELS + _BARS + 70, top + 10
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        f'font-size="12">\n<rect width="{width}" height="{height}" fill="white"/>\n'
        + "\n".join(body)
        + "\n</svg>\n"
    )


def _legend(base: float) -> list[str]:
    shapes, left = [], 10.0
    for name, colour in dict(GROUPS.values()).items():
        shapes += [
            f'<rect x="{left}" y="{base - 10}" width="12" height="12" fill="{colour}"/>',
            _text(left + 17, base, name),
        ]
        left += 40 + 6.6 * len(name)
    return shapes


def _bar(item: Estimate, top: float, scale: float) -> list[str]:
    shapes, left = [], float(_LABELS)
    for colour in dict.fromkeys(colour for _, colour in GROUPS.values()):
        lines = [line for line in LINES if GROUPS[line][1] == colour]
        length = sum(item.lines[line] for line in lines) / item.workload.requests * 1e6 * scale
        shapes.append(
            f'<rect x="{left:.1f}" y="{top + 3}" width="{length:.1f}" height="{_ROW - 6}" fill="{colour}"/>'
        )
        left += length
    return [*shapes, _text(left + 4, top + 14, f"{per_million(item):.2f}")]


def _text(left: float, base: float, text: str, *, weight: str = "normal", anchor: str = "start") -> str:
    return (
        f'<text x="{left:.1f}" y="{base:.1f}" font-weight="{weight}" text-anchor="{anchor}">'
        f"{escape(text)}</text>"
    )
