"""Image file formats: detection by content, and what each of them can hold. Standard library only.

The parsers of the containers (`gif`, `jpeg`, ...) are separate modules: a function that only detects a format
does not import them during a cold start.
"""

from image_format.errors import ImageError, NotAnImage
from image_format.formats import (
    DETECTION_BYTES,
    Format,
    detect_format,
    load_for_every_format,
    require_format,
)

__all__ = [
    "DETECTION_BYTES",
    "Format",
    "ImageError",
    "NotAnImage",
    "detect_format",
    "load_for_every_format",
    "require_format",
]
