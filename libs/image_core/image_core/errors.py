"""What can be wrong with a file. Nothing else leaves `transform`."""

from image_format import ImageError, NotAnImage

__all__ = [
    "DerivationTooSlow",
    "ImageError",
    "NotAnImage",
    "TooLarge",
    "TooManyBytes",
    "TooManyPixels",
    "TooManyScans",
    "TooMuchMemory",
]


class TooLarge(ImageError):  # noqa: N818
    """A limit is exceeded: root of the errors that say which."""


class TooManyBytes(TooLarge):
    """The file is longer than `Limits.max_bytes`."""


class TooManyPixels(TooLarge):
    """The image, with all its frames, has more pixels than `Limits.max_pixels`."""


class TooManyScans(TooLarge):
    """A JPEG goes over its pixels more often than any encoder does: few bytes would be work for minutes."""


class TooMuchMemory(TooLarge):
    """The derivation may need more memory than `Limits.max_memory_bytes`, or needs more than there is."""


class DerivationTooSlow(ImageError):  # noqa: N818
    """The time for the derivation is over, or what is left is not enough for the next step."""

    transient = True
