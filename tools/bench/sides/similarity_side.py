"""Similarity of a derivative to its original: SSIM over all three channels.

The reference is the original decoded in full and reduced by Pillow's LANCZOS in one step. Images with
transparency are compared on white and on black. Animations are compared at several moments, since encoders
merge frames that look the same.
"""

import json
import sys
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from skimage.metrics import structural_similarity

_MOMENTS = (0.1, 0.35, 0.6, 0.85)  # parts of the duration
_UNSET_DURATION_MS = 100  # of a frame without a duration, as in browsers

type Backgrounds = tuple[str, ...]


def load_frames(path: str, *, upright: bool) -> list[Image.Image]:
    """Decode a still image, or an animation at some moments, in full."""
    image = Image.open(path)
    count = getattr(image, "n_frames", 1)
    if count == 1:
        still = ImageOps.exif_transpose(image) if upright else image
        return [still.convert("RGBA" if still.has_transparency_data else "RGB")]
    frames, durations_ms = [], []
    for number in range(count):
        image.seek(number)
        image.load()
        durations_ms.append(image.info.get("duration") or _UNSET_DURATION_MS)
        frames.append(image.convert("RGBA"))
    ends_ms = np.cumsum(durations_ms)
    numbers = np.searchsorted(ends_ms, [moment * ends_ms[-1] for moment in _MOMENTS])
    return [frames[number] for number in numbers]


@lru_cache(maxsize=2)
def load_original(path: str, *, upright: bool) -> list[Image.Image]:
    """Decode the original in full."""
    return load_frames(path, upright=upright)


@lru_cache(maxsize=4)
def make_references(path: str, size: tuple[int, int], *, upright: bool) -> list[NDArray[np.float32]]:
    """Reduce the original to the size of the derivative, in pixels. Pillow premultiplies alpha meanwhile."""
    frames = load_original(path, upright=upright)
    backgrounds = list_backgrounds(frames)
    return [flatten(frame.resize(size, Image.Resampling.LANCZOS), backgrounds) for frame in frames]


def list_backgrounds(frames: list[Image.Image]) -> Backgrounds:
    """Return the colours behind the frames; one is enough for opaque frames."""
    return ("white", "black") if any(frame.mode == "RGBA" for frame in frames) else ("white",)


def flatten(frame: Image.Image, backgrounds: Backgrounds) -> NDArray[np.float32]:
    """Return three channels for each background."""
    if frame.mode != "RGBA":
        flat = [frame.convert("RGB")] * len(backgrounds)
    else:
        flat = [
            Image.alpha_composite(Image.new("RGBA", frame.size, background), frame).convert("RGB")
            for background in backgrounds
        ]
    return np.concatenate([np.asarray(each, dtype=np.float32) for each in flat], axis=2)


def measure_similarity(path: str, made_path: str, *, upright: bool) -> float:
    """Return the SSIM of a derivative, of an animation the mean over its moments; 1 is identical."""
    made = load_frames(made_path, upright=False)
    references = make_references(path, made[0].size, upright=upright)
    backgrounds = list_backgrounds(load_original(path, upright=upright))
    pairs = zip(references, [flatten(frame, backgrounds) for frame in made], strict=True)
    return float(np.mean([structural_similarity(*pair, channel_axis=2, data_range=255) for pair in pairs]))


for line in sys.stdin:
    request = json.loads(line)
    if "tall" in request:
        width, height = load_original(request["tall"], upright=True)[0].size
        response: dict[str, bool | float] = {"tall": height > width}
    else:
        ssim = measure_similarity(request["original"], request["made"], upright=request["upright"])
        response = {"ssim": ssim}
    sys.stdout.write(json.dumps(response) + "\n")
    sys.stdout.flush()
