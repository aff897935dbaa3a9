"""Width and height of an image, from the headers of a file."""

from collections.abc import Callable, Mapping

from image_format.formats import Format, load_for_every_format, require_format

_READERS: Mapping[Format, Callable[[bytes], tuple[int, int]]] = load_for_every_format(
    "image_format", "dimensions"
)


def read_dimensions(data: bytes) -> tuple[int, int]:
    """Return width and height of an image as stored, or of the canvas of an animation, in pixels.

    Decoders rotate an AVIF by the transforms in its container, so its size is the one after these.

    Raises:
        NotAnImage: the file is empty, of an unsupported format, or its header is damaged.
    """
    return _READERS[require_format(data)](data)
