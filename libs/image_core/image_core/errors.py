"""Errors of a transform. `transform` and `clean` raise no others, except ValueError for invalid options."""

from image_format import ImageError, NotAnImage

__all__ = [
    "ImageError",
    "NotAnImage",
    "TooLarge",
    "TooManyBytes",
    "TooManyPixels",
    "TooManyScans",
    "TooMuchMemory",
    "TransformTooSlow",
]


class TooLarge(ImageError):  # noqa: N818 - the name describes the file
    """The file exceeds a limit: base class of the errors that name the limit."""


class TooManyBytes(TooLarge):
    """The file is longer than `Limits.max_bytes`."""


class TooManyPixels(TooLarge):
    """The frames of the image have more pixels together than `Limits.max_pixels`."""


class TooManyScans(TooLarge):
    """A JPEG has more scans than encoders write. Each scan of a few bytes costs a pass over all pixels."""


class TooMuchMemory(TooLarge):
    """The transform may need more memory than `Limits.max_memory_bytes`, or than the process can allocate."""


class TransformTooSlow(ImageError):  # noqa: N818
    """The deadline has passed, or comes before the next step would end."""

    transient = True

    def __init__(self, reason: str = "The image takes too long to be made.") -> None:
        super().__init__(reason)
