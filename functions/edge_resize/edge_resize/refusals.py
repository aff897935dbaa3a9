"""Errors that stay the same for a while, and their responses."""

from http import HTTPStatus

from image_core import DerivationTooSlow, ImageError, TooLarge
from image_query import QueryError
from lambda_runtime import ChildDiedError
from s3_http import ObjectMissingError

from edge_resize.errors import RefusalError


def refusal_of(error: Exception) -> RefusalError | None:
    """Return the response to an error that the next viewer would meet too; None for a transient error.

    A 403 is transient: the function may list the bucket, so S3 responds with 404 for a missing object. A
    permission is missing, and comes back when somebody repairs the policy. An image that takes too long is
    not: each viewer would cost a whole run of the function.
    """
    match error:
        case RefusalError():
            return error
        case QueryError():
            return RefusalError(HTTPStatus.BAD_REQUEST, "InvalidArgument", str(error))
        case ObjectMissingError(status=HTTPStatus.NOT_FOUND):
            return not_found()
        case DerivationTooSlow():
            code = "ImageTooSlow"
        case TooLarge():
            code = "ImageTooLarge"
        case ImageError():
            code = "UnsupportedImage"
        case ChildDiedError():
            sentence = "The image cannot be processed."
            return RefusalError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "UnsupportedImage", sentence)
        case _:
            return None
    return RefusalError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, code, error.reason)


def not_found() -> RefusalError:
    """Return the response to a request for an image that does not exist."""
    return RefusalError(HTTPStatus.NOT_FOUND, "NoSuchKey", "The image does not exist.")
