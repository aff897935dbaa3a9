"""The errors of this package."""


class S3Error(Exception):
    """Root of the errors of this package.

    Attributes:
        status: HTTP status of the response. None without a response.
        code: error code in the body of the response, such as `SlowDown`. None without one, as after a HEAD.
    """

    def __init__(self, message: str, *, status: int | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class AddressError(S3Error):
    """The URL is not an http or https URL with a host in ASCII."""


class ObjectMissingError(S3Error):
    """The object does not exist (404), or the caller may not read the object (403).

    S3 responds with 403 for a missing object too, unless the caller has s3:ListBucket.
    """


class ObjectChangedError(S3Error):
    """The key does not have the object that the condition of the request names (412, or 404 for a PUT)."""


class ObjectTooLargeError(S3Error):
    """The object has more bytes than the caller accepts."""


class RefusedError(S3Error):
    """S3 rejects the request, and a retry would not help."""


class AccessDeniedError(RefusedError):
    """The caller may not write the object (403)."""


class TransientError(S3Error):
    """S3 or the network is failing, and the retries or the time until the deadline are used up.

    The cause is a 5xx, throttling, a timeout, a reset, a truncated response, or a 200 that did not come from
    S3. A later request may succeed.
    """
