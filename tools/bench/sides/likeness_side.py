"""How like the original a made picture is: SSIM of scikit-image, all three channels.

The reference is the original decoded in full and reduced by Pillow's LANCZOS in one step.
"""

import json
import sys
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from skimage.metrics import structural_similarity


@lru_cache(maxsize=2)
def original(path: str, *, upright: bool) -> Image.Image:
    """The whole picture."""
    image = Image.open(path)
    return (ImageOps.exif_transpose(image) if upright else image).convert("RGB")


@lru_cache(maxsize=4)
def reference(path: str, size: tuple[int, int], *, upright: bool) -> NDArray[np.float32]:
    """The picture as it should look at this size."""
    reduced = original(path, upright=upright).resize(size, Image.Resampling.LANCZOS)
    return np.asarray(reduced, dtype=np.float32)


def likeness(path: str, made_path: str, *, upright: bool) -> float:
    """SSIM of a made picture."""
    made = Image.open(made_path).convert("RGB")
    wanted = reference(path, made.size, upright=upright)
    return float(structural_similarity(wanted, np.asarray(made, np.float32), channel_axis=2, data_range=255))


for line in sys.stdin:
    order = json.loads(line)
    if "tall" in order:
        width, height = original(order["tall"], upright=True).size
        answer: dict[str, bool | float] = {"tall": height > width}
    else:
        answer = {"ssim": likeness(order["original"], order["made"], upright=order["upright"])}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
