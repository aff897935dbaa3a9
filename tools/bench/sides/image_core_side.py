"""image_core; the arguments are the folders of the libraries."""

import sys

from tools.bench.sides.answering import answer

sys.path.extend(sys.argv[1:])

from image_core import Box, Format, Transform, transform


def make(data: bytes, width: int, height: int, output_format: str, quality: int) -> bytes:
    """As the functions do it. The box comes turned already, so it is turned back for a tall picture."""
    box = Box(width=width, height=height, turns=False)
    return transform(data, Transform(box=box, output_format=Format(output_format), quality=quality)).data


answer(make)
