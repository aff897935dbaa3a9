"""A wish that makes no sense cannot be made."""

from collections.abc import Callable

import pytest
from image_core import Box, Limits, Transform


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Box(width=0, height=1), "1 pixel or more, not 0 x 1"),
        (lambda: Box(width=1, height=-5), "1 pixel or more, not 1 x -5"),
        (lambda: Limits(max_bytes=0), r"not \(0, "),
        (lambda: Limits(max_pixels=0), r", 0, "),
        (lambda: Limits(max_memory_bytes=0), r", 0\)"),
        (lambda: Transform(box=None, quality=0), "1 to 100, not 0"),
        (lambda: Transform(box=None, quality=101), "1 to 100, not 101"),
    ],
)
def test_refused(make: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


def test_what_is_not_said_has_a_default() -> None:
    wish = Transform(box=None)
    assert (wish.output_format, wish.quality, wish.limits) == (None, 80, Limits())


def test_a_smaller_function_takes_smaller_pictures() -> None:
    assert Limits.within(1_769) == Limits()
    assert Limits.within(128).max_memory_bytes < Limits.within(512).max_memory_bytes < 512 * 2**20
