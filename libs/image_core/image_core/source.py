"""An opened file, and what goes wrong while it is decoded."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from image_format import Format
from PIL import Image
from PIL.ImageFile import ImageFile

from image_core.animation import Animation
from image_core.clock import Clock
from image_core.errors import ImageError, NotAnImage, TooManyPixels, TooMuchMemory
from image_core.icc import Profile
from image_core.resize import SourceBox

BROKEN = "The image is damaged or incomplete."


class Source(NamedTuple):
    """An opened file.

    Attributes:
        format: what the bytes are, whatever the name said.
        size: width and height as stored.
        frames: 1, or the frames of an animation where they are wanted.
        loop_count: how often the animation is shown; 0: without end.
        file: Pillow's, not loaded; or the patches of a GIF or an animated PNG.
        clock: the time that is left.
        decoding_bytes: the memory that it takes to decode it, at most.
        decoding_seconds: what the longest call takes at most that decodes a part of it.
        profile: what the numbers mean; None: sRGB.
        alpha: whether pixels may be clear.
        box: where the image lies within the pixels that will be decoded, if not everywhere.
        palette: whether its pixels are numbers of colours.
        progressive: whether it is a JPEG of that kind.
        turn: what makes it upright, as far as the header says. A PNG may say it behind the pixels.
    """

    format: Format
    size: tuple[int, int]
    frames: int
    loop_count: int
    file: ImageFile | Animation
    clock: Clock
    decoding_bytes: int
    profile: Profile | None
    decoding_seconds: float = 0.0
    alpha: bool = True
    box: SourceBox | None = None
    palette: bool = True
    progressive: bool = False
    transpose: Image.Transpose | None = None


@contextmanager
def decoding() -> Iterator[None]:
    """Give every failure of a decoder the name of the file's fault.

    Decoders at work on foreign bytes raise OSError, SyntaxError, ValueError, EOFError, struct.error,
    zlib.error, KeyError, AttributeError and more: Pillow promises no set. So all are caught, and only the
    reading of files stands inside.

    Raises:
        NotAnImage: the decoder failed.
        TooManyPixels: there are more than Pillow's own limit.
        TooMuchMemory: it asked for more memory than there is.
    """
    try:
        yield
    except ImageError:
        raise
    except MemoryError as error:
        raise TooMuchMemory("The image needs more memory to be decoded than there is.") from error
    except Image.DecompressionBombError as error:
        raise TooManyPixels("The image has too many pixels to be decoded.") from error
    except Exception as error:
        raise NotAnImage(BROKEN) from error
