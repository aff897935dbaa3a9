"""Pictures cleaned of metadata, their pixels untouched; EXIF as JSON. No network, environment or clock."""

from image_format import Format, NotAnImage

from image_metadata.exif import Json
from image_metadata.files import Cleaned, clean, read_exif

__all__ = [
    "Cleaned",
    "Format",
    "Json",
    "NotAnImage",
    "clean",
    "read_exif",
]
