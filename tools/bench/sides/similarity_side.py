"""Similarity of a derivative to its original: SSIM of scikit-image over all three channels.

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
def load_original(path: str, *, upright: bool) -> Image.Image:
    """Decode the original in full."""
    image = Image.open(path)
    return (ImageOps.exif_transpose(image) if upright else image).convert("RGB")


@lru_cache(maxsize=4)
def make_reference(path: str, size: tuple[int, int], *, upright: bool) -> NDArray[np.float32]:
    """Reduce the original to the size of the derivative, in pixels."""
    reduced = load_original(path, upright=upright).resize(size, Image.Resampling.LANCZOS)
    return np.asarray(reduced, dtype=np.float32)


def measure_similarity(path: str, made_path: str, *, upright: bool) -> float:
    """Return the SSIM of a derivative; 1 is identical."""
    made = Image.open(made_path).convert("RGB")
    reference = make_reference(path, made.size, upright=upright)
    return float(
        structural_similarity(reference, np.asarray(made, np.float32), channel_axis=2, data_range=255)
    )


for line in sys.stdin:
    request = json.loads(line)
    if "tall" in request:
        width, height = load_original(request["tall"], upright=True).size
        response: dict[str, bool | float] = {"tall": height > width}
    else:
        ssim = measure_similarity(request["original"], request["made"], upright=request["upright"])
        response = {"ssim": ssim}
    sys.stdout.write(json.dumps(response) + "\n")
    sys.stdout.flush()
