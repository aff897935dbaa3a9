"""The steps from bytes to bytes."""

import warnings

from image_core.encode import Encoding, encoded
from image_core.errors import TooManyPixels
from image_core.frames import frames_of, plays_of
from image_core.opening import open_source
from image_core.wish import Picture, Transform


def transform(data: bytes, wish: Transform) -> Picture:
    """Make the picture wished for.

    It comes back upright, inside the box and not enlarged, animated where input and output format can be,
    with its alpha channel and ICC profile as far as the format carries them, and without any other metadata.
    The same bytes and wish give the same bytes.

    Args:
        data: a JPEG, PNG, GIF, BMP or WebP file, recognised by its content.
        wish: what to make of it.

    Raises:
        NotAnImage: empty, of another kind, truncated or corrupt.
        TooManyBytes: longer than the limit.
        TooManyPixels: more pixels, in all frames, than the limit, or than fit in memory.
    """
    with warnings.catch_warnings():
        # Pillow warns of oddities in files; whoever asks for a picture can do nothing about them.
        warnings.simplefilter("ignore")
        try:
            return _transform(data, wish)
        except MemoryError as error:
            raise TooManyPixels("The picture has too many pixels for the memory there is.") from error


def _transform(data: bytes, wish: Transform) -> Picture:
    source = open_source(data, wish)
    output = wish.output_format or source.format
    frames = frames_of(source, wish, output)
    encoding = Encoding(
        format=output,
        quality=wish.quality,
        progressive="progressive" in source.image.info,
        plays=plays_of(source),
    )
    width, height = frames[0].image.size
    return Picture(
        data=encoded(frames, encoding), format=output, width=width, height=height, frames=len(frames)
    )
