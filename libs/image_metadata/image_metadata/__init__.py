"""Remove metadata from images without changing their pixels, and convert EXIF to JSON.

The parser is strict: a file that breaks the rules of its format is refused, because a part that was not
understood might be metadata. No network, environment or clock.
"""

from image_format import Format, NotAnImage

from image_metadata.exif import Json
from image_metadata.files import CleanImage, clean, read_exif

__all__ = [
    "CleanImage",
    "Format",
    "Json",
    "NotAnImage",
    "clean",
    "read_exif",
]
