"""Encode finished frames into a file that holds pixels, an ICC profile and timing, and nothing else."""

import math
import zlib
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any, NamedTuple

from image_format import Format, for_every_format
from PIL import Image

from image_core.animate import animation_options, encode_animated_webp
from image_core.bmp import bmp_with_alpha
from image_core.clusters import quantize_soft_alpha
from image_core.colour import to_srgb
from image_core.content import is_graphic, loses_colour, squared_error
from image_core.errors import ImageError
from image_core.gif import drop_repeated_headers
from image_core.icc import Profile
from image_core.limits import TimeLimit
from image_core.palette import MEDIAN_CUT_PIXELS, fits_palette, quantize, quantize_with_alpha
from image_core.quality import LOSSY, encoder_setting
from image_core.source import Frame

# Worst cases in seconds per pixel of one call into an encoder, of noise on one vCPU. A progressive JPEG of
# quality 100 took 35 ns. A PNG is written block by block, an animated WebP and an AVIF frame by frame.
_PIXEL_SECONDS: Mapping[Format, float] = for_every_format(
    {
        Format.JPEG: 35e-9,
        Format.PNG: 0.0,
        Format.GIF: 50e-9,
        Format.BMP: 5e-9,
        Format.WEBP: 0.0,  # see _WEBP_EFFORTS
        Format.AVIF: 0.0,
    }
)
# Maximum pixels in all frames, method of libwebp, and seconds per pixel. More pixels are encoded with less
# effort, so that even the largest image is finished in time. Method 2 costs 2 to 5 % in bytes.
_WEBP_EFFORTS = ((16_000_000, 4, 400e-9), (32_000_000, 2, 280e-9), (math.inf, 0, 220e-9))
# Options of a lossless WebP: a fast trial, and the file. If the trial has more than twice the bytes of the
# lossy file, the slow one is longer, too: so it was for 40 of 40 graphics.
_LOSSLESS_TRIAL = {"lossless": True, "method": 0, "quality": 20}
_LOSSLESS = {"lossless": True, "method": 4, "quality": 80}
_MAX_TRIAL_RATIO = 2.0
_LOSSLESS_PIXEL_SECONDS = 4000e-9
# A lossless WebP without metadata begins with its pixels (RFC 9649, 2.6).
_VP8L, _FIRST_CHUNK_AT = b"VP8L", 12
# Retries, and the share of the quality to keep for a share of the bytes, as a power.
_MAX_RETRIES, _QUALITY_POWER = 4, 1.3
# Level of zlib for PNGs with a palette: 0.987 of the bytes of the default, 6, for 2.5 ms instead of 1. In
# full colour level 9 takes 110 to 170 ms instead of 20 to 64, for 0.964 of the bytes of graphics and 0.986 of
# those of photographs. Level 5 saves 30 % of the time for 1.3 to 2.8 % more bytes: the default stays. Pillow
# chooses the filter of each row, and none with a palette.
_PALETTE_LEVEL = 9
# Profiles of a matrix with parametric curves have up to 1 KB, those with sampled curves 4.
_MAX_SMALL_PROFILE_BYTES = 4_096
# Median cut, per pixel of the sample.
_MEDIAN_CUT_SECONDS = 1800e-9


class Encoding(NamedTuple):
    """How the frames are encoded.

    Attributes:
        format: format of the file.
        quality: 1 to 100, on the scale of `quality`.
        progressive: True for a progressive JPEG.
        palette: True for a PNG with a palette, shared by all frames.
        loop_count: number of times that an animation is played; 0: forever.
    """

    format: Format
    quality: int
    progressive: bool
    palette: bool
    loop_count: int


def encode(frames: Sequence[Frame], encoding: Encoding, time_limit: TimeLimit) -> bytes:
    """Return the file with the encoded frames.

    The ICC profile is embedded, unless it is large and would make up more than half of the file: then the
    image is converted to sRGB.

    Raises:
        ImageError: the encoder rejects the image.
        TransformTooSlow: encoding would not be finished in time.
    """
    data = _encode(frames, encoding, time_limit)
    profile = frames[0].profile
    if profile is None or not _outweighs(profile, data, encoding.format):
        return data
    converted = [
        frame._replace(image=to_srgb(frame.image, profile, time_limit), profile=None) for frame in frames
    ]
    return _encode(converted, encoding, time_limit)


def encode_within(
    frames: Sequence[Frame], encoding: Encoding, max_bytes: int, time_limit: TimeLimit
) -> bytes:
    """Return the file, in a lower quality if it would be longer than `max_bytes`.

    The quality is lowered three times at most, and only for a still image in a lossy format. A lossy original
    of a lower quality would otherwise become longer without becoming better.

    Raises:
        ImageError, TransformTooSlow: as in `encode`.
    """
    data = smaller = encode(frames, encoding, time_limit)
    if len(frames) > 1 or encoding.format not in LOSSY:
        return data
    for _ in range(_MAX_RETRIES):
        if len(smaller) <= max_bytes:
            return smaller
        lower = int(encoding.quality * (max_bytes / len(smaller)) ** _QUALITY_POWER)
        encoding = encoding._replace(quality=max(1, lower))
        smaller = encode(frames, encoding, time_limit)
    return smaller if len(smaller) <= max_bytes else data


def count_frames(data: bytes, file_format: Format, time_limit: TimeLimit) -> int:
    """Return the number of frames of a file as Pillow counts them.

    Raises:
        OSError: the default image of an APNG, which only viewers without animation show, is damaged.
        TransformTooSlow: the time is up.
    """
    if file_format is Format.AVIF:
        from image_core.avif import AvifDecoder  # noqa: PLC0415 - see `image_core.avif`

        return AvifDecoder(data, time_limit).frames_in_file
    image = Image.open(time_limit.open_file(data), formats=[file_format])
    frames: int = getattr(image, "n_frames", 1)
    if not image.info.get("default_image"):
        return frames
    image.load()
    return frames - 1  # Pillow counts the default image as a frame.


def _outweighs(profile: Profile, data: bytes, output: Format) -> bool:
    if len(profile.data) <= _MAX_SMALL_PROFILE_BYTES:
        return False
    length = len(zlib.compress(profile.data)) if output is Format.PNG else len(profile.data)
    return length > len(data) - length


def _encode(frames: Sequence[Frame], encoding: Encoding, time_limit: TimeLimit) -> bytes:
    image = frames[0].image
    time_limit.check(_needed_seconds(image, frames, encoding))
    save_options = _save_options(encoding, frames)
    if len(frames) > 1 and encoding.format not in {Format.WEBP, Format.AVIF}:
        image, more = animation_options(
            frames, encoding.format, encoding.loop_count, time_limit, palette=encoding.palette
        )
        save_options |= more
    elif encoding.format is Format.GIF:
        image = quantize(image)
    elif encoding.format is Format.PNG and (encoding.palette or fits_palette(image)):
        image = quantize_with_alpha(image, time_limit)
    elif encoding.format is Format.BMP and image.mode == "RGBA":
        return bmp_with_alpha(image)
    try:
        if len(frames) > 1 and encoding.format is Format.WEBP:
            return _encode_animated_webp(frames, encoding, save_options, time_limit)
        if encoding.format is Format.AVIF:
            from image_core.avif import encode_avif  # noqa: PLC0415 - see `image_core.avif`

            setting = encoder_setting(encoding.quality, Format.AVIF)
            return encode_avif(frames, encoding.loop_count, setting, time_limit)
        if encoding.format is Format.WEBP:
            return _encode_webp(image, encoding, save_options, time_limit)
        if len(frames) > 1 and encoding.format is Format.GIF:
            return _save_animated_gif(image, save_options, time_limit)
        return _save(image, encoding.format, save_options, time_limit)
    except (OSError, ValueError, RuntimeError) as error:
        # One reason is a WebP whose first partition overflows.
        raise ImageError(f"The image cannot be written as {encoding.format}.") from error


def _save_animated_gif(image: Image.Image, save_options: dict[str, Any], time_limit: TimeLimit) -> bytes:
    """Return the shorter of two files.

    With "optimize", Pillow makes unchanged pixels transparent. That interrupts repetitions in frames of which
    most pixels change: without it three animations, resized, had 0.77 to 0.93 of the bytes.
    """
    files = (
        _save(image, Format.GIF, save_options | {"optimize": optimize}, time_limit)
        for optimize in (True, False)
    )
    return drop_repeated_headers(min(files, key=len))


def _needed_seconds(image: Image.Image, frames: Sequence[Frame], encoding: Encoding) -> float:
    """Return the worst case of the longest call into C during which no file or list checks the time."""
    pixels = image.width * image.height
    if encoding.format is Format.WEBP:
        return 0.0 if len(frames) > 1 else pixels * _webp_effort(pixels)[1]
    seconds = pixels * len(frames) * _PIXEL_SECONDS[encoding.format]
    gets_palette = encoding.format is Format.GIF or (encoding.format is Format.PNG and encoding.palette)
    if len(frames) == 1 and gets_palette:
        seconds += pixels * _PIXEL_SECONDS[Format.GIF]
        seconds += min(pixels, MEDIAN_CUT_PIXELS) * _MEDIAN_CUT_SECONDS
    return seconds


def _webp_effort(pixels: int) -> tuple[int, float]:
    return next((method, seconds) for max_pixels, method, seconds in _WEBP_EFFORTS if pixels <= max_pixels)


def _encode_animated_webp(
    frames: Sequence[Frame], encoding: Encoding, save_options: dict[str, Any], time_limit: TimeLimit
) -> bytes:
    """Return an animated WebP, which is lossless for graphics with a palette if that is shorter.

    The drawing `apng-palette-64.png` has 0.53 of the bytes of the lossy file then. Lossless encoding is tried
    if the first frame as a still image becomes lossless.
    """
    lossy = encode_animated_webp(frames, encoding.loop_count, save_options, time_limit)
    first = frames[0].image
    seconds = first.width * first.height * len(frames) * _LOSSLESS_PIXEL_SECONDS
    if not encoding.palette or not is_graphic(first) or not time_limit.leaves(seconds):
        return lossy
    still = _encode_webp(first, encoding, save_options | {"icc_profile": None}, time_limit)
    if not still.startswith(_VP8L, _FIRST_CHUNK_AT):
        return lossy
    images = quantize_soft_alpha([frame.image for frame in frames], time_limit)
    exact = [
        frame._replace(image=image.convert("RGBA" if image.has_transparency_data else "RGB"))
        for frame, image in zip(frames, images, strict=True)
    ]
    lossless = encode_animated_webp(exact, encoding.loop_count, save_options | _LOSSLESS, time_limit)
    return min(lossy, lossless, key=len)


def _encode_webp(
    image: Image.Image, encoding: Encoding, save_options: dict[str, Any], time_limit: TimeLimit
) -> bytes:
    """Return a still WebP, which is lossless if that is shorter and no less like the image.

    An original with a palette gets one again: `diagram-16.png`, resized to 360 x 200, has 0.65 of the bytes
    of the lossy file and a PSNR of 49 instead of 37 dB. In its own size it has 0.24 of the bytes, and
    `scan-1bit.png` 0.09. Resized graphics in full colour are hardly ever shorter without loss.

    Lossless encoding is not tried if the deadline is near.
    """
    lossy = _save(image, Format.WEBP, save_options, time_limit)
    seconds = image.width * image.height * _LOSSLESS_PIXEL_SECONDS
    soft_palette = encoding.palette and image.mode == "RGBA"
    if not (soft_palette or is_graphic(image)) or not time_limit.leaves(seconds):
        return lossy
    reduced = image
    if encoding.palette or fits_palette(image):
        reduced = quantize_with_alpha(image, time_limit)
    elif len(_save(image, Format.WEBP, save_options | _LOSSLESS_TRIAL, time_limit)) > (
        _MAX_TRIAL_RATIO * len(lossy)
    ):
        return lossy
    lossless = _save(reduced, Format.WEBP, save_options | _LOSSLESS, time_limit)
    if len(lossless) >= len(lossy):
        return lossy
    error, lossy_error = (squared_error(image, Image.open(BytesIO(data))) for data in (lossless, lossy))
    return lossless if error <= lossy_error else lossy


def _save(image: Image.Image, output: Format, save_options: dict[str, Any], time_limit: TimeLimit) -> bytes:
    if image.mode == "P" and output is Format.PNG:
        save_options = save_options | {"compress_level": _PALETTE_LEVEL}
    file = time_limit.open_file()
    try:
        image.save(file, format=output, **save_options)
    except OSError:
        if output is not Format.JPEG:
            raise
        # With optimize or progressive, Pillow allocates libjpeg's output buffer up front, one byte per pixel.
        # Noisy images overflow it, so retry without them: then libjpeg writes row by row.
        file = time_limit.open_file()
        image.save(file, format=output, **{**save_options, "optimize": False, "progressive": False})
    return file.getvalue()


def _save_options(encoding: Encoding, frames: Sequence[Frame]) -> dict[str, Any]:
    """Return the options of Pillow's `Image.save` for the format."""
    icc_profile = frames[0].profile.data if frames[0].profile else None
    match encoding.format:
        case Format.JPEG:
            return {
                "quality": encoding.quality,
                "optimize": True,  # 3 to 6 % fewer bytes for 1 to 3 ms
                "progressive": encoding.progressive,
                "subsampling": "4:4:4" if loses_colour(frames[0].image) else "4:2:0",
                "icc_profile": icc_profile,
            }
        case Format.PNG:
            return {"icc_profile": icc_profile}
        case Format.WEBP:
            width, height = frames[0].image.size
            return {
                "quality": encoder_setting(encoding.quality, Format.WEBP),
                "method": _webp_effort(width * height * len(frames))[0],
                "icc_profile": icc_profile,
            }
        case Format.GIF:
            return {"interlace": 0}
        case Format.BMP | Format.AVIF:
            return {}
