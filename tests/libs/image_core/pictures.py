"""Pictures made for the tests, and the eyes that look at results."""

from io import BytesIO
from typing import Any

import numpy as np
from image_core import Box, Transform
from PIL import Image

SMALL = Box(width=160, height=90)
WISH = Transform(box=SMALL)


def gradient(width: int = 320, height: int = 200) -> Image.Image:
    """RGB: red grows to the right, green downwards, blue is a constant."""
    y, x = np.mgrid[0:height, 0:width]
    red, green = x * 255 // max(1, width - 1), y * 255 // max(1, height - 1)
    return Image.fromarray(np.stack([red, green, np.full_like(red, 60)], axis=-1).astype(np.uint8))


def file_of(image: Image.Image, file_format: str, **options: Any) -> bytes:
    """The picture as a file."""
    buffer = BytesIO()
    image.save(buffer, format=file_format, **options)
    return buffer.getvalue()


def seen(data: bytes) -> Image.Image:
    """The first picture of a file, loaded."""
    image = Image.open(BytesIO(data))
    image.load()
    return image


def error(one: Image.Image, other: Image.Image) -> float:
    """Mean absolute difference of two pictures of one size, 0 to 255, over RGB."""
    first, second = (np.asarray(image.convert("RGB"), dtype=np.int16) for image in (one, other))
    return float(np.abs(first - second).mean())
