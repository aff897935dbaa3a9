"""image_core. The arguments are the folders of the libraries."""

import sys

from tools.bench.sides.protocol import serve

sys.path.extend(sys.argv[1:])

from image_core import Box, Format, Options, transform


def make(data: bytes, width: int, height: int, output_format: str, quality: int) -> bytes:
    """Transform as the functions do. The request already has the sides of the box swapped for tall images."""
    box = Box(width=width, height=height, swap_for_portrait=False)
    return transform(data, Options(box=box, output_format=Format(output_format), quality=quality)).data


serve(make)
