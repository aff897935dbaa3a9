"""Errors that the next viewer would get too."""

import pytest
from derivation import PermanentError, not_found, to_permanent_error
from image_core import ImageError, TooManyBytes, TransformTooSlow
from lambda_runtime import ChildDiedError, OutOfTimeError
from s3_http import AccessDeniedError, ObjectChangedError, ObjectMissingError, TransientError


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (not_found(), 404, "NoSuchKey"),
        (ObjectMissingError("HEAD a.jpg: 404", status=404), 404, "NoSuchKey"),
        (
            ObjectMissingError("GET a.jpg: 403", status=403, code="InvalidObjectState"),
            403,
            "InvalidObjectState",
        ),
        (TransformTooSlow("The image takes too long to be made."), 415, "ImageTooSlow"),
        (TooManyBytes("The file has 9 bytes, the limit is 8."), 415, "ImageTooLarge"),
        (ImageError("The image is damaged."), 415, "UnsupportedImage"),
        (ChildDiedError("the child process crashed: SIGSEGV"), 415, "UnsupportedImage"),
    ],
    ids=repr,
)
def test_permanent_errors(error: Exception, status: int, code: str) -> None:
    permanent = to_permanent_error(error)
    assert isinstance(permanent, PermanentError)
    assert (permanent.status, permanent.code) == (status, code)
    assert permanent.message.endswith(".")
    assert "SIGSEGV" not in permanent.message


@pytest.mark.parametrize(
    "error",
    [
        ObjectMissingError("GET a.jpg: 403 AccessDenied", status=403, code="AccessDenied"),
        AccessDeniedError("PUT a.jpg: 403", status=403),
        ObjectChangedError("GET a.jpg: 412", status=412),
        TransientError("GET a.jpg: 503", status=503),
        OutOfTimeError("not finished in time"),
        KeyError("AWS_REGION"),
    ],
    ids=repr,
)
def test_transient_errors(error: Exception) -> None:
    assert to_permanent_error(error) is None
