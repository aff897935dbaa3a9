"""Upright: what the camera noted is done to the pixels."""

from image_format.tiff import read_orientation
from PIL import Image

_TRANSPOSES = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def transpose_for_orientation(image: Image.Image) -> Image.Transpose | None:
    """What makes the image upright by its EXIF orientation, or None.

    A PNG may have its EXIF behind the pixels: it is known once the image is loaded.
    """
    return _TRANSPOSES.get(read_orientation(image.info.get("exif", b"")))


def upright_size(size: tuple[int, int], transpose: Image.Transpose | None) -> tuple[int, int]:
    """Width and height as seen. Given a size as seen, the size as stored: the swap is its own inverse."""
    lying = {
        Image.Transpose.TRANSPOSE,
        Image.Transpose.ROTATE_270,
        Image.Transpose.TRANSVERSE,
        Image.Transpose.ROTATE_90,
    }
    return (size[1], size[0]) if transpose in lying else size


def upright(image: Image.Image, transpose: Image.Transpose | None) -> Image.Image:
    """The image turned."""
    return image if transpose is None else image.transpose(transpose)
