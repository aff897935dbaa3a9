"""From finished frames to the bytes of a file, which hold pixels, an ICC profile, timing and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from image_header import Format
from PIL import Image

from image_core.animate import animation_options, with_alpha_flag
from image_core.bmp import bmp_with_alpha
from image_core.errors import ImageError
from image_core.frames import Frame
from image_core.palette import paletted, paletted_with_alpha


@dataclass(frozen=True, kw_only=True, slots=True)
class Encoding:
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


def encoded(frames: Sequence[Frame], encoding: Encoding) -> bytes:
    """The file.

    Raises:
        ImageError: the encoder refuses the picture.
    """
    image = frames[0].image
    options = _options(encoding, frames[0].icc_profile)
    if len(frames) > 1:
        image, more = animation_options(frames, encoding.format, encoding.plays)
        options |= more
    elif encoding.format is Format.GIF:
        image = paletted(image)
    elif encoding.format is Format.PNG and encoding.palette:
        image = paletted_with_alpha(image)
    elif encoding.format is Format.BMP and image.mode == "RGBA":
        return bmp_with_alpha(image)
    file = BytesIO()
    try:
        image.save(file, format=encoding.format, **options)
    except (OSError, ValueError) as error:
        # Such as a WebP whose first partition overflows.
        raise ImageError(f"The picture cannot be written as {encoding.format}.") from error
    if len(frames) > 1 and encoding.format is Format.WEBP:
        return with_alpha_flag(file.getvalue(), frames)
    return file.getvalue()


def frames_in(data: bytes, file_format: Format) -> int:
    """How many frames a file holds that was made here. Encoders join frames that look the same."""
    frames: int = getattr(Image.open(BytesIO(data), formats=[file_format]), "n_frames", 1)
    return frames


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
