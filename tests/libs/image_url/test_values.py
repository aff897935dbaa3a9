"""The text of single values."""

import pytest
from image_url import Gravity, parse_gravity


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("northwest", (0, 0)),
        ("north", (50, 0)),
        ("northeast", (100, 0)),
        ("west", (0, 50)),
        ("center", (50, 50)),
        ("east", (100, 50)),
        ("southwest", (0, 100)),
        ("south", (50, 100)),
        ("southeast", (100, 100)),
    ],
)
def test_names_of_points(text: str, point: tuple[int, int]) -> None:
    assert parse_gravity(text) == Gravity(*point)
