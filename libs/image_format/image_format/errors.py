"""Errors of the image libraries."""


class ImageError(Exception):
    """An image cannot be processed: root of all errors that leave an image library.

    Attributes:
        reason: one plain sentence for users. The error of a decoder is in `__cause__`, for the log.
        transient: True if a retry may help, which is so only for a missed deadline.
    """

    transient = False

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotAnImage(ImageError):  # noqa: N818 - the name describes the file
    """The bytes are empty, of an unsupported format, truncated or corrupt."""

    def __init__(self, reason: str = "The image is damaged or incomplete.") -> None:
        super().__init__(reason)
