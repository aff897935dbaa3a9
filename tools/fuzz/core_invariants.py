"""Invariants of `image_core.transform` for any file."""

import time
import warnings
from io import BytesIO

from image_core import AutoFormat, Box, EncodedImage, Fit, ImageError, Options, transform
from image_metadata import read_exif
from PIL import Image, ImageSequence

from tools.fuzz.oracles import displayed_size, find_metadata

_DEADLINE_SECONDS, _GRACE_SECONDS = 0.3, 1.5


def check(data: bytes, options: Options) -> str:
    """Transform a file and return the outcome: `image`, or the name of the error.

    Raises:
        AssertionError: the derivative violates an invariant. Any other exception is a fault of the library.
    """
    try:
        derivative = transform(data, options)
    except ImageError as error:
        return type(error).__name__
    assert_sound(derivative, options)
    return "image"


def check_in_time(data: bytes, options: Options) -> str:
    """Transform a file within a deadline of CPU time; otherwise like `check`.

    Raises:
        AssertionError: as in `check`, and if the transform continues long after the deadline.
    """
    end = time.process_time() + _DEADLINE_SECONDS
    try:
        derivative = transform(data, options, lambda: end - time.process_time())
        assert_sound(derivative, options)
        outcome = "image"
    except ImageError as error:
        outcome = type(error).__name__
    late = time.process_time() - end
    assert late < _GRACE_SECONDS, f"{late:.1f} s after the deadline"
    return outcome


def assert_sound(derivative: EncodedImage, options: Options | None) -> None:
    """Assert that a derivative decodes as declared, fits the options, and has no metadata."""
    with warnings.catch_warnings():
        # Pillow warns about oddities of the original that are no metadata.
        warnings.simplefilter("ignore")
        with Image.open(BytesIO(derivative.data)) as image:
            assert image.format == derivative.format
            assert displayed_size(image) == (derivative.width, derivative.height)
            frames = [frame.size for frame in ImageSequence.Iterator(image)]
            # Pillow counts the default image, which only viewers without animation show.
            assert len(frames) - image.info.get("default_image", False) == derivative.frames
    if options:
        assert _is_allowed(derivative, options)
        assert options.box is None or _fits(derivative, options, options.box)
    assert find_metadata(derivative.data) == set()
    assert read_exif(derivative.data) == {}


def _is_allowed(derivative: EncodedImage, options: Options) -> bool:
    if isinstance(options.output_format, AutoFormat):
        return options.output_format.allows(derivative.format)
    return options.output_format in {None, derivative.format}


def _fits(derivative: EncodedImage, options: Options, box: Box) -> bool:
    sides = [(box.width, box.height), (box.height, box.width)][: 2 if box.swap_for_portrait else 1]
    if options.fit is Fit.INSIDE or not options.enlarge:
        return any(derivative.width <= width and derivative.height <= height for width, height in sides)
    return (derivative.width, derivative.height) in sides
