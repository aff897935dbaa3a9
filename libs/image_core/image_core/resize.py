"""Fewer pixels, with as little work as the eye allows."""

from PIL import Image

type SourceBox = tuple[float, float, float, float]

_DRAFT_GAP = 1.5
_REDUCING_GAP = 2.0


def draft(image: Image.Image, size: tuple[int, int]) -> SourceBox | None:
    """Let a JPEG decode itself at 1/2, 1/4 or 1/8 of its size, still 1.5 times the size wanted.

    Measured on 20 photographs x 8 sizes to JPEG against Pillow's thumbnail(), which drafts at twice the box:
    0.87 of the time, SSIM -.0002 in the mean, -.004 at worst. At 1.3 it would be 0.83 for -.0004 and -.008.
    LANCZOS instead of BICUBIC took 7 % more time and gained no SSIM.

    Args:
        image: opened, not loaded. Nothing happens to formats other than JPEG.
        size: the width and height it will be resized to, as stored.

    Returns:
        Where the picture lies within the pixels that will be decoded.
    """
    drafted = image.draft(None, (int(size[0] * _DRAFT_GAP), int(size[1] * _DRAFT_GAP)))
    return drafted[1] if drafted else None


def resized(image: Image.Image, size: tuple[int, int], box: SourceBox | None = None) -> Image.Image:
    """The picture with this many pixels; alpha is premultiplied meanwhile (by Pillow), so no edge turns dark.

    Args:
        image: L, LA, RGB, RGBA or CMYK.
        size: width and height, as stored.
        box: what `draft` returned.
    """
    if image.size == size:
        return image
    return image.resize(size, Image.Resampling.BICUBIC, box=box, reducing_gap=_REDUCING_GAP)
