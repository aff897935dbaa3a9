"""libvips through pyvips: thumbnail and savers with their defaults."""

import pyvips

from tools.bench.sides.protocol import Options, serve

pyvips.cache_set_max(0)  # every run must do the work again


def transform(data: bytes, options: Options) -> bytes:
    """Transform like image_core: never enlarge, transpose upright, drop metadata, keep a JPEG progressive."""
    loader = "[n=-1]" if options.animated else ""
    image = pyvips.Image.thumbnail_buffer(
        data, options.width, height=options.height, size="down", option_string=loader
    )
    made: bytes
    match options.format:
        case "JPEG":
            interlace = image.get_typeof("interlaced") != 0
            made = image.jpegsave_buffer(Q=options.quality, keep="icc", interlace=interlace)
        case "WEBP":
            made = image.webpsave_buffer(Q=options.quality, lossless=options.lossless, keep="icc")
        case "AVIF":
            made = image.heifsave_buffer(Q=options.quality, compression="av1", keep="icc")
        case "PNG":
            made = image.pngsave_buffer(palette=options.palette, keep="icc")
        case "GIF":
            made = image.gifsave_buffer(keep="icc")
    return made


serve(transform)
