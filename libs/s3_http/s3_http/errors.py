"""The errors of this package."""


class S3Error(Exception):
    """Root of the errors of this package.

    `status` is the HTTP status of S3's answer, None where there was none; `code` is the error code of its
    body (`SlowDown`), None where there was none, as in every answer to HEAD.
    """

    def __init__(self, message: str, *, status: int | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class AddressError(S3Error):
    """The endpoint URL is not one that can be asked."""


class ObjectMissingError(S3Error):
    """There is no such object (404), or it may not be read (403).

    S3 answers 403 for a missing object too, unless the caller has s3:ListBucket.
    """


class ObjectChangedError(S3Error):
    """The object is not, or no longer, the one that a condition of the request names (412)."""


class ObjectTooLargeError(S3Error):
    """The object has more bytes than the caller takes."""


class RefusedError(S3Error):
    """S3 does not accept the request, and will not when it is repeated."""


class AccessDeniedError(RefusedError):
    """The caller may not write this object (403)."""


class PassingFaultError(S3Error):
    """S3 or the way to it does not work at the moment: 5xx, throttling, timeout, reset, truncated answer.

    A 200 that S3 cannot have sent is one too.

    The retries are used up or the deadline has come; later it may work.
    """
