"""S3 objects, their metadata, and the HTTP headers of that metadata."""

import binascii
from collections.abc import Mapping
from typing import NamedTuple

_METADATA_PREFIX = "x-amz-meta-"


class ObjectInfo(NamedTuple):
    """The metadata of an object.

    Attributes:
        content_length: size in bytes; for a response to a range request, the size of the range.
        etag: ETag without quotes.
        metadata: user metadata, by lower-case name without `x-amz-meta-`.
        content_type, cache_control, expires, content_disposition, content_encoding, content_language: the
            stored header of that name, None without one.
        last_modified: header Last-Modified, with a resolution of one second.
        version_id: ID of the version; None if the bucket has no versions.
    """

    content_length: int
    etag: str
    metadata: Mapping[str, str]
    content_type: str | None = None
    cache_control: str | None = None
    expires: str | None = None
    content_disposition: str | None = None
    content_encoding: str | None = None
    content_language: str | None = None
    last_modified: str | None = None
    version_id: str | None = None


class S3Object(NamedTuple):
    """An object with its bytes, or with the first of them."""

    info: ObjectInfo
    data: bytes


class Upload(NamedTuple):
    """An object to store. Values are ASCII; names in `metadata` have no `x-amz-meta-`."""

    data: bytes
    content_type: str
    cache_control: str
    metadata: Mapping[str, str]
    expires: str | None = None
    content_disposition: str | None = None
    content_language: str | None = None


def parse_info(headers: Mapping[str, str]) -> ObjectInfo:
    """Return the metadata in the headers (by lower-case name, with `etag`) of a response to HEAD or GET."""
    # A chunked response has no length.
    length = headers.get("content-length", "")
    return ObjectInfo(
        content_length=int(length) if length.isdecimal() else 0,
        etag=headers["etag"].strip('"'),
        content_type=headers.get("content-type"),
        cache_control=headers.get("cache-control"),
        expires=headers.get("expires"),
        content_disposition=headers.get("content-disposition"),
        content_encoding=headers.get("content-encoding"),
        content_language=headers.get("content-language"),
        last_modified=headers.get("last-modified"),
        version_id=headers.get("x-amz-version-id"),
        metadata={
            name.removeprefix(_METADATA_PREFIX): value
            for name, value in headers.items()
            if name.startswith(_METADATA_PREFIX)
        },
    )


def checksum_header(data: bytes) -> dict[str, str]:
    """Return the header with the checksum of a body."""
    checksum = binascii.crc32(data).to_bytes(4, "big")
    return {"x-amz-checksum-crc32": binascii.b2a_base64(checksum, newline=False).decode()}


def upload_headers(upload: Upload) -> dict[str, str]:
    """Return the headers of a PUT, with a checksum of the bytes.

    Object Lock with a default retention rejects a PUT without a checksum (S3 user guide, "Uploading objects
    to an Object Lock enabled bucket").
    """
    optional = {
        "expires": upload.expires,
        "content-disposition": upload.content_disposition,
        "content-language": upload.content_language,
    }
    return {
        "content-type": upload.content_type,
        "cache-control": upload.cache_control,
        **checksum_header(upload.data),
        **{name: value for name, value in optional.items() if value is not None},
        **{_METADATA_PREFIX + name: value for name, value in upload.metadata.items()},
    }


def precondition_headers(replacing: ObjectInfo | None) -> dict[str, str]:
    """Return the precondition of a PUT: the key has this object, or no object if `replacing` is None."""
    return {"if-match": f'"{replacing.etag}"'} if replacing else {"if-none-match": "*"}
