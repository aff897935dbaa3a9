"""Palettes: at most 256 colours, one of them transparent. GIF requires one, small PNGs profit from one."""

import math
from collections.abc import Sequence

from PIL import Image

from image_core.limits import TimeLimit
from image_core.soft_alpha import quantize_soft_alpha

_OPAQUE_FROM = 128
_MAX_COLOURS = 256
_GREYS = 16
_COLOURS = 255  # One index remains for transparency.

# Maximum number of pixels from which the palette of a still image is computed.
_MEDIAN_CUT_PIXELS = 2_000_000
# Worst cases in seconds on one vCPU: per pixel, and per pixel of the sample.
_QUANTIZING_SECONDS, _MEDIAN_CUT_SECONDS = 50e-9, 1800e-9
# Per pixel of the sample: noise has almost as many colours as pixels.
_MEDIAN_CUT_BYTES = 36

# Pixels of an animation from which its palette is computed.
_SAMPLE_PIXELS = 300_000


def quantizing_seconds(image: Image.Image) -> float:
    """Return the worst case of the seconds for computing the palette of a still image, on one vCPU."""
    pixels = image.width * image.height
    return pixels * _QUANTIZING_SECONDS + min(pixels, _MEDIAN_CUT_PIXELS) * _MEDIAN_CUT_SECONDS


def quantizing_bytes(pixels: int) -> int:
    """Return the memory in bytes that computing the palette of a still image with this many pixels takes."""
    return pixels // _sample_step(pixels) ** 2 * _MEDIAN_CUT_BYTES


def quantize(image: Image.Image) -> Image.Image:
    """Return a still image with a palette of its own, by median cut.

    Against the octree of `quantize_with_shared_palette`, median cut has an SSIM of .981 instead of .957 on
    ten photographs at 427 x 240 and no bands in skies, for 60 ms instead of 1 and 1.6 times the bytes.

    Args:
        image: L, LA, RGB or RGBA.

    Returns:
        L unchanged, other modes as P. With alpha, `info["transparency"]` is the index of transparency.
    """
    if image.mode == "L":
        return image
    indexed = _median_cut(image.convert("RGB"), _COLOURS)
    return _add_transparency(indexed, image) if image.mode in {"LA", "RGBA"} else indexed


def fits_palette(image: Image.Image) -> bool:
    """Return True if a palette holds all colours of the image and is small beside its pixels.

    Args:
        image: L, LA, RGB or RGBA. Grey images need no palette.
    """
    if image.mode not in {"RGB", "RGBA"}:
        return False
    colours = image.getcolors(_MAX_COLOURS)
    return colours is not None and len(image.getbands()) * len(colours) < image.width * image.height


def quantize_with_alpha(image: Image.Image, time_limit: TimeLimit) -> Image.Image:
    """Return a still image with up to 256 colours that have an alpha value each, as a PNG allows.

    Used if the original has a palette, or one bit per pixel. Resized and in full colour such images had 2.7
    to 4.2 times the bytes of the original, quantized 1.0 to 2.0 times. Grey images get 16 shades: the scanned
    page `scan-1bit.png`, resized to 339 x 480, has 0.55 of the bytes then, and a PSNR of 39 dB.

    Args:
        image: L, LA, RGB or RGBA. LA is returned unchanged.
        time_limit: time until the deadline.

    Raises:
        TransformTooSlow: the time is up.
    """
    if image.mode == "LA":
        return image
    if image.mode == "L":
        return _reduce_greys(image)
    return quantize_soft_alpha([image], time_limit)[0] if image.mode == "RGBA" else _median_cut(image, 256)


def quantize_with_shared_palette(images: Sequence[Image.Image]) -> list[Image.Image]:
    """Return the frames of an animation with one palette for all, by octree.

    Pixels that do not change keep their index, so that an encoder can omit them. On four animations the files
    had 0.14 to 0.73 of the bytes of those with a palette per frame, SSIM changed by -.02 to +.015, and
    quantizing took a tenth of the time.

    Args:
        images: L, LA, RGB or RGBA, of one size.

    Returns:
        P; `info["transparency"]` is the index of transparency, even if no pixel has it.
    """
    sample = _sample([image.convert("RGB") for image in images])
    colours = sample.quantize(_COLOURS, Image.Quantize.FASTOCTREE).getpalette() or []
    # The octree leaves duplicates, which slow down Pillow's GIF encoder by half a second.
    distinct = list(dict.fromkeys(zip(*[iter(colours)] * 3, strict=True)))
    palette = Image.new("P", (1, 1))
    palette.putpalette([band for colour in distinct for band in colour])
    return [
        _add_transparency(image.convert("RGB").quantize(palette=palette, dither=Image.Dither.NONE), image)
        for image in images
    ]


def _median_cut(image: Image.Image, colours: int) -> Image.Image:
    """Convert an RGB image to mode P, with a palette that is chosen by median cut.

    The palette of a large image with many colours is computed from a sample, because a pixel of noise takes a
    microsecond and 40 bytes, in one call that nothing can interrupt.
    """
    pixels = image.width * image.height
    if pixels <= _MEDIAN_CUT_PIXELS or image.getcolors(colours):
        return image.quantize(colours)
    step = _sample_step(pixels)
    size = max(1, image.width // step), max(1, image.height // step)
    palette = image.resize(size, Image.Resampling.NEAREST).quantize(colours)
    return image.quantize(palette=palette, dither=Image.Dither.NONE)


def _sample_step(pixels: int) -> int:
    """Return the distance in pixels between the rows and columns whose pixels decide on the palette."""
    return math.ceil(math.sqrt(pixels / _MEDIAN_CUT_PIXELS))


def _reduce_greys(image: Image.Image) -> Image.Image:
    """Return an L image as P with 16 shades, from black to white."""
    step = 255 // (_GREYS - 1)
    indices = image.point([(value + step // 2) // step for value in range(256)])
    reduced = Image.frombytes("P", image.size, indices.tobytes())
    reduced.putpalette(bytes(shade * step for shade in range(_GREYS) for _ in "RGB"))
    return reduced


def _sample(images: Sequence[Image.Image]) -> Image.Image:
    """Return pixels of all frames in one image. Averaging would add colours that no frame has."""
    width, height = images[0].size
    step = max(1, round((width * height * len(images) / _SAMPLE_PIXELS) ** 0.5))
    size = max(1, width // step), max(1, height // step)
    sheet = Image.new("RGB", (size[0], size[1] * len(images)))
    for row, image in enumerate(images):
        sheet.paste(image.resize(size, Image.Resampling.NEAREST), (0, row * size[1]))
    return sheet


def _add_transparency(indexed: Image.Image, image: Image.Image) -> Image.Image:
    """Return the P image with one more colour for the pixels whose alpha is below 128.

    The new colour is a grey that the palette lacks, since Pillow merges equal colours.
    """
    colours = indexed.getpalette() or []
    transparency = len(colours) // 3
    taken = set(zip(*[iter(colours)] * 3, strict=True))
    unused = next(grey for grey in range(256) if (grey, grey, grey) not in taken)
    indexed.putpalette([*colours, unused, unused, unused])
    if image.mode in {"LA", "RGBA"}:
        mask = image.getchannel("A").point([255 * (alpha < _OPAQUE_FROM) for alpha in range(256)], "1")
        indexed.paste(transparency, mask=mask)
    indexed.info["transparency"] = transparency
    return indexed
