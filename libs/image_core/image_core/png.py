"""Open and encode a PNG. `apng` prepares files for the decoder, `png_colour` reads their colour space."""

from collections.abc import Sequence
from typing import Any

import PIL.PngImagePlugin  # noqa: F401 - importing a plugin registers it
from image_format import Format
from image_format.png import header_of

from image_core import apng
from image_core.clusters import quantize_soft_alpha
from image_core.codec import Codec, Encoding, Request
from image_core.decode import animated_source, still_source
from image_core.limits import TimeLimit
from image_core.palette import fits_palette, quantize_with_alpha, quantizing_seconds
from image_core.png_colour import png_profile
from image_core.save import round_duration, save, save_animation
from image_core.source import Frame, Source

# Level of zlib for PNGs with a palette: 0.987 of the bytes of the default, 6, for 2.5 ms instead of 1. In
# full colour level 9 takes 110 to 170 ms instead of 20 to 64, for 0.964 of the bytes of graphics and 0.986 of
# those of photographs. Level 5 saves 30 % of the time for 1.3 to 2.8 % more bytes: the default stays. Pillow
# chooses the filter of each row, and none with a palette.
_PALETTE_LEVEL = 9
# An APNG has a fraction of 16-bit numbers, used here for whole milliseconds if they fit.
_DURATION_STEPS_MS = (1, 10, 100, 1000)


def _open(data: bytes, request: Request) -> Source:
    profile = png_profile(data)
    parsed = apng.parse(data, request.max_frames if request.is_animated else 0)
    if isinstance(parsed, bytes):
        source = still_source(parsed, profile, request)
    else:
        source = animated_source(parsed, profile, request)._replace(has_palette=header_of(data).has_palette)
    return source._replace(has_late_orientation=b"eXIf" in data)


def _encode(frames: Sequence[Frame], encoding: Encoding, time_limit: TimeLimit) -> bytes:
    """Return the file, which Pillow writes block by block, so that only a palette needs time at once."""
    images = [frame.image for frame in frames]
    is_still = len(images) == 1
    time_limit.check(quantizing_seconds(images[0]) if is_still and encoding.palette else 0.0)
    if is_still and (encoding.palette or fits_palette(images[0])):
        images = [quantize_with_alpha(images[0], time_limit)]
    elif encoding.palette and not is_still:
        images = quantize_soft_alpha(images, time_limit)
    options: dict[str, Any] = {"icc_profile": frames[0].profile_bytes}
    if images[0].mode == "P":
        options["compress_level"] = _PALETTE_LEVEL
    if is_still:
        return save(images[0], Format.PNG, options, time_limit)
    durations_ms = [round_duration(frame.duration_ms, _DURATION_STEPS_MS) for frame in frames]
    options["loop"] = encoding.loop_count
    return save_animation(images, durations_ms, Format.PNG, options, time_limit)


CODEC = Codec(open=_open, encode=_encode, encoding_bytes=9, encoding_frame_bytes=18)
