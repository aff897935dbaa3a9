"""An opened image file, which yields its frames."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple, Protocol

from image_format import Format
from PIL import Image

from image_core.errors import ImageError, NotAnImage, TooManyPixels, TooMuchMemory
from image_core.icc import Profile
from image_core.limits import TimeLimit

type Size = tuple[int, int]
type SourceBox = tuple[float, float, float, float]


class DecodedFrame(NamedTuple):
    """A frame as its decoder leaves it.

    Attributes:
        image: L, LA, RGB, RGBA or CMYK, as stored: not yet transposed.
        transpose: operation that brings the frame upright; None if it is upright.
        duration_ms: display time in milliseconds; 0 for a still image.
    """

    image: Image.Image
    transpose: Image.Transpose | None
    duration_ms: float


class Frame(NamedTuple):
    """A frame between decoder and encoder.

    Attributes:
        image: L, LA, RGB, RGBA or CMYK; CMYK only until the colours are converted.
        profile: ICC profile of the samples, to be embedded; None: sRGB.
        duration_ms: display time in milliseconds; 0 for a still image.
    """

    image: Image.Image
    profile: Profile | None
    duration_ms: float

    @property
    def profile_bytes(self) -> bytes | None:
        """The ICC profile as it is embedded; None if there is none."""
        return self.profile.data if self.profile else None


def have_alpha(frames: Sequence[Frame]) -> bool:
    """Return True if a frame has a pixel that is not opaque: opaque alpha channels were dropped before."""
    return any(frame.image.mode in {"LA", "RGBA"} for frame in frames)


class Decoder(Protocol):
    """Decodes the frames of one file."""

    def frames(self) -> Iterator[DecodedFrame]:
        """Yield the frames in the order of display, each composed with the ones before it.

        Raises:
            NotAnImage: the file is damaged.
            TooLarge: decoding needs more pixels or memory than is available.
            TransformTooSlow: the time is up.
        """


class Source(NamedTuple):
    """An opened file, still or animated. No pixel is decoded yet.

    Attributes:
        format: format of the file, detected from its content.
        size: width and height in pixels, as stored.
        decoder: yields the frames.
        decoding_bytes: estimate of the memory that decoding takes at most.
        profile: ICC profile of the samples; None: sRGB.
        time_limit: time until the deadline.
        frame_count: number of frames; 1 for a still image, or if the output cannot hold an animation.
        loop_count: number of times that an animation is played; 0: forever.
        has_alpha: False if all pixels are known to be opaque.
        draft_box: area of the image within the decoded pixels. None: all of them.
        has_palette: True if the pixels are indices into a palette.
        is_progressive: True for a progressive JPEG.
        is_within_canvas: False if a frame extends beyond the canvas.
        transpose: operation that brings the image upright, if the header has an orientation.
        has_late_orientation: True if the orientation may follow the pixels, as in a PNG.
    """

    format: Format
    size: Size
    decoder: Decoder
    decoding_bytes: int
    profile: Profile | None
    time_limit: TimeLimit
    frame_count: int = 1
    loop_count: int = 0
    has_alpha: bool = True
    draft_box: SourceBox | None = None
    has_palette: bool = True
    is_progressive: bool = False
    is_within_canvas: bool = True
    transpose: Image.Transpose | None = None
    has_late_orientation: bool = False

    @property
    def possible_transposes(self) -> tuple[Image.Transpose | None, ...]:
        """The transpose; before the orientation is read, one for each possible size of the upright image."""
        return (None, Image.Transpose.ROTATE_90) if self.has_late_orientation else (self.transpose,)


@contextmanager
def decoder_errors() -> Iterator[None]:
    """Convert each exception of a decoder into an `ImageError`.

    Decoders raise OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error, KeyError,
    AttributeError and more for damaged files, and Pillow does not document which. Therefore all exceptions
    are caught, and only code that reads files runs within this context.

    Raises:
        NotAnImage: the decoder failed.
        TooManyPixels: the image exceeds Pillow's own limit.
        TooMuchMemory: the decoder could not allocate memory.
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
        raise NotAnImage from error
