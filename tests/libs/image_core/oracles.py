"""Decoders independent of Pillow: libvips, and numpy for BMP, which libvips cannot read."""

import struct
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyvips

type Pixels = npt.NDArray[np.float64]


@lru_cache(maxsize=1)
def decode_frames(data: bytes) -> tuple[Pixels, ...]:
    """Return all frames, each height x width x RGBA, 0 to 255. libvips reads the first of an APNG.

    The latest frames are kept, since a test checks a derivative in several steps. They are read-only.
    """
    pixels, height = _decode(data)
    pixels.flags.writeable = False
    return tuple(pixels[top : top + height] for top in range(0, len(pixels), height))


def render_srgb(data: bytes) -> Pixels:
    """Return the image on an sRGB screen, after applying its ICC profile."""
    if data[:2] == b"BM":
        return _bmp(data)
    image = _open(data)
    if "icc-profile-data" not in image.get_fields():
        return _rgba(image)
    return _rgba(image.icc_transform("srgb", embedded=True, intent="relative", black_point_compensation=True))


def on_page(rgba: Pixels, page: float) -> Pixels:
    """Return the image composited over a grey page: height x width x RGB."""
    alpha = rgba[..., 3:] / 255
    return np.asarray(rgba[..., :3] * alpha + page * (1 - alpha))


def _decode(data: bytes) -> tuple[Pixels, int]:
    """Return all frames, one below the other, and the height of a frame in pixels."""
    if data[:2] == b"BM":
        pixels = _bmp(data)
        return pixels, len(pixels)
    image = pyvips.Image.new_from_buffer(data, "", n=-1) if _moves(data) else _open(data)
    height = image.get("page-height") if "page-height" in image.get_fields() else image.height
    return _rgba(image), height


def _open(data: bytes) -> pyvips.Image:
    return pyvips.Image.new_from_buffer(data, "")


def _moves(data: bytes) -> bool:
    return data[:3] == b"GIF" or data[8:12] == b"WEBP"


def _rgba(image: pyvips.Image) -> Pixels:
    rgb = image.colourspace("srgb")
    rgba = rgb if rgb.hasalpha() else rgb.addalpha()
    return np.asarray(rgba.cast("uchar").numpy(), dtype=np.float64)


def _bmp(data: bytes) -> Pixels:
    """Decode an uncompressed BMP of 1, 8, 24 or 32 bits per pixel, with rows in either order."""
    (pixels_at,) = struct.unpack_from("<I", data, 10)
    size, width, height, _, depth = struct.unpack_from("<IiiHH", data, 14)
    stride = (width * depth + 31) // 32 * 4
    rows = np.frombuffer(data, np.uint8, stride * abs(height), pixels_at).reshape(abs(height), stride)
    rows = rows[::-1] if height > 0 else rows
    rgba = np.full((abs(height), width, 4), 255.0)
    if depth <= 8:
        numbers = np.unpackbits(rows, axis=1)[:, :width] if depth == 1 else rows[:, :width]
        colours = np.frombuffer(data, np.uint8, pixels_at - 14 - size, 14 + size).reshape(-1, 4)
        rgba[..., :3] = colours[numbers][..., 2::-1]
    else:
        bgra = rows[:, : width * depth // 8].reshape(abs(height), width, depth // 8)
        rgba[..., :3] = bgra[..., 2::-1]
        if depth == 32:
            rgba[..., 3] = bgra[..., 3]
    return rgba
