"""Facts about an original as a browser displays it, for pages that reserve its space and show a preview."""

import json
from binascii import b2a_base64
from typing import NamedTuple

from image_format import Format
from image_format.tiff import UPRIGHT
from image_url import Fit

from image_core.limits import Limits, RemainingSeconds, TimeLimit, check_bytes
from image_core.open import open_source
from image_core.options import Box, Options
from image_core.orient import TRANSPOSES, upright_size
from image_core.pipeline import check_result, finish_frames, quiet_pillow
from image_core.thumbhash import MAX_THUMBHASH_SIDE, average_colour, encode_thumbhash

_ORIENTATIONS = {transpose: orientation for orientation, transpose in TRANSPOSES.items()}


class Facts(NamedTuple):
    """Facts about an original. The facts about pixels describe the first frame of an animation.

    Attributes:
        width: width in pixels, as displayed.
        height: height in pixels, as displayed.
        format: format of the file by its content.
        bytes: length of the file.
        frames: number of frames; 1 for a still image.
        orientation: EXIF value 1 to 8 of the stored pixels, which a browser has already applied.
        has_alpha: True if a pixel is not opaque.
        average_color: mean of all pixels in sRGB, weighted by their alpha, such as `#a0b0c0`.
        thumbhash: ThumbHash as Base64.
    """

    width: int
    height: int
    format: Format
    bytes: int
    frames: int
    orientation: int
    has_alpha: bool
    average_color: str
    thumbhash: str

    def to_json(self) -> str:
        """Return the JSON object that `format=json` in an image URL requests."""
        facts = self._asdict()
        width, height = facts.pop("width"), facts.pop("height")
        kind = {"format": facts.pop("format").lower(), "content_type": self.format.content_type}
        return json.dumps({"width": width, "height": height, **kind, **facts})


def read_facts(data: bytes, limits: Limits, remaining_seconds: RemainingSeconds | None = None) -> Facts:
    """Return facts about an image file. One frame is decoded, of a JPEG in a reduced size.

    Args:
        data: a JPEG, PNG, GIF, BMP, WebP or AVIF file. Its format is detected from the content.
        limits: maximum cost of decoding.
        remaining_seconds: returns the seconds until the caller's deadline. None: no deadline.

    Raises:
        ImageError: as in `transform`.
    """
    # The frame is prepared as for a GIF, which has animations and transparency, but no ICC profiles: so all
    # frames of the original are counted, and the pixels are converted to sRGB.
    output = Format.GIF
    box = Box(MAX_THUMBHASH_SIDE, MAX_THUMBHASH_SIDE)
    options = Options(box=box, fit=Fit.INSIDE, output_format=output, limits=limits)
    with quiet_pillow():
        check_bytes(len(data), limits)
        source = open_source(data, options, TimeLimit(remaining_seconds, limits.slowdown))
        check_result(data, source, options, output)
        first = next(source.decoder.frames())
        (frame,) = finish_frames([first], source, options, output)
        rgba = frame.image.convert("RGBA").tobytes()
    width, height = upright_size(source.size, first.transpose)
    colour = "".join(f"{round(255 * part):02x}" for part in average_colour(rgba))
    return Facts(
        width=width,
        height=height,
        format=source.format,
        bytes=len(data),
        frames=source.frame_count,
        orientation=_ORIENTATIONS[first.transpose] if first.transpose is not None else UPRIGHT,
        has_alpha=frame.image.mode.endswith("A"),
        average_color=f"#{colour}",
        thumbhash=b2a_base64(encode_thumbhash(frame.image.size, rgba), newline=False).decode(),
    )
