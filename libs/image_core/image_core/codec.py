"""The interface between the pipeline and the module of each format: `Codec` and its arguments."""

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from image_format import Format

from image_core.limits import TimeLimit, max_frames
from image_core.options import Options
from image_core.source import Frame, Size, Source


class Request(NamedTuple):
    """Parameters of opening a file.

    Attributes:
        options: options of the transform, with its limits.
        time_limit: time until the deadline.
        format: format of the file.
        output: format to encode.
    """

    options: Options
    time_limit: TimeLimit
    format: Format
    output: Format

    @property
    def is_animated(self) -> bool:
        """True if both formats can hold an animation, so that all frames are decoded."""
        return self.format.animates and self.output.animates

    @property
    def max_frames(self) -> int:
        """Number of frames after which parsing may stop."""
        return max_frames(self.options.limits) if self.is_animated else 1


class Encoding(NamedTuple):
    """How the frames are encoded.

    Attributes:
        format: format of the file.
        quality: 1 to 100 on the scale of libjpeg; in a call of `Codec.encode` on the scale of that encoder.
        progressive: True for a progressive JPEG.
        palette: True for a PNG with a palette, shared by all frames.
        loop_count: number of times that an animation is played; 0: forever.
    """

    format: Format
    quality: int
    progressive: bool
    palette: bool
    loop_count: int


class Codec(NamedTuple):
    """How a format is opened and encoded. The figures of memory are bytes per pixel, as in `memory`.

    Attributes:
        open: returns a source whose decoding is within the limits. Any exception of a decoder may leave the
            function, so that callers use `decoder_errors`.
        encode: returns the file with frames of one size, in modes that `modes` lists. It checks the time
            limit before each call into C that nothing interrupts, and may raise OSError, ValueError or
            RuntimeError if the encoder rejects the image.
        encoding_bytes: memory for the finished image, copies in other modes, buffers and the file.
        encoding_alpha_bytes: additional memory for an image with alpha.
        encoding_frame_bytes: additional memory for each frame of an animation. Frames are kept until the last
            one is finished, as images and in the encoder's own representation.
        lossless_bytes: returns the bytes for encoding an image of a size without loss, if the encoder of a
            lossy format tries that and may need more than the figures above.
        border_pixels: width of the border that the encoder keeps around each frame of an animation.
        modes: those of Pillow's modes L, LA, RGB and RGBA that a file can hold.
        settings: the encoder's settings for the `QUALITIES` of `quality`; empty for a format without quality.
        count_frames: returns the number of frames of a file. None: Pillow counts.
    """

    open: Callable[[bytes, Request], Source]
    encode: Callable[[Sequence[Frame], Encoding, TimeLimit], bytes]
    encoding_bytes: int
    encoding_alpha_bytes: int = 0
    encoding_frame_bytes: int = 0
    lossless_bytes: Callable[[Size], int] | None = None
    border_pixels: int = 0
    modes: Collection[str] = ("L", "LA", "RGB", "RGBA")
    settings: Sequence[int] = ()
    count_frames: Callable[[bytes, TimeLimit], int] | None = None

    @property
    def is_lossy(self) -> bool:
        """True if the encoder has a quality setting."""
        return bool(self.settings)
