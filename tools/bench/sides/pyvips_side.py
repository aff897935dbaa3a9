"""libvips through pyvips: thumbnail and its savers, with their defaults and the same quality."""

import pyvips

from tools.bench.sides.answering import answer

pyvips.cache_set_max(0)  # the same work each time, not a remembered result


def make(data: bytes, width: int, height: int, output_format: str, quality: int) -> bytes:
    """Never enlarges; upright; without metadata; a progressive JPEG stays progressive, as with image_core."""
    image = pyvips.Image.thumbnail_buffer(data, width, height=height, size="down")
    if output_format == "WEBP":
        made: bytes = image.webpsave_buffer(Q=quality, keep="icc")
    else:
        made = image.jpegsave_buffer(Q=quality, keep="icc", interlace=image.get_typeof("interlaced") != 0)
    return made


answer(make)
