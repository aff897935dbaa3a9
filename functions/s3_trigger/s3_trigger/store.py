"""S3 object access through boto3, with conditional writes (If-Match, If-None-Match)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError
from sigv4 import drop_unsignable

from s3_trigger.errors import StoreError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_REQUEST_TIMEOUT, _TOO_MANY_REQUESTS, _SERVER_ERROR = 408, 429, 500
# S3 sends no error document after a HEAD, so boto3 gives the status as the code.
_MISSING_CODES = frozenset({"404", "NoSuchKey"})
# S3 user guide, "How to prevent object overwrites with conditional writes": the key has another object,
# another write of the key is in progress, or the object was deleted.
_CONFLICT_CODES = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict", "NoSuchKey"})
_TRANSIENT_CODES = frozenset(
    {
        "400",  # after a HEAD, most likely an expired token
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
    """Headers that a derivative inherits from the original. None for a header that the object lacks."""

    cache_control: str | None = None
    expires: datetime | None = None
    content_disposition: str | None = None
    content_language: str | None = None


class ObjectInfo(NamedTuple):
    """The description of an object, as HEAD returns it.

    Attributes:
        etag: ETag, in quotes.
        last_modified: time of the upload, with a resolution of one second.
        content_length: size in bytes.
        headers: headers that derivatives inherit.
        metadata: user metadata, by lower-case name.
    """

    etag: str
    last_modified: datetime
    content_length: int
    headers: Headers
    metadata: Mapping[str, str]


class Upload(NamedTuple):
    """An object to write."""

    data: bytes
    content_type: str
    headers: Headers
    metadata: Mapping[str, str]


class Bucket:
    """A bucket. Every method raises StoreError if S3 rejects a request or does not respond."""

    def __init__(self, s3: "S3Client", name: str) -> None:
        """Create the client of a bucket without sending a request."""
        self._s3 = s3
        self.name = name
        s3.meta.events.register("before-call.s3.CopyObject", _exclude_annotations, unique_id=__name__)

    def head(self, key: str) -> ObjectInfo | None:
        """Return the description of an object; None if the object does not exist."""
        try:
            with self._raise_store_errors("HeadObject", key):
                return _parse_info(self._s3.head_object(Bucket=self.name, Key=key))
        except _NotFoundError:
            return None

    def get(self, key: str, *, etag: str) -> tuple[ObjectInfo, bytes] | None:
        """Return the description and the bytes of an object; None if no object with this ETag exists."""
        try:
            with self._raise_store_errors("GetObject", key, _CONFLICT_CODES):
                response = self._s3.get_object(Bucket=self.name, Key=key, IfMatch=etag)
                with response["Body"] as body:
                    return _parse_info(response), body.read()
        except _NotFoundError:
            return None

    def put(self, key: str, upload: Upload, *, replacing: ObjectInfo | None) -> bool:
        """Write an object, provided that the object to replace has not changed.

        Args:
            key: key of the object.
            upload: bytes and headers to write.
            replacing: the object that HEAD found under the key; None if HEAD found no object.

        Returns:
            False if the key has another object by now, or the object to replace was deleted.
        """
        headers: dict[str, Any] = {
            "CacheControl": upload.headers.cache_control,
            "Expires": upload.headers.expires,
            "ContentDisposition": upload.headers.content_disposition,
            "ContentLanguage": upload.headers.content_language,
            "IfMatch": replacing.etag if replacing else None,
            "IfNoneMatch": None if replacing else "*",
        }
        try:
            with self._raise_store_errors("PutObject", key, _CONFLICT_CODES):
                self._s3.put_object(
                    Bucket=self.name,
                    Key=key,
                    Body=upload.data,
                    ContentType=upload.content_type,
                    Metadata=upload.metadata,
                    # Object Lock with a default retention rejects a PUT without a checksum.
                    ChecksumAlgorithm="CRC32",
                    **{name: value for name, value in headers.items() if value is not None},
                )
        except _NotFoundError:
            return False
        return True

    def copy(self, key: str, to: str) -> bool:
        """Copy an object within the bucket; return False if the object does not exist.

        Tags and annotations are not copied. Copying tags would need s3:GetObjectTagging and
        s3:PutObjectTagging, copying annotations (the default) s3:GetObjectAnnotation and
        s3:PutObjectAnnotation.
        """
        try:
            with self._raise_store_errors("CopyObject", key):
                self._s3.copy_object(
                    Bucket=self.name,
                    CopySource={"Bucket": self.name, "Key": key},
                    Key=to,
                    TaggingDirective="REPLACE",
                )
        except _NotFoundError:
            return False
        return True

    @contextmanager
    def _raise_store_errors(
        self, operation: str, key: str, not_found_codes: frozenset[str] = _MISSING_CODES
    ) -> Iterator[None]:
        """Turn the errors of boto3 into StoreError, or into _NotFoundError for the codes given."""
        try:
            yield
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in not_found_codes:
                raise _NotFoundError from error
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            message = f"{operation} of {self.name}/{key}: {status}"
            if code != str(status):
                message += f" {code}"
            if status == HTTPStatus.FORBIDDEN:
                message += (
                    ": the role of the function, or the policy of the bucket or of its key, denies access"
                )
            raise StoreError(message, transient=_is_transient(code, status)) from error
        except BotoCoreError as error:
            raise StoreError(f"{operation} of {self.name}/{key}: {error}", transient=True) from error


class _NotFoundError(Exception):
    """The object does not exist, or the key has another object by now."""


def _exclude_annotations(params: dict[str, Any], **_: Any) -> None:
    """Set the header of a CopyObject for which the boto3 of older Lambda runtimes has no argument."""
    params["headers"]["x-amz-object-annotation-directive"] = "EXCLUDE"


def _is_transient(code: str, status: int) -> bool:
    return (
        status >= _SERVER_ERROR
        or status in {_REQUEST_TIMEOUT, _TOO_MANY_REQUESTS}
        or code in _TRANSIENT_CODES
    )


def _parse_info(response: Any) -> ObjectInfo:
    return ObjectInfo(
        etag=response["ETag"],
        last_modified=response["LastModified"],
        content_length=response["ContentLength"],
        headers=Headers(
            # A value that cannot be signed may forbid caching.
            cache_control=drop_unsignable(response.get("CacheControl"))
            or ("no-store" if response.get("CacheControl") else None),
            expires=_parse_expires(response),
            content_disposition=drop_unsignable(response.get("ContentDisposition")),
            content_language=drop_unsignable(response.get("ContentLanguage")),
        ),
        metadata={name.lower(): value for name, value in response["Metadata"].items()},
    )


def _parse_expires(response: Any) -> datetime | None:
    """Return the time of Expires; None without it. An invalid date counts as past (RFC 9111, section 5.3)."""
    return (response.get("Expires") or _EPOCH) if response.get("ExpiresString") else None
