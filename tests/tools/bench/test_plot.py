import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest

from tools.bench.conversions import ConversionResult
from tools.bench.plot import BETTER, MAX_RATIO, UNLIKE, WORSE, render_plot

SVG = "{http://www.w3.org/2000/svg}"


def bars(drawing: str, colour: str) -> list[float]:
    """Return the lengths of the bars of a colour."""
    found = ET.fromstring(drawing).iter(f"{SVG}rect")  # noqa: S314 - made by the line before
    return [float(bar.get("width", 0)) for bar in found if bar.get("fill") == colour]


def line(drawing: str) -> float:
    """Return the distance of the first line, which is sharp, from the start of the bars."""
    root = ET.fromstring(drawing)  # noqa: S314 - made by the line before
    left = min(float(bar.get("x", 0)) for bar in root.iter(f"{SVG}rect") if bar.get("x"))
    return min(float(mark.get("x1", 0)) for mark in root.iter(f"{SVG}line")) - left


def test_two_bars_for_each_conversion_as_long_as_the_ratios(
    conversion_result: Callable[..., ConversionResult],
) -> None:
    drawing = render_plot([conversion_result(image_core=(50, 1200, 0.9), sharp=(100, 1000, 0.9))])
    assert bars(drawing, BETTER) == [pytest.approx(line(drawing) * 0.5, abs=0.1)]
    assert bars(drawing, WORSE) == [pytest.approx(line(drawing) * 1.2, abs=0.1)]
    assert ">JPEG photograph to WebP<" in drawing
    assert ">0.50<" in drawing
    assert ">1.20<" in drawing


def test_long_bars_are_cut(conversion_result: Callable[..., ConversionResult]) -> None:
    drawing = render_plot([conversion_result(image_core=(900, 1000, 0.9), sharp=(100, 1000, 0.9))])
    assert bars(drawing, WORSE) == [pytest.approx(line(drawing) * MAX_RATIO, abs=0.1)]
    assert ">9.00<" in drawing


def test_without_npm_the_plot_has_no_bars(conversion_result: Callable[..., ConversionResult]) -> None:
    drawing = render_plot([conversion_result(image_core=(50, 1200, 0.9), pyvips=(100, 1000, 0.9))])
    assert bars(drawing, BETTER) == bars(drawing, WORSE) == []


def test_bytes_at_another_likeness_are_grey(conversion_result: Callable[..., ConversionResult]) -> None:
    drawing = render_plot([conversion_result("GIF", image_core=(50, 500, 0.95), sharp=(100, 1000, 0.93))])
    assert len(bars(drawing, BETTER)) == len(bars(drawing, UNLIKE)) == 1
    assert (
        len(
            bars(
                render_plot([conversion_result(image_core=(50, 500, 0.933), sharp=(100, 1000, 0.93))]), UNLIKE
            )
        )
        == 0
    )
