"""What can be wrong with a file. Nothing else leaves this package."""


class ImageMetadataError(Exception):
    """The file cannot be read, now or later: trying again does not help.

    Attributes:
        reason: one plain sentence that may be shown to whoever asked for the picture.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotAnImage(ImageMetadataError):  # noqa: N818 - names what the file is, as the answer does
    """The bytes are of another kind, or no well-formed container: truncated, corrupt or ambiguous."""
