"""Decode and encode AVIF by libavif, without Pillow's plugin.

The plugin reads EXIF with a module for TIFF that no function has, sets the number of threads by the machine,
which changes the bytes of encoded images, and copies all frames of an animation.
"""

import math
import struct
from collections.abc import Iterator, Sequence

from image_format.avif import read_header
from image_format.boxes import Box, boxes
from PIL import Image, _avif

from image_core.content import is_graphic, loses_colour
from image_core.errors import NotAnImage
from image_core.limits import TimeLimit
from image_core.orient import TRANSPOSES
from image_core.source import DecodedFrame, Frame, Size, decoder_errors, have_alpha

_THREADS = 1
_CODEC = "auto"
_MILLISECONDS = 1_000
# Maximum pixels of a frame, and speed of the encoder (0 to 10). At the SSIM of a WebP of quality 80, twelve
# photographs of 1280 x 720 that were not used to choose took 0.59 of its time with speed 9, in 0.89 of its
# bytes. On others, speed 8 took three times as long for 8 % fewer bytes, speed 6 ten times for 15 %. Small
# images of 427 x 240 take 20 ms with speed 8, 2.6 times as long as the WebP, in 0.85 of its bytes.
_SPEEDS = ((200_000, 8), (math.inf, 9))
# Maximum pixels of a still graphic, and its speed. At equal settings drawings had 0.25 to 0.54 of the bytes,
# and a cut-out photograph 0.9, with a PSNR 0.1 to 1.1 dB higher, in 2 to 6 times the time: 50 ms for
# 540 x 300 pixels, 95 for 900 x 500. Speed 6 takes twice as long for 0.98 to 1.01 of the bytes. The encoder's
# tools for screen content take twice as long, too, for 0.95 to 1.00.
_MAX_GRAPHIC_PIXELS, _GRAPHIC_SPEED = 2_000_000, 7
# 0 instead of libavif's 7: 0.965 of the bytes at equal SSIM. 24 other settings of the encoder gained nothing
# in the same time.
_ENCODER_OPTIONS = (("sharpness", "0"),)
# Worst cases on one vCPU, of noise with alpha: that of 12 bits a sample took 290 ns for a pixel of 6 bytes.
_DECODING_PIXEL_SECONDS, _DECODING_BYTE_SECONDS = 50e-9, 50e-9
_ENCODING_PIXEL_SECONDS = 1500e-9
_MAX_FRAME_MS = 2**31 - 1
# Boxes with two dates behind version and flags (ISO/IEC 14496-12, 8.2.2, 8.3.2 and 8.4.2).
_VERSION_1 = 1 << 24
_DATED, _DATES_AT = frozenset({b"mvhd", b"tkhd", b"mdhd"}), 4
# Offset of the duration of the movie and of a track, all repetitions included.
_DURATIONS_AT = {b"mvhd": 24, b"tkhd": 28}
_MAX_DURATION = 2**64 - 1  # means "without end"


class AvifDecoder:
    """Decodes a still image or the frames of an animation.

    Args:
        data: bytes of the file.
        time_limit: time until the deadline.

    Raises:
        NotAnImage: the container breaks the rules, or states another size than the decoder.

    Attributes:
        size: width and height of the part that is displayed, in pixels, before the transpose.
        mode: L, RGB or RGBA.
        frames_in_file: number of frames.
        icc_profile: ICC profile; None if there is none.
        transpose: operation that brings the image upright.
        frame_count: number of frames to decode.
    """

    def __init__(self, data: bytes, time_limit: TimeLimit) -> None:
        self._decoder = _avif.AvifDecoder(data, _CODEC, _THREADS)
        self._time_limit = time_limit
        self.mode: str
        self.frames_in_file: int
        self.icc_profile: bytes | None
        self._coded_size: Size
        self._coded_size, self.frames_in_file, self.mode, self.icc_profile, *_ = self._decoder.get_info()
        header = read_header(data)
        self.transpose = TRANSPOSES.get(header.orientation)
        if self._coded_size != header.size:
            raise NotAnImage
        # libavif reports a crop, but does not apply it.
        self._crop = header.crop
        self.size: Size = header.cropped_size
        self.frame_count = 1
        width, height = self._coded_size
        self._frame_seconds = width * height * _DECODING_PIXEL_SECONDS + len(data) * _DECODING_BYTE_SECONDS

    def frames(self) -> Iterator[DecodedFrame]:
        """Yield the frames; see `Decoder`."""
        for number in range(self.frame_count):
            self._time_limit.check(self._frame_seconds)
            with decoder_errors():
                pixels, timescale, _, duration = self._decoder.get_frame(number)
                image = Image.frombytes(self.mode, self._coded_size, pixels)
                image = image.crop(self._crop) if self._crop else image
                duration_ms = _MILLISECONDS * duration / timescale if self.frame_count > 1 else 0
            yield DecodedFrame(image=image, transpose=self.transpose, duration_ms=duration_ms)


def encode_avif(frames: Sequence[Frame], loop_count: int, quality: int, time_limit: TimeLimit) -> bytes:
    """Return the file of a still or animated AVIF.

    Args:
        frames: L, LA, RGB or RGBA, of one size.
        loop_count: number of times that an animation is played; 0: forever.
        quality: 1 to 100, on the scale of libavif.
        time_limit: time until the deadline. A frame is encoded only if its worst case fits.

    Raises:
        OSError, ValueError: the encoder rejects a frame.
        TransformTooSlow: encoding would not be finished in time.
    """
    size = frames[0].image.size
    mode = "RGBA" if have_alpha(frames) else frames[0].image.mode
    subsampling = _choose_subsampling(frames)
    speed = _choose_speed(frames)
    tile_rows, tile_columns, premultiplied, automatic_tiles, upright = 0, 0, False, True, 1
    encoder = _avif.AvifEncoder(
        size,
        subsampling,
        quality,
        speed,
        _THREADS,
        _CODEC,
        "full",
        tile_rows,
        tile_columns,
        premultiplied,
        automatic_tiles,
        frames[0].profile_bytes or b"",
        b"",
        upright,
        b"",
        _ENCODER_OPTIONS,
    )
    for frame in time_limit.pace(frames, len(frames), size[0] * size[1] * _ENCODING_PIXEL_SECONDS):
        pixels = frame.image.convert(mode).tobytes()
        encoder.add(pixels, min(round(frame.duration_ms), _MAX_FRAME_MS), size, mode, len(frames) == 1)
    data: bytes | None = encoder.finish()
    if data is None:
        raise OSError("the encoder returned no file")
    return _finish_animation(data, loop_count) if len(frames) > 1 else data


def _choose_speed(frames: Sequence[Frame]) -> int:
    image = frames[0].image
    pixels = image.width * image.height
    if len(frames) == 1 and pixels <= _MAX_GRAPHIC_PIXELS and is_graphic(image):
        return _GRAPHIC_SPEED
    return next(speed for max_pixels, speed in _SPEEDS if pixels <= max_pixels)


def _choose_subsampling(frames: Sequence[Frame]) -> str:
    if all(frame.image.mode in {"L", "LA"} for frame in frames):
        return "4:0:0"
    return "4:4:4" if len(frames) == 1 and loses_colour(frames[0].image) else "4:2:0"


def _finish_animation(data: bytes, loop_count: int) -> bytes:
    """Return an animation without the time of its creation, and with its loop count.

    Pillow cannot set the loop count. libavif writes the largest number as the duration of an animation that
    is repeated without end. For other loop counts, the duration is that of all frames times the loop count
    (ISO/IEC 14496-12, 8.6.6, and AV1 Image File Format, 7).
    """
    view, result = memoryview(data), bytearray(data)
    found = {each.name: each for each in boxes(view)}
    movie = [*boxes(view, found[b"moov"])]
    inner = [[*boxes(view, track)] for track in movie if track.name == b"trak"]
    nested = {b"edts", b"mdia"}
    deeper = [each for track in inner for box in track if box.name in nested for each in boxes(view, box)]
    for box in [*movie, *(each for track in inner for each in track), *deeper]:
        duration_at = _DURATIONS_AT.get(box.name)
        if box.name in _DATED:
            struct.pack_into(">QQ", result, box.start + _DATES_AT, 0, 0)
        if loop_count and box.name == b"elst":
            struct.pack_into(">I", result, box.start, _VERSION_1 | (loop_count > 1))
        if loop_count and duration_at:
            duration = min(loop_count * _segment(view, deeper), _MAX_DURATION)
            struct.pack_into(">Q", result, box.start + duration_at, duration)
    return bytes(result)


def _segment(view: memoryview, found: Sequence[Box]) -> int:
    """Return the duration of all frames, from an edit list (ISO/IEC 14496-12, 8.6.6)."""
    (start, *_) = (box.start for box in found if box.name == b"elst")
    return int.from_bytes(view[start + 8 : start + 16])
