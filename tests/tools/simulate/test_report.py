"""Tables and plot of docs/scale.md."""

import json
import re

import pytest

from tools.cost import VARIANTS, Workload
from tools.paths import PROJECT
from tools.simulate import simulate
from tools.simulate.plot import find_volume, render_plot
from tools.simulate.report import render_limits, render_markdown
from tools.simulate.scale import Scaled, simulate_volume

PAGE = (PROJECT / "docs" / "scale.md").read_text("utf-8")


@pytest.fixture(scope="module")
def results() -> list[Scaled]:
    return [result for volume in (1e6, 1.2e6) for result in simulate_volume(Workload.of_volume(volume))]


def test_the_page_has_the_rows_of_this_model(results: list[Scaled]) -> None:
    """If the model changed, `./invokew simulate --docs` writes the page again."""
    for row in render_markdown([result for result in results if result.requests == 1e6]).splitlines():
        assert row in PAGE


def test_every_variant_has_a_line_in_the_plot(results: list[Scaled]) -> None:
    svg = render_plot(results)
    assert all(variant in svg for variant in VARIANTS)
    assert len(re.findall("<polyline", svg)) == 4 * len(VARIANTS)
    assert render_limits(results).count("over 1.2 M") == 4 * len(VARIANTS)


def test_json_has_all_results() -> None:
    document = json.loads(simulate([Workload.of_volume(1e6)], as_json=True))
    assert [item["variant"] for item in document] == list(VARIANTS)
    assert all(0 < item["hit_ratio"] < 1 for item in document)


@pytest.mark.parametrize(
    ("points", "volume"),
    [
        ([(1, 10), (2, 30)], 1.5),
        ([(1, 10), (2, 19)], None),
        ([(1, 5), (2, 10), (4, 40)], 2 + 2 / 3),
        ([(1, 25), (2, 30)], 1),
    ],
)
def test_limits_are_interpolated(points: list[tuple[float, float]], volume: float | None) -> None:
    found = find_volume(points, 20)
    assert found == (None if volume is None else pytest.approx(volume))
