"""Options, and those of image URLs."""

from io import BytesIO

import pytest
from image_core import AutoFormat, Box, Fit, Format, Limits, Options, make_options, transform
from image_url import Gravity, ImageOptions, OutputFormat
from PIL import Image


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


@pytest.mark.parametrize(
    ("requested", "expected"),
    [
        (ImageOptions(quality=61), Options(box=None, quality=61)),
        (ImageOptions(width=640), Options(box=Box(640, 2**31 - 1, swap_for_portrait=False))),
        (ImageOptions(height=48), Options(box=Box(2**31 - 1, 48, swap_for_portrait=False))),
        (ImageOptions(width=854, height=480, swap_for_portrait=True), Options(box=Box(854, 480))),
        (
            ImageOptions(width=600, height=300, fit=Fit.COVER, gravity=Gravity(30, 70), quality=40),
            Options(
                box=Box(600, 300, swap_for_portrait=False), fit=Fit.COVER, gravity=(0.3, 0.7), quality=40
            ),
        ),
    ],
)
def test_options_of_image_urls(requested: ImageOptions, expected: Options) -> None:
    limits = Limits.within(512)
    assert make_options(requested, limits) == expected._replace(limits=limits, enlarge=False)


def test_a_focal_point_is_the_default_of_gravity() -> None:
    requested = ImageOptions(width=600, height=300, fit=Fit.COVER)
    focal_point = Gravity(0, 100)
    assert make_options(requested, Limits(), focal_point).gravity == (0, 1)
    assert make_options(requested._replace(gravity=Gravity(30, 70)), Limits(), focal_point).gravity == (
        0.3,
        0.7,
    )


@pytest.mark.parametrize("requested", [each for each in OutputFormat if each is not OutputFormat.JSON])
def test_every_format_of_image_urls_can_be_encoded(requested: OutputFormat) -> None:
    made = make_options(ImageOptions(format=requested), Limits()).output_format
    assert isinstance(made, AutoFormat if requested.startswith("auto") else Format)
    assert made.lower() == requested


def test_one_missing_side_of_the_box_does_not_limit_the_image() -> None:
    """A width in `srcset` must be the width of the image, however high it is."""
    options = make_options(ImageOptions(width=16), Limits())
    body = BytesIO()
    Image.new("L", (32, 40_000)).save(body, "PNG")
    image = transform(body.getvalue(), options)
    assert (image.width, image.height) == (16, 20_000)
