from pathlib import Path

import pytest

from tools.bench.originals import ANIMATION, PHOTOGRAPH, Kind
from tools.bench.roads import Road, list_cases

ORIGINALS = [Path("a"), Path("b"), Path("c")]


@pytest.mark.parametrize(
    ("content", "output", "cases"),
    [
        (PHOTOGRAPH, "WEBP", ["a L", "a SM", "b L", "b SM", "c L", "c SM"]),
        (PHOTOGRAPH, "AVIF", ["a L", "b SM", "c L"]),
        (ANIMATION, "GIF", ["a XS", "a SXS", "b XS", "b SXS", "c XS", "c SXS"]),
    ],
)
def test_every_original_is_measured_in_boxes_for_its_kind(
    content: str, output: str, cases: list[str]
) -> None:
    road = Road(original=Kind(content=content, format="WEBP"), output=output)
    assert [f"{path} {box}" for path, box in list_cases(road, ORIGINALS)] == cases
