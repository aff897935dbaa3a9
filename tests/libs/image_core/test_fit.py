"""Fit.INSIDE: within the box, never enlarged, no side below one pixel."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from image_core import Box, Format, Options, transform
from image_core.fit import fit_inside
from PIL import Image

from tests.libs.image_core.images import file_of, load

UNBOUNDED = 2**31
sides = st.integers(min_value=1, max_value=100_000)


@pytest.mark.parametrize(
    ("size", "box", "fitted"),
    [
        ((4000, 3000), (1280, 720), (960, 720)),
        ((3000, 4000), (1280, 720), (720, 960)),
        ((3000, 3000), (1280, 720), (720, 720)),
        ((6000, 1000), (427, 240), (427, 71)),
        ((1000, 6000), (427, 240), (71, 427)),
        ((427, 240), (427, 240), (427, 240)),
        ((428, 240), (427, 240), (427, 239)),
        ((100, 50), (427, 240), (100, 50)),
        ((1, 1), (427, 240), (1, 1)),
        ((30_000, 1), (427, 240), (427, 1)),
        ((1, 30_000), (427, 240), (1, 427)),
        ((300, 200), (180, 180), (180, 120)),
    ],
)
def test_fitted(size: tuple[int, int], box: tuple[int, int], fitted: tuple[int, int]) -> None:
    assert fit_inside(size, Box(width=box[0], height=box[1]), UNBOUNDED) == fitted


@given(sides, sides, sides, sides)
def test_inside_with_the_same_aspect(width: int, height: int, box_width: int, box_height: int) -> None:
    box = Box(width=box_width, height=box_height)
    room = (box_height, box_width) if height > width else (box_width, box_height)

    new_width, new_height = fit_inside((width, height), box, UNBOUNDED)

    assert 1 <= new_width <= min(width, room[0])
    assert 1 <= new_height <= min(height, room[1])
    scale = min(Fraction(room[0], width), Fraction(room[1], height), Fraction(1))
    for before, after in ((width, new_width), (height, new_height)):
        assert after == 1 or abs(before * scale - after) <= Fraction(1, 2)


@given(sides, sides, st.sampled_from(list(Format)))
def test_no_side_is_longer_than_the_format_can_hold(width: int, height: int, output: Format) -> None:
    assert max(fit_inside((width, height), None, output.max_side)) <= output.max_side


@pytest.mark.parametrize("output", Format)
@pytest.mark.parametrize("size", [(3000, 1), (1, 3000), (1, 1), (2, 1), (5000, 3)])
def test_a_line_keeps_a_pixel(size: tuple[int, int], output: Format) -> None:
    data = file_of(Image.new("RGB", size, "navy"), "PNG")
    derivative = transform(data, Options(box=Box(width=160, height=90), output_format=output))
    assert load(derivative.data).size == (derivative.width, derivative.height)
    assert min(derivative.width, derivative.height) == 1


def test_a_webp_of_an_image_too_long_for_one() -> None:
    data = file_of(Image.new("L", (20_000, 10)), "PNG")
    derivative = transform(data, Options(box=None, output_format=Format.WEBP))
    assert (derivative.width, derivative.height) == (16_383, 8)
