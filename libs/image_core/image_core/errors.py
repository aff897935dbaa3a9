"""What can be wrong with a file. Nothing else leaves `transform`."""


class ImageError(Exception):
    """The file cannot be turned into the picture wished for.

    Attributes:
        reason: one plain sentence that may be shown to whoever asked for the picture. What the decoder said
            is in `__cause__`, for the log.
        passing: whether trying again may help. Only with more time it may.
    """

    passing = False

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotAnImage(ImageError):  # noqa: N818 - names what the file is, as the answer does
    """The bytes are empty, of another kind, truncated or corrupt."""


class TooLarge(ImageError):  # noqa: N818
    """A limit is exceeded: root of the errors that say which."""


class TooManyBytes(TooLarge):
    """The file is longer than `Limits.max_bytes`."""


class TooManyPixels(TooLarge):
    """The picture, with all its frames, has more pixels than `Limits.max_pixels`."""


class TooManyScans(TooLarge):
    """A JPEG goes over its pixels more often than any encoder does: few bytes would be work for minutes."""


class TooMuchMemory(TooLarge):
    """The derivation may need more memory than `Limits.max_memory_bytes`, or needs more than there is."""


class DerivationTooSlow(ImageError):  # noqa: N818
    """The time for the derivation is over, or what is left is not enough for the next step."""

    passing = True
