"""From finished frames to the bytes of a file, which hold pixels, an ICC profile, timing and nothing else."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from image_header import Format
from PIL import Image

from image_core.animate import animation_options, with_alpha_flag
from image_core.bmp import bmp_with_alpha
from image_core.clock import Clock
from image_core.errors import ImageError
from image_core.frames import Frame
from image_core.gif import with_one_header
from image_core.palette import paletted, paletted_with_alpha

# What an encoder does in one call, for each pixel, on one vCPU, of noise. A PNG is written block by block.
_SECONDS = {Format.JPEG: 30e-9, Format.PNG: 0, Format.GIF: 50e-9, Format.BMP: 5e-9, Format.WEBP: 300e-9}


class Encoding(NamedTuple):
    """How the frames are written.

    Attributes:
        format: of the file.
        quality: 1 to 100, for JPEG and WebP.
        progressive: for JPEG.
        palette: for PNG: whether a still picture gets one.
        plays: how often an animation is shown; 0: without end.
    """

    format: Format
    quality: int
    progressive: bool
    palette: bool
    plays: int


def encoded(frames: Sequence[Frame], encoding: Encoding, clock: Clock) -> bytes:
    """The file.

    Raises:
        ImageError: the encoder refuses the picture.
        DerivationTooSlow
    """
    image = frames[0].image
    clock.check(image.width * image.height * len(frames) * _SECONDS[encoding.format])
    options = _options(encoding, frames[0].icc_profile)
    if len(frames) > 1:
        image, more = animation_options(frames, encoding.format, encoding.plays, clock)
        options |= more
    elif encoding.format is Format.GIF:
        image = paletted(image)
    elif encoding.format is Format.PNG and encoding.palette:
        image = paletted_with_alpha(image)
    elif encoding.format is Format.BMP and image.mode == "RGBA":
        return bmp_with_alpha(image)
    try:
        data = _saved(image, encoding.format, options, clock)
    except (OSError, ValueError) as error:
        # Such as a WebP whose first partition overflows.
        raise ImageError(f"The picture cannot be written as {encoding.format}.") from error
    if len(frames) > 1 and encoding.format is Format.GIF:
        return with_one_header(data)
    return with_alpha_flag(data, frames) if len(frames) > 1 and encoding.format is Format.WEBP else data


def frames_in(data: bytes, file_format: Format, clock: Clock) -> int:
    """How many frames a file holds. Encoders join frames that look the same.

    Raises:
        OSError: of an animated PNG the picture is damaged that only viewers without animation show.
        DerivationTooSlow
    """
    image = Image.open(clock.file(data), formats=[file_format])
    frames: int = getattr(image, "n_frames", 1)
    if not image.info.get("default_image"):
        return frames
    image.load()
    return frames - 1  # Pillow counts that picture


def _saved(image: Image.Image, output: Format, options: dict[str, Any], clock: Clock) -> bytes:
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


def _options(encoding: Encoding, icc_profile: bytes | None) -> dict[str, Any]:
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
            return {
                "quality": encoding.quality,
                "method": 4,
                "minimize_size": True,  # for animations: no key frames between, 0 to 40 % fewer bytes
                "icc_profile": icc_profile,
            }
        case Format.GIF:
            return {"interlace": 0}
        case Format.BMP:
            return {}
