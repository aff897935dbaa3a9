"""How large an image is, without decoding it."""

import warnings
from collections.abc import Callable
from io import BytesIO

from image_format import Format, require_format
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from image_core.recognise import webp_size
from image_core.source import decoding

# Not through Image.open, which refuses what is too large to be decoded.
_HEADER_READERS: dict[Format, Callable[[BytesIO], ImageFile]] = {
    Format.JPEG: JpegImageFile,
    Format.PNG: PngImageFile,
    Format.GIF: GifImageFile,
    Format.BMP: BmpImageFile,
}


def stored_size(data: bytes) -> tuple[int, int]:
    """Return width and height of an image, or of the canvas of an animation, from its header.

    Raises:
        NotAnImage: empty, of another kind, or the header is damaged.
    """
    reader = _HEADER_READERS.get(require_format(data))
    with warnings.catch_warnings(), decoding():
        warnings.simplefilter("ignore")
        # Pillow allocates the canvas of a WebP when it opens it.
        return reader(BytesIO(data)).size if reader else webp_size(data)
