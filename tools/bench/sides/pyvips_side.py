"""libvips through pyvips: thumbnail and savers with their defaults and the same quality."""

import pyvips

from tools.bench.sides.protocol import serve

pyvips.cache_set_max(0)  # every run must do the work again


def transform(data: bytes, width: int, height: int, output_format: str, quality: int) -> bytes:
    """Transform like image_core: never enlarge, transpose upright, drop metadata, keep a JPEG progressive."""
    image = pyvips.Image.thumbnail_buffer(data, width, height=height, size="down")
    if output_format == "WEBP":
        made: bytes = image.webpsave_buffer(Q=quality, keep="icc")
    else:
        made = image.jpegsave_buffer(Q=quality, keep="icc", interlace=image.get_typeof("interlaced") != 0)
    return made


serve(transform)
