"""The errors of this package."""

import re

# WriteGetObjectResponse takes no other error codes (S3 API reference).
_CODE = re.compile(r"[A-Z][a-zA-Z]+")


class ObjectLambdaError(Exception):
    """Root of the errors of this package."""


class EventError(ObjectLambdaError):
    """The event is none of the three that are answered."""


class RefusalError(ObjectLambdaError):
    """The request is answered with an error.

    Attributes:
        status: of HTTP.
        code: as S3 has them: `NoSuchKey`.
        sentence: for the viewer.
    """

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(f"{status} {code}: {sentence}")
        self.status = status
        self.code = code
        self.sentence = sentence


def error_code(code: str | None, default: str) -> str:
    """An error code of S3, or another one where there is none or none that can be told."""
    return code if code and _CODE.fullmatch(code) else default
