"""The errors of this package."""

from http import HTTPStatus


class PermanentError(Exception):
    """An error that the next viewer would get too.

    Attributes:
        status: HTTP status of the response.
        code: error code as in S3's error documents, such as `NoSuchKey`.
        message: one sentence for the viewer.
    """

    def __init__(self, status: HTTPStatus, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message


def not_found() -> PermanentError:
    """Return the error for a request whose path names no image."""
    return PermanentError(HTTPStatus.NOT_FOUND, "NoSuchKey", "The image does not exist.")
