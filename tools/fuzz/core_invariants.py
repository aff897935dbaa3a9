"""What must hold of every file, whoever wrote it."""

import time
import warnings
from io import BytesIO

from image_core import Box, EncodedImage, Fit, ImageError, Options, transform
from image_metadata import read_exif
from PIL import Image, ImageSequence

from tools.fuzz.oracles import find_metadata

_DEADLINE_SECONDS, _GRACE_SECONDS = 0.3, 1.5


def check(data: bytes, options: Options) -> str:
    """Transform a file; `answer`, or the name of the error with which it is refused.

    Raises:
        AssertionError: the answer is not as it must be. Whatever else comes out is a fault of the library.
    """
    try:
        derivative = transform(data, options)
    except ImageError as error:
        return type(error).__name__
    assert_sound(derivative, options)
    return "answer"


def check_in_time(data: bytes, options: Options) -> str:
    """Transform a file within a deadline of CPU time, as `check`.

    Raises:
        AssertionError: as `check` does, and where a step goes on long after the deadline.
    """
    end = time.process_time() + _DEADLINE_SECONDS
    try:
        derivative = transform(data, options, lambda: end - time.process_time())
        assert_sound(derivative, options)
        outcome = "answer"
    except ImageError as error:
        outcome = type(error).__name__
    late = time.process_time() - end
    assert late < _GRACE_SECONDS, f"{late:.1f} s after the deadline"
    return outcome


def assert_sound(derivative: EncodedImage, options: Options | None) -> None:
    """Assert that the file decodes as what `image` says, fits the options, and carries no metadata."""
    with warnings.catch_warnings():
        # Pillow warns of oddities that were in the original and that are no metadata.
        warnings.simplefilter("ignore")
        with Image.open(BytesIO(derivative.data)) as image:
            assert image.format == derivative.format
            assert image.size == (derivative.width, derivative.height)
            frames = [frame.size for frame in ImageSequence.Iterator(image)]
            # Pillow counts an image that only viewers without animation show.
            assert len(frames) - image.info.get("default_image", False) == derivative.frames
    if options:
        assert options.output_format in {None, derivative.format}
        assert options.box is None or _fits(derivative, options.box, options.fit)
    assert find_metadata(derivative.data) == set()
    assert read_exif(derivative.data) == {}


def _fits(derivative: EncodedImage, box: Box, fit: Fit) -> bool:
    sides = [(box.width, box.height), (box.height, box.width)][: 2 if box.swap_for_portrait else 1]
    if fit is Fit.INSIDE:
        return any(derivative.width <= width and derivative.height <= height for width, height in sides)
    return (derivative.width, derivative.height) in sides
