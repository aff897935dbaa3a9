"""Invalid options are refused."""

import pytest
from image_core import Box, Fit, Limits, Options, transform


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (Options(box=Box(width=0, height=1)), "1 pixel or more, not 0 x 1"),
        (Options(box=Box(width=1, height=-5)), "1 pixel or more, not 1 x -5"),
        (Options(box=None, limits=Limits(max_bytes=0)), r"not \(0, "),
        (Options(box=None, limits=Limits(max_pixels=0)), r", 0, "),
        (Options(box=None, limits=Limits(max_memory_bytes=0)), r", 0, 1\.0\)"),
        (Options(box=None, limits=Limits(slowdown=0.5)), r", 0\.5\)"),
        (Options(box=None, quality=0), "1 to 100, not 0"),
        (Options(box=None, quality=101), "1 to 100, not 101"),
    ],
)
def test_refused(options: Options, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        transform(b"", options)


def test_what_is_not_said_has_a_default() -> None:
    options = Options(box=None)
    assert (options.output_format, options.quality, options.limits) == (None, 80, Limits())


def test_a_smaller_function_takes_smaller_images() -> None:
    assert Limits.within(1_769) == Limits()
    assert Limits.within(128).max_memory_bytes < Limits.within(512).max_memory_bytes < 512 * 2**20
    assert Limits.within(3_538).slowdown == 1.0
    assert round(Limits.within(512).slowdown, 2) == 3.46


def test_the_words_for_fitting_are_those_of_sharp() -> None:
    assert list(Fit) == ["inside", "cover", "contain", "fill"]
