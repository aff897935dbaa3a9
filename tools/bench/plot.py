"""Plot of all conversions."""

from collections.abc import Sequence
from functools import partial

from tools.bench.conversions import ConversionResult
from tools.bench.report import compare_conversion, name_conversion
from tools.bench.worker import SHARP
from tools.svg import draw_text, render_svg

BETTER, WORSE, UNLIKE = "#2b8a3e", "#e8590c", "#adb5bd"
MAX_SSIM_DIFFERENCE = 0.005
"""Files of PNG and GIF, which have no quality, cannot be compared if their likeness differs by more."""

MAX_RATIO = 1.6
"""Longer bars are cut; the number beside them is not."""

_LABELS, _PANEL, _MARGIN, _ROW, _TOP = 250, 270, 50, 22, 78
_draw_text = partial(draw_text, has_edge=True)


def render_plot(results: Sequence[ConversionResult]) -> str:
    """Render a bar for the time and one for the bytes of each conversion, relative to sharp at equal SSIM."""
    compared = [result for result in results if SHARP in result.measurements]
    floor = _TOP + _ROW * len(compared)
    width, height = _LABELS + 2 * (_PANEL + _MARGIN), floor + 14
    body = [
        _draw_text(10, 24, "edge-images compared with sharp, one bar per kind of image", weight="bold"),
        _draw_text(
            10,
            44,
            "Same images, same likeness (SSIM), one core. Shorter is better. Grey: the likeness differs.",
        ),
    ]
    for number, result in enumerate(compared):
        base = _TOP + _ROW * number + 15
        body.append(_draw_text(_LABELS - 10, base, name_conversion(result.conversion), anchor="end"))
    ratios = [compare_conversion(result, SHARP) for result in compared]
    times = [(ratio.time, _choose_colour(ratio.time)) for ratio in ratios]
    sizes = [
        (ratio.size, UNLIKE if abs(ratio.ssim_mean) > MAX_SSIM_DIFFERENCE else _choose_colour(ratio.size))
        for ratio in ratios
    ]
    body += _panel(_LABELS, floor, "time", times)
    body += _panel(_LABELS + _PANEL + _MARGIN, floor, "bytes", sizes)
    return render_svg(width, height, body)


def _choose_colour(ratio: float) -> str:
    return BETTER if round(ratio, 2) <= 1 else WORSE


def _panel(left: int, floor: int, title: str, bars: Sequence[tuple[float, str]]) -> list[str]:
    line = left + _PANEL / MAX_RATIO
    shapes = [
        _draw_text(left, _TOP - 10, title, weight="bold"),
        _draw_text(line, _TOP - 10, "sharp", anchor="middle"),
    ]
    shapes.append(f'<line x1="{line:.1f}" x2="{line:.1f}" y1="{_TOP - 4}" y2="{floor}" stroke="black"/>')
    for number, (ratio, colour) in enumerate(bars):
        top = _TOP + _ROW * number + 3
        length = min(ratio, MAX_RATIO) / MAX_RATIO * _PANEL
        shapes += [
            f'<rect x="{left}" y="{top}" width="{length:.1f}" height="{_ROW - 6}" fill="{colour}"/>',
            _draw_text(left + length + 4, top + 12, f"{ratio:.2f}"),
        ]
    return shapes
