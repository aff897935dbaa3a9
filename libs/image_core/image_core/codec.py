"""The record that the module of each format fills in: how files are opened and encoded, at which cost."""

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
        """True if both formats can hold an animation, so that all frames are wanted."""
        return self.format.animates and self.output.animates

    @property
    def max_frames(self) -> int:
        """Number of frames after which parsing may stop."""
        return max_frames(self.options.limits) if self.is_animated else 1


class Encoding(NamedTuple):
    """How the frames are encoded.

    Attributes:
        format: format of the file.
        quality: 1 to 100, on the scale of `quality`; for a codec, on that of its encoder.
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
        open: returns a source whose decoding is within the limits. Any error of a decoder may leave it.
        encode: returns the file with frames of one size, in modes that `modes` lists. It checks the time
            limit before each call into C that nothing interrupts, and may raise OSError, ValueError or
            RuntimeError if the encoder rejects the image.
        encoding_bytes: the finished image, copies in other modes, buffers and result of the encoder.
        encoding_alpha_bytes: what an image with alpha takes beyond that.
        encoding_frame_bytes: each frame of an animation, which is kept until the last one is finished, and
            in the encoder's own representation.
        lossless_bytes: returns the bytes for encoding an image of a size without loss, if the encoder of a
            lossy format tries that and may need more than the figures above.
        border_pixels: width of the border that the encoder keeps around each frame of an animation.
        modes: Pillow's modes that a file can hold, of L, LA, RGB and RGBA.
        settings: of the encoder, one for each of `QUALITIES`; none for a format without a quality.
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
