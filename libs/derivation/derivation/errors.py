"""Permanent errors of requests for derivatives, and the exceptions that are such errors."""

from http import HTTPStatus

from image_core import ImageError, TooLarge, TransformTooSlow
from lambda_runtime import ChildDiedError
from s3_http import ObjectMissingError, S3Error


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


def explain_denied_access(error: Exception) -> str | None:
    """Return the reason for the log if S3 denies access, else None."""
    if isinstance(error, S3Error) and error.status == HTTPStatus.FORBIDDEN:
        return f"{error}: the role of the function, or the policy of the bucket or of its key, denies access"
    return None


def to_permanent_error(error: Exception) -> PermanentError | None:
    """Return the permanent error behind an exception, or None for a transient one.

    A denied access is transient: functions have s3:ListBucket, so S3 responds with 404 for a missing object,
    and with 403 until an operator restores the permission. An image that takes too long is permanent, because
    otherwise each viewer would cost a whole run of the function.
    """
    match error:
        case PermanentError():
            return error
        case ObjectMissingError(status=HTTPStatus.NOT_FOUND):
            return not_found()
        case ObjectMissingError(code="InvalidObjectState"):
            # An object in an archive such as S3 Glacier (S3 API reference, "GetObject").
            return PermanentError(HTTPStatus.FORBIDDEN, "InvalidObjectState", "The image is archived.")
        case TransformTooSlow():
            code = "ImageTooSlow"
        case TooLarge():
            code = "ImageTooLarge"
        case ImageError():
            code = "UnsupportedImage"
        case ChildDiedError():
            message = "The image cannot be processed."
            return PermanentError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "UnsupportedImage", message)
        case _:
            return None
    return PermanentError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, code, error.reason)
