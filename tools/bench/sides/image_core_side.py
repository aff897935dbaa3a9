"""image_core. The arguments are the folders of the libraries."""

import sys

from tools.bench.sides.protocol import Options, serve

sys.path.extend(sys.argv[1:])

import image_core


def make(data: bytes, options: Options) -> bytes:
    """Transform as the functions do. The request already has the sides of the box swapped for tall images."""
    box = image_core.Box(width=options.width, height=options.height, swap_for_portrait=False)
    output = image_core.Format(options.format)
    return image_core.transform(
        data, image_core.Options(box=box, output_format=output, quality=options.quality)
    ).data


serve(make)
