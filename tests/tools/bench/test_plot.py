import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest

from tools.bench.images import FORMATS, SIZES, Measurements
from tools.bench.plot import render_plot

SVG = "{http://www.w3.org/2000/svg}"


def bars(drawing: str, colour: str) -> list[float]:
    """Return the heights of the bars of a colour, without the one of the legend."""
    found = ET.fromstring(drawing).iter(f"{SVG}rect")  # noqa: S314 - made by the line before
    return [float(bar.get("height", 0)) for bar in found if bar.get("fill") == colour][1:]


def test_a_bar_for_each_size_and_format_as_high_as_its_ratio(
    measurements: Callable[..., Measurements],
) -> None:
    drawing = render_plot(
        measurements(documented_original=(100, 1), image_core=(50, 1), sharp=(100, 1), pyvips=(75, 1))
    )
    image_core, sharp = bars(drawing, "#d9480f"), bars(drawing, "#2f9e44")
    assert len(image_core) == len(sharp) == len(SIZES) * len(FORMATS)
    assert image_core[0] / sharp[0] == pytest.approx(0.5, abs=0.01)
    assert ">0.50<" in drawing
    assert ">0.75<" in drawing


def test_long_bars_are_cut(measurements: Callable[..., Measurements]) -> None:
    drawing = render_plot(measurements(documented_original=(100, 1), image_core=(900, 1)))
    assert max(bars(drawing, "#d9480f")) < 250
    assert ">9.00<" in drawing
