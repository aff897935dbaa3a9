"""Plot of time by size. The SVG is written as text: a few bars do not justify a dependency."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from tools.bench.images import FORMATS, SIZES, Measurements
from tools.bench.ratios import compare
from tools.bench.report import list_sides
from tools.bench.worker import DOCUMENTED

_COLOURS = {"image_core": "#d9480f", "sharp": "#2f9e44", "pyvips": "#1971c2"}
_WIDTH, _PANEL_HEIGHT, _LEFT, _TOP = 860, 250, 48, 56
_BAR, _GAP = 22, 26


def render_plot(measurements: Measurements) -> str:
    """Render a panel per output format with bars by size and side, relative to the documented original."""
    sides = [side for side in list_sides(measurements) if side in _COLOURS]
    height = _TOP + _PANEL_HEIGHT * len(FORMATS)
    body = [_legend(sides)]
    for number, output_format in enumerate(FORMATS):
        body += _panel(measurements, sides, output_format, _TOP + number * _PANEL_HEIGHT)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" '
        f'font-size="12">\n<rect width="{_WIDTH}" height="{height}" fill="white"/>\n'
        + "\n".join(body)
        + "\n</svg>\n"
    )


def _legend(sides: Sequence[str]) -> str:
    texts = [_text(_LEFT, 20, "Time relative to the documented original (the line), by size", weight="bold")]
    for number, side in enumerate(sides):
        left = _LEFT + number * 110
        texts.append(f'<rect x="{left}" y="30" width="10" height="10" fill="{_COLOURS[side]}"/>')
        texts.append(_text(left + 15, 39, side))
    return "\n".join(texts)


def _panel(measurements: Measurements, sides: Sequence[str], output_format: str, top: int) -> list[str]:
    floor, unit = top + _PANEL_HEIGHT - 34, (_PANEL_HEIGHT - 60) / 1.25  # pixels for a ratio of 1
    line = floor - unit
    shapes = [
        _text(_LEFT, top + 12, f"JPEG to {output_format}", weight="bold"),
        f'<line x1="{_LEFT}" x2="{_WIDTH - 10}" y1="{line:.1f}" y2="{line:.1f}" stroke="black"/>',
        f'<line x1="{_LEFT}" x2="{_WIDTH - 10}" y1="{floor}" y2="{floor}" stroke="#999"/>',
        _text(_LEFT - 28, line + 4, "1.0"),
    ]
    for number, (size, (width, height)) in enumerate(SIZES.items()):
        left = _LEFT + 6 + number * (_BAR * len(_COLOURS) + _GAP)
        shapes.append(_text(left, floor + 16, f"{size} {width}x{height}"))
        cases = [case for case in measurements[DOCUMENTED] if case[1:] == (size, output_format)]
        for place, side in enumerate(sides):
            ratio = compare(measurements[side], measurements[DOCUMENTED], cases).time
            shapes += _bar(left + place * _BAR, floor, ratio, unit, _COLOURS[side])
    return shapes


def _bar(left: float, floor: float, ratio: float, unit: float, colour: str) -> list[str]:
    shown = min(ratio, 1.25) * unit
    return [
        f'<rect x="{left}" y="{floor - shown:.1f}" width="{_BAR - 2}" height="{shown:.1f}" fill="{colour}"/>',
        f'<text x="{left + 1}" y="{floor - shown - 3:.1f}" font-size="9">{ratio:.2f}</text>',
    ]


def _text(left: float, base: float, text: str, *, weight: str = "normal") -> str:
    return f'<text x="{left}" y="{base:.1f}" font-weight="{weight}">{escape(text)}</text>'
