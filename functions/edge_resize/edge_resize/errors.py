"""The errors of this package."""

from http import HTTPStatus


class EdgeResizeError(Exception):
    """Root of the errors of this package."""


class RefusalError(EdgeResizeError):
    """The request gets an error, which stays the same for a while.

    Attributes:
        status: of HTTP.
        code: as S3 has them, such as `NoSuchKey`.
        sentence: for the viewer.
    """

    def __init__(self, status: HTTPStatus, code: str, sentence: str) -> None:
        super().__init__(f"{status} {code}: {sentence}")
        self.status = status
        self.code = code
        self.sentence = sentence
