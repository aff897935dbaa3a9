"""libvips through pyvips: thumbnail and its savers, with their defaults and the same quality."""

import pyvips

from tools.bench.sides.answering import answer

pyvips.cache_set_max(0)  # the same work each time, not a remembered result


def make(data: bytes, width: int, height: int, output_format: str, quality: int) -> bytes:
    """Never enlarges; upright; without metadata, as the others."""
    image = pyvips.Image.thumbnail_buffer(data, width, height=height, size="down")
    suffix = {"JPEG": ".jpg", "WEBP": ".webp"}[output_format]
    made: bytes = image.write_to_buffer(suffix, Q=quality, keep="icc")
    return made


answer(make)
