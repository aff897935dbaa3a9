"""Images made for the tests, and functions that decode and compare results."""

from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
from image_core import Box, Options
from PIL import Image

type Pixels = npt.NDArray[np.float64]

SMALL = Box(width=160, height=90)
OPTIONS = Options(box=SMALL)


def gradient(width: int = 320, height: int = 200) -> Image.Image:
    """Return an RGB image: red increases to the right, green downwards, blue is constant."""
    samples = np.full((height, width, 3), 60, np.uint8)
    samples[..., 0] = np.arange(width) * 255 // max(1, width - 1)
    samples[..., 1] = (np.arange(height) * 255 // max(1, height - 1))[:, np.newaxis]
    return Image.fromarray(samples)


def clearing(width: int = 320, height: int = 200) -> Image.Image:
    """Return the gradient as RGBA, transparent at the left edge and opaque at the right edge."""
    image = gradient(width, height)
    ramp = np.linspace(0, 255, width).astype(np.uint8)
    image.putalpha(Image.fromarray(np.tile(ramp, (height, 1))))
    return image


def half_clear(width: int = 320, height: int = 200) -> Image.Image:
    """Return the gradient as RGBA, with a transparent left half."""
    image = gradient(width, height)
    mask = Image.new("L", (width, height), 255)
    mask.paste(0, (0, 0, width // 2, height))
    image.putalpha(mask)
    return image


def file_of(image: Image.Image, file_format: str, **options: Any) -> bytes:
    """Return the image as a file."""
    buffer = BytesIO()
    image.save(buffer, format=file_format, **options)
    return buffer.getvalue()


def load(data: bytes) -> Image.Image:
    """Return the first frame of a file, loaded."""
    image = Image.open(BytesIO(data))
    image.load()
    return image


def frames_of(data: bytes) -> list[tuple[Image.Image, int]]:
    """Return all frames of a file as RGBA, each with its duration in ms."""
    image = Image.open(BytesIO(data))
    frames = []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        image.load()
        frames.append((image.convert("RGBA"), round(image.info.get("duration", 0))))
    return frames


def pixels(image: Image.Image, page: float = 255) -> Pixels:
    """Return the image composited over a grey page: height x width x 3, 0 to 255."""
    if image.mode == "I;16":
        samples = np.asarray(image, dtype=np.float64)
        clear = samples == image.info.get("transparency", -1)
        return np.repeat(np.where(clear, page, samples / 257)[..., None], 3, axis=-1)
    rgba = np.asarray(image.convert("RGBA"), dtype=np.float64)
    alpha = rgba[..., 3:] / 255
    return np.asarray(rgba[..., :3] * alpha + page * (1 - alpha))


def error(one: Image.Image, other: Image.Image) -> float:
    """Return the mean absolute difference of two images of one size over RGB, 0 to 255."""
    return float(np.abs(pixels(one) - pixels(other)).mean())
