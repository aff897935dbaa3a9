"""Script: write an image in another format, as an original. Photographs are reduced to 4 megapixels at most.

Arguments: the file, the file to write, its format, and options of Pillow's encoder such as `quality=85`.
"""

import json
import sys
from typing import Any

from PIL import Image, ImageOps, ImageSequence

_MAX_SIDES = (2400, 1600)  # about what is uploaded in these formats: most are made for pages


def main(path: str, target: str, output: str, *options: str) -> None:
    """Write the image in `path` to `target`, in the format `output`, with all frames of an animation."""
    image = Image.open(path)
    save_options: dict[str, Any] = {
        name: json.loads(value.lower()) for name, value in (option.split("=") for option in options)
    }
    if getattr(image, "n_frames", 1) > 1:
        durations = [frame.info.get("duration", 0) for frame in ImageSequence.Iterator(image)]
        image.seek(0)
        image.save(target, output, save_all=True, duration=durations, loop=0, **save_options)
        return
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail(_MAX_SIDES, Image.Resampling.LANCZOS, reducing_gap=None)
    upright.info = {}
    upright.save(target, output, **save_options)


main(*sys.argv[1:])
