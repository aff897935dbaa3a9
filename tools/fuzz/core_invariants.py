"""What must hold of every file, whoever wrote it."""

import time
import warnings
from io import BytesIO

from image_core import Box, Fit, ImageError, Picture, Transform, transform
from image_metadata import read_exif
from PIL import Image, ImageSequence

from tools.fuzz.eyes import metadata

_DEADLINE_SECONDS, _GRACE_SECONDS = 0.3, 1.5


def check(data: bytes, wish: Transform) -> str:
    """Transform a file; `answer`, or the name of the error with which it is refused.

    Raises:
        AssertionError: the answer is not as it must be. Whatever else comes out is a fault of the library.
    """
    try:
        picture = transform(data, wish)
    except ImageError as error:
        return type(error).__name__
    assert_sound(picture, wish)
    return "answer"


def check_in_time(data: bytes, wish: Transform) -> str:
    """Transform a file within a deadline of CPU time, as `check`.

    Raises:
        AssertionError: as `check` does, and where a step goes on long after the deadline.
    """
    end = time.process_time() + _DEADLINE_SECONDS
    try:
        picture = transform(data, wish, lambda: end - time.process_time())
        assert_sound(picture, wish)
        outcome = "answer"
    except ImageError as error:
        outcome = type(error).__name__
    late = time.process_time() - end
    assert late < _GRACE_SECONDS, f"{late:.1f} s after the deadline"
    return outcome


def assert_sound(picture: Picture, wish: Transform | None) -> None:
    """Assert that the file decodes as what `picture` says, fits the options, and carries no metadata."""
    with warnings.catch_warnings():
        # Pillow warns of oddities that were in the original and that are no metadata.
        warnings.simplefilter("ignore")
        with Image.open(BytesIO(picture.data)) as image:
            assert image.format == picture.format
            assert image.size == (picture.width, picture.height)
            frames = [frame.size for frame in ImageSequence.Iterator(image)]
            # Pillow counts a picture that only viewers without animation show.
            assert len(frames) - image.info.get("default_image", False) == picture.frames
    if wish:
        assert wish.output_format in {None, picture.format}
        assert wish.box is None or _fits(picture, wish.box, wish.fit)
    assert metadata(picture.data) == set()
    assert read_exif(picture.data) == {}


def _fits(picture: Picture, box: Box, fit: Fit) -> bool:
    sides = [(box.width, box.height), (box.height, box.width)][: 2 if box.turns else 1]
    if fit is Fit.INSIDE:
        return any(picture.width <= width and picture.height <= height for width, height in sides)
    return (picture.width, picture.height) in sides
