"""What can be wrong with a file. Nothing else leaves `transform`."""


class ImageError(Exception):
    """The file cannot be turned into the picture wished for, now or later: trying again does not help.

    Attributes:
        reason: one plain sentence that may be shown to whoever asked for the picture. What the decoder said
            is in `__cause__`, for the log.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotAnImage(ImageError):  # noqa: N818 - names what the file is, as the answer does
    """The bytes are empty, of another kind, truncated or corrupt."""


class TooManyBytes(ImageError):  # noqa: N818
    """The file is longer than `Limits.max_bytes`."""


class TooManyPixels(ImageError):  # noqa: N818
    """The picture, with all its frames, has more pixels than `Limits.max_pixels` or than fit in memory."""
