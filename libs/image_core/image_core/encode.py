"""From finished frames to the bytes of a file, which hold pixels, an ICC profile, timing and nothing else."""

import math
import zlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from image_format import Format
from PIL import Image

from image_core.animate import animated_webp, animation_options
from image_core.bmp import bmp_with_alpha
from image_core.clock import Clock
from image_core.colour import to_srgb
from image_core.errors import ImageError
from image_core.frames import Frame
from image_core.gif import drop_repeated_headers
from image_core.icc import Profile
from image_core.palette import MEDIAN_CUT_PIXELS, quantize, quantize_with_alpha

# Seconds of one call of an encoder, for each pixel, on one vCPU, of noise. A progressive JPEG of quality 100
# took 35 ns. A PNG is written block by block, an animated WebP frame by frame.
_SECONDS = {Format.JPEG: 35e-9, Format.PNG: 0, Format.GIF: 50e-9, Format.BMP: 5e-9}
# Up to so many pixels in all frames: the method of libwebp, and its seconds for each pixel. More pixels are
# encoded with less effort, so that even the largest image is made in time. Method 2 costs 2 to 5 % in bytes.
_WEBP_EFFORTS = ((16_000_000, 4, 400e-9), (32_000_000, 2, 280e-9), (math.inf, 0, 220e-9))
# Profiles of a matrix and curves that follow formulas have up to 1 KB, those of points 4.
_LARGE_PROFILE_BYTES = 4_096
# A palette by median cut, for each pixel that it is taken from.
_MEDIAN_CUT_SECONDS = 1800e-9


class Encoding(NamedTuple):
    """How the frames are written.

    Attributes:
        format: of the file.
        quality: 1 to 100, for JPEG and WebP.
        progressive: for JPEG.
        palette: for PNG: whether the image, or all frames together, get one.
        loop_count: how often an animation is shown; 0: without end.
    """

    format: Format
    quality: int
    progressive: bool
    palette: bool
    loop_count: int


def encode(frames: Sequence[Frame], encoding: Encoding, clock: Clock) -> bytes:
    """Return the file. A large ICC profile is applied where it outweighs the image; else it is kept.

    Raises:
        ImageError: the encoder refuses the image.
        DerivationTooSlow
    """
    data = _encode(frames, encoding, clock)
    profile = frames[0].profile
    if profile is None or not _outweighs(profile, data, encoding.format):
        return data
    convert_to_srgb = [
        frame._replace(image=to_srgb(frame.image, profile, clock), profile=None) for frame in frames
    ]
    return _encode(convert_to_srgb, encoding, clock)


def _outweighs(profile: Profile, data: bytes, output: Format) -> bool:
    if len(profile.data) <= _LARGE_PROFILE_BYTES:
        return False
    length = len(zlib.compress(profile.data)) if output is Format.PNG else len(profile.data)
    return length > len(data) - length


def _encode(frames: Sequence[Frame], encoding: Encoding, clock: Clock) -> bytes:
    image = frames[0].image
    clock.check(_needed_seconds(image, frames, encoding))
    options = _options(encoding, frames)
    if len(frames) > 1 and encoding.format is not Format.WEBP:
        image, more = animation_options(
            frames, encoding.format, encoding.loop_count, clock, palette=encoding.palette
        )
        options |= more
    elif encoding.format is Format.GIF:
        image = quantize(image)
    elif encoding.format is Format.PNG and encoding.palette:
        image = quantize_with_alpha(image, clock)
    elif encoding.format is Format.BMP and image.mode == "RGBA":
        return bmp_with_alpha(image)
    try:
        if len(frames) > 1 and encoding.format is Format.WEBP:
            return animated_webp(frames, encoding.loop_count, options, clock)
        data = _save(image, encoding.format, options, clock)
    except (OSError, ValueError, RuntimeError) as error:
        # Such as a WebP whose first partition overflows.
        raise ImageError(f"The image cannot be written as {encoding.format}.") from error
    return drop_repeated_headers(data) if len(frames) > 1 and encoding.format is Format.GIF else data


def _needed_seconds(image: Image.Image, frames: Sequence[Frame], encoding: Encoding) -> float:
    """Return what the longest call into C takes at most before a file or a list can watch the clock."""
    pixels = image.width * image.height
    if encoding.format is Format.WEBP:
        return 0 if len(frames) > 1 else pixels * _webp_effort(pixels)[1]
    seconds = pixels * len(frames) * _SECONDS[encoding.format]
    gets_palette = encoding.format is Format.GIF or (encoding.format is Format.PNG and encoding.palette)
    if len(frames) == 1 and gets_palette:
        seconds += pixels * _SECONDS[Format.GIF] + min(pixels, MEDIAN_CUT_PIXELS) * _MEDIAN_CUT_SECONDS
    return seconds


def _webp_effort(pixels: int) -> tuple[int, float]:
    return next((method, seconds) for most, method, seconds in _WEBP_EFFORTS if pixels <= most)


def count_frames(data: bytes, file_format: Format, clock: Clock) -> int:
    """How many frames a file holds. Encoders join frames that look the same.

    Raises:
        OSError: of an animated PNG the image is damaged that only viewers without animation show.
        DerivationTooSlow
    """
    image = Image.open(clock.file(data), formats=[file_format])
    frames: int = getattr(image, "n_frames", 1)
    if not image.info.get("default_image"):
        return frames
    image.load()
    return frames - 1  # Pillow counts that image


def _save(image: Image.Image, output: Format, options: dict[str, Any], clock: Clock) -> bytes:
    file = clock.file()
    try:
        image.save(file, format=output, **options)
    except OSError:
        if output is not Format.JPEG:
            raise
        # For codes made to measure, and for scans, Pillow gives libjpeg a buffer of its own guess: a byte a
        # pixel, of which noise needs more. Written in rows it needs none.
        file = clock.file()
        image.save(file, format=output, **{**options, "optimize": False, "progressive": False})
    return file.getvalue()


def _options(encoding: Encoding, frames: Sequence[Frame]) -> dict[str, Any]:
    icc_profile = frames[0].profile.data if frames[0].profile else None
    match encoding.format:
        case Format.JPEG:
            return {
                "quality": encoding.quality,
                "optimize": True,  # 3 to 6 % fewer bytes for 1 to 3 ms
                "progressive": encoding.progressive,
                "icc_profile": icc_profile,
            }
        case Format.PNG:
            return {"icc_profile": icc_profile}
        case Format.WEBP:
            width, height = frames[0].image.size
            return {
                "quality": encoding.quality,
                "method": _webp_effort(width * height * len(frames))[0],
                "icc_profile": icc_profile,
            }
        case Format.GIF:
            return {"interlace": 0}
        case Format.BMP:
            return {}
