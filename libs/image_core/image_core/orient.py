"""Transpose the pixels by the EXIF orientation."""

from image_format.tiff import read_orientation
from PIL import Image

TRANSPOSES = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""Operation that brings an image upright, by its EXIF orientation."""


def transpose_for_orientation(image: Image.Image) -> Image.Transpose | None:
    """Return the transpose for the EXIF orientation; None if the image is upright.

    The EXIF data of a PNG may follow the pixels: before the image is loaded, the result may be None.
    """
    return TRANSPOSES.get(read_orientation(image.info.get("exif", b"")))


def upright_size(size: tuple[int, int], transpose: Image.Transpose | None) -> tuple[int, int]:
    """Return the size as displayed for a size as stored, or the reverse, which swaps the same sides.

    Args:
        size: width and height in pixels.
        transpose: operation that brings the image upright.
    """
    swapping = {
        Image.Transpose.TRANSPOSE,
        Image.Transpose.ROTATE_270,
        Image.Transpose.TRANSVERSE,
        Image.Transpose.ROTATE_90,
    }
    return (size[1], size[0]) if transpose in swapping else size


def stored_point(point: tuple[float, float], transpose: Image.Transpose | None) -> tuple[float, float]:
    """Return the place of a displayed point in the image as stored: 0 to 1, from the upper left corner."""
    x, y = point
    points = {
        None: (x, y),
        Image.Transpose.FLIP_LEFT_RIGHT: (1 - x, y),
        Image.Transpose.ROTATE_180: (1 - x, 1 - y),
        Image.Transpose.FLIP_TOP_BOTTOM: (x, 1 - y),
        Image.Transpose.TRANSPOSE: (y, x),
        Image.Transpose.ROTATE_270: (y, 1 - x),
        Image.Transpose.TRANSVERSE: (1 - y, 1 - x),
        Image.Transpose.ROTATE_90: (1 - y, x),
    }
    return points[transpose]


def upright(image: Image.Image, transpose: Image.Transpose | None) -> Image.Image:
    """Return the image as it is displayed."""
    return image if transpose is None else image.transpose(transpose)
