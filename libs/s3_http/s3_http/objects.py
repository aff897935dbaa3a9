"""Objects as S3 describes them."""

import binascii
from collections.abc import Mapping
from typing import NamedTuple

_METADATA_PREFIX = "x-amz-meta-"


class ObjectInfo(NamedTuple):
    """The description of an object: `content_length` in bytes, `etag` without its quotes.

    `metadata` is the user metadata, by lower-case name without `x-amz-meta-`. The rest are the headers of the
    same name that are stored with the object, None where there is none.
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


class StoredObject(NamedTuple):
    """An object with its bytes, or the first of them."""

    info: ObjectInfo
    data: bytes


class Upload(NamedTuple):
    """An object to be stored. Values are ASCII; names of `metadata` come without `x-amz-meta-`."""

    data: bytes
    content_type: str
    cache_control: str
    metadata: Mapping[str, str]
    expires: str | None = None
    content_disposition: str | None = None
    content_language: str | None = None


def info_of(headers: Mapping[str, str]) -> ObjectInfo:
    """Return what the headers (lower-case names) of a response to HEAD or GET describe; one is the ETag."""
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
        metadata={
            name.removeprefix(_METADATA_PREFIX): value
            for name, value in headers.items()
            if name.startswith(_METADATA_PREFIX)
        },
    )


def headers_of(upload: Upload) -> dict[str, str]:
    """Return the headers of a PUT that stores an object, with a checksum of its bytes.

    Object Lock with a default retention refuses a PUT without one (S3 user guide, "Uploading objects to an
    Object Lock enabled bucket").
    """
    checksum = binascii.crc32(upload.data).to_bytes(4, "big")
    optional = {
        "expires": upload.expires,
        "content-disposition": upload.content_disposition,
        "content-language": upload.content_language,
    }
    return {
        "content-type": upload.content_type,
        "cache-control": upload.cache_control,
        "x-amz-checksum-crc32": binascii.b2a_base64(checksum, newline=False).decode(),
        **{name: value for name, value in optional.items() if value is not None},
        **{_METADATA_PREFIX + name: value for name, value in upload.metadata.items()},
    }


def precondition_of(replaced: ObjectInfo | None) -> dict[str, str]:
    """Return the header that lets a PUT replace just this object; None: no object."""
    return {"if-match": f'"{replaced.etag}"'} if replaced else {"if-none-match": "*"}
