"""Objects in S3 by boto3: what is there, what it holds, and writing that never takes anybody by surprise."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from s3_trigger.errors import StoreError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_REQUEST_TIMEOUT, _TOO_MANY_REQUESTS, _SERVER_ERROR = 408, 429, 500
# HEAD has no body to tell a missing key from a missing bucket.
_MISSING = frozenset({"404", "NoSuchKey"})
# S3 user guide, "How to prevent object overwrites with conditional writes": the object is another one,
# somebody else is just writing it, it is gone.
_OVERTAKEN = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict", "NoSuchKey"})
_TRANSIENT = frozenset(
    {
        "400",  # of a HEAD, which has no body to name the error: an expired token above all
        "ExpiredToken",
        "SlowDown",
        "RequestTimeout",
        "RequestTimeoutException",
        "Throttling",
        "ThrottlingException",
    }
)
_EPOCH = datetime.fromtimestamp(0, UTC)


class Headers(NamedTuple):
    """The headers of an object that its derivative takes over; None where there is none."""

    cache_control: str | None = None
    expires: datetime | None = None
    content_disposition: str | None = None
    content_language: str | None = None


class Stored(NamedTuple):
    """An object, without its bytes. Names of metadata are in lower case."""

    etag: str
    last_modified: datetime
    content_length: int
    headers: Headers
    metadata: Mapping[str, str]


class Upload(NamedTuple):
    """An object to be written."""

    data: bytes
    content_type: str
    headers: Headers
    metadata: Mapping[str, str]


class Bucket:
    """A bucket. Every method raises StoreError where S3 refuses or does not answer."""

    def __init__(self, s3: "S3Client", name: str) -> None:
        """Name a bucket; no call is made."""
        self._s3 = s3
        self.name = name
        s3.meta.events.register("before-call.s3.CopyObject", _exclude_annotations, unique_id=__name__)

    def head(self, key: str) -> Stored | None:
        """What is under a key; None: nothing."""
        try:
            with self._asking("HeadObject", key):
                return _stored(self._s3.head_object(Bucket=self.name, Key=key))
        except _MissingError:
            return None

    def get(self, key: str, *, etag: str) -> tuple[Stored, bytes] | None:
        """What is under a key, with its bytes; None: nothing, or something with another ETag."""
        try:
            with self._asking("GetObject", key, _OVERTAKEN):
                answer = self._s3.get_object(Bucket=self.name, Key=key, IfMatch=etag)
                with answer["Body"] as body:
                    return _stored(answer), body.read()
        except _MissingError:
            return None

    def put(self, key: str, upload: Upload, *, over: Stored | None) -> bool:
        """Write an object in one step, if what was there is there still.

        Args:
            key: of the object.
            upload: what to write.
            over: what was there; None: nothing.

        Returns:
            Whether it was written.
        """
        headers: dict[str, Any] = {
            "CacheControl": upload.headers.cache_control,
            "Expires": upload.headers.expires,
            "ContentDisposition": upload.headers.content_disposition,
            "ContentLanguage": upload.headers.content_language,
            "IfMatch": over.etag if over else None,
            "IfNoneMatch": None if over else "*",
        }
        try:
            with self._asking("PutObject", key, _OVERTAKEN):
                self._s3.put_object(
                    Bucket=self.name,
                    Key=key,
                    Body=upload.data,
                    ContentType=upload.content_type,
                    Metadata=upload.metadata,
                    # Object Lock with a default retention refuses a PUT without a checksum.
                    ChecksumAlgorithm="CRC32",
                    **{name: value for name, value in headers.items() if value is not None},
                )
        except _MissingError:
            return False
        return True

    def copy(self, key: str, to: str) -> bool:
        """Copy an object within the bucket, without its tags and annotations; whether it was there.

        Copying tags takes s3:GetObjectTagging and s3:PutObjectTagging if there are any. Copying annotations,
        the default, takes s3:GetObjectAnnotation and s3:PutObjectAnnotation.
        """
        try:
            with self._asking("CopyObject", key):
                self._s3.copy_object(
                    Bucket=self.name,
                    CopySource={"Bucket": self.name, "Key": key},
                    Key=to,
                    TaggingDirective="REPLACE",
                )
        except _MissingError:
            return False
        return True

    @contextmanager
    def _asking(self, operation: str, key: str, expected: frozenset[str] = _MISSING) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in expected:
                raise _MissingError from error
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            message = f"{operation} of {self.name}/{key}: {code} ({status})"
            raise StoreError(message, transient=_is_transient(code, status)) from error
        except BotoCoreError as error:
            raise StoreError(f"{operation} of {self.name}/{key}: {error}", transient=True) from error


def _exclude_annotations(params: dict[str, Any], **_: Any) -> None:
    """Set a header for which the boto3 of older Lambda runtimes has no argument."""
    params["headers"]["x-amz-object-annotation-directive"] = "EXCLUDE"


class _MissingError(Exception):
    """What a call was for is not there, or no longer."""


def _is_transient(code: str, status: int) -> bool:
    return status >= _SERVER_ERROR or status in {_REQUEST_TIMEOUT, _TOO_MANY_REQUESTS} or code in _TRANSIENT


def _stored(answer: Any) -> Stored:
    return Stored(
        etag=answer["ETag"],
        last_modified=answer["LastModified"],
        content_length=answer["ContentLength"],
        headers=Headers(
            cache_control=_sendable(answer.get("CacheControl")),
            expires=_expires(answer),
            content_disposition=_sendable(answer.get("ContentDisposition")),
            content_language=_sendable(answer.get("ContentLanguage")),
        ),
        metadata={name.lower(): value for name, value in answer["Metadata"].items()},
    )


def _expires(answer: Any) -> datetime | None:
    """Return when an object expires. A date that cannot be read, such as "0", is past (RFC 9111, 5.3)."""
    return (answer.get("Expires") or _EPOCH) if answer.get("ExpiresString") else None


def _sendable(value: str | None) -> str | None:
    """Return the value of a header that can be sent and signed; None for others and for none."""
    return value if value and value.isascii() and value.isprintable() else None
