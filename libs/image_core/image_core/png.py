"""Open and encode a PNG. `apng` prepares files for the decoder, `png_colour` reads their colour space."""

import zlib
from collections.abc import Sequence
from typing import Any

import PIL.PngImagePlugin  # noqa: F401 - importing a plugin registers it
from image_format import Format
from image_format.png import header_of
from PIL import Image

from image_core import apng
from image_core.codec import Codec, Encoding, Request
from image_core.content import is_graphic
from image_core.decode import animated_source, still_source
from image_core.limits import TimeLimit
from image_core.palette import fits_palette, quantize_with_alpha, quantizing_seconds
from image_core.png_colour import png_profile
from image_core.save import round_duration, save, save_animation
from image_core.soft_alpha import quantize_soft_alpha
from image_core.source import Frame, Source

# Level of zlib for PNGs with a palette: 0.987 of the bytes of the default, 6, for 2.5 ms instead of 1. Pillow
# chooses the filter of each row, and none with a palette.
_PALETTE_LEVEL = 9
# Bytes of a smooth gradient, relative to its samples: at most 0.11. Photographs had 0.3 to 0.7.
_MAX_SMOOTH_SHARE = 0.2
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
    """Return the file. Pillow writes it block by block, so only a palette takes long in a single call."""
    images = [frame.image for frame in frames]
    is_still = len(images) == 1
    time_limit.check(quantizing_seconds(images[0]) if is_still and encoding.palette else 0.0)
    if is_still and (encoding.palette or fits_palette(images[0])):
        images = [quantize_with_alpha(images[0], time_limit)]
    elif encoding.palette and not is_still:
        images = quantize_soft_alpha(images, time_limit)
    options: dict[str, Any] = {"icc_profile": frames[0].profile_bytes}
    if is_still:
        return _save_still(images[0], options, time_limit)
    if images[0].mode == "P":
        options["compress_level"] = _PALETTE_LEVEL
    durations_ms = [round_duration(frame.duration_ms, _DURATION_STEPS_MS) for frame in frames]
    options["loop"] = encoding.loop_count
    return save_animation(images, durations_ms, Format.PNG, options, time_limit)


def _save_still(image: Image.Image, options: dict[str, Any], time_limit: TimeLimit) -> bytes:
    """Return the file of a still image, compressed by the strategy of zlib that suits its content.

    The filtered pixels of a photograph rarely repeat, except in runs. With the strategy for runs alone, 16
    photographs in 1280 x 720 and 540 x 540 took 0.26 of the encoder's time (40 instead of 150 ms for the
    larger), in 1.03 of the bytes (0.96 to 1.17); level 4 took 0.51 of the time, in 1.02 of the bytes.
    Graphics would have 1.2 to 2.0 times the bytes, so they keep the default, level 6. Level 9 would take
    110 ms instead of 20 for a graphic, for 0.964 of the bytes.

    Args:
        image: L, LA, RGB, RGBA or P.
        options: of Pillow's encoder.
        time_limit: time until the deadline.
    """
    if image.mode == "P":
        return save(image, Format.PNG, options | {"compress_level": _PALETTE_LEVEL}, time_limit)
    if is_graphic(image):
        return save(image, Format.PNG, options, time_limit)
    data = save(image, Format.PNG, options | {"compress_type": zlib.Z_RLE}, time_limit)
    if len(data) > _MAX_SMOOTH_SHARE * image.width * image.height * len(image.getbands()):
        return data
    return min(data, save(image, Format.PNG, options, time_limit), key=len)


CODEC = Codec(open=_open, encode=_encode, encoding_bytes=9, encoding_frame_bytes=18)
