"""Errors of this package."""

import re

# WriteGetObjectResponse accepts no other error codes (S3 API reference).
_ERROR_CODE = re.compile(r"[A-Z][a-zA-Z]+")


class ObjectLambdaError(Exception):
    """Root of the errors of this package."""


class EventError(ObjectLambdaError):
    """The event is neither from S3 Object Lambda (GET, HEAD) nor from a function URL."""


class RefusalError(ObjectLambdaError):
    """The request gets an error response.

    Attributes:
        status: HTTP status.
        code: error code in the style of S3, such as `NoSuchKey`.
        message: one sentence for the viewer, without internals.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message


def select_error_code(code: str | None, default: str) -> str:
    """Return S3's error code, or the default if there is none that WriteGetObjectResponse accepts."""
    return code if code and _ERROR_CODE.fullmatch(code) else default
