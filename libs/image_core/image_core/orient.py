"""Upright: what the camera noted is done to the pixels."""

from PIL import Image

_ORIENTATION = 0x0112  # EXIF 2.32, table 4
_TURN = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def turn_of(image: Image.Image) -> Image.Transpose | None:
    """What makes the picture upright by its EXIF orientation, or None.

    As in browsers, XMP is not asked and EXIF that cannot be read says nothing. A PNG may have its EXIF
    behind the pixels: it is known once the picture is loaded.
    """
    exif = Image.Exif()
    try:
        exif.load(image.info.get("exif", b""))
        return _TURN.get(exif.get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - Pillow promises no set of errors for a broken EXIF block
        return None


def upright_size(size: tuple[int, int], turn: Image.Transpose | None) -> tuple[int, int]:
    """Width and height as seen. Given a size as seen, the size as stored: the swap is its own inverse."""
    lying = {
        Image.Transpose.TRANSPOSE,
        Image.Transpose.ROTATE_270,
        Image.Transpose.TRANSVERSE,
        Image.Transpose.ROTATE_90,
    }
    return (size[1], size[0]) if turn in lying else size


def upright(image: Image.Image, turn: Image.Transpose | None) -> Image.Image:
    """The picture turned."""
    return image if turn is None else image.transpose(turn)
