"""Objects as S3 describes them."""

from collections.abc import Mapping
from typing import NamedTuple

_METADATA_PREFIX = "x-amz-meta-"


class ObjectInfo(NamedTuple):
    """What S3 tells of an object: `content_length` in bytes, `etag` without its quotes.

    `metadata` is the user metadata, by lower-case name without `x-amz-meta-`.
    """

    content_length: int
    etag: str
    content_type: str | None
    cache_control: str | None
    metadata: Mapping[str, str]


class StoredObject(NamedTuple):
    """An object with its bytes."""

    info: ObjectInfo
    data: bytes


class Upload(NamedTuple):
    """An object to be stored. Values of `metadata` are ASCII; its names come without `x-amz-meta-`."""

    data: bytes
    content_type: str
    cache_control: str
    metadata: Mapping[str, str]


def info_of(headers: Mapping[str, str]) -> ObjectInfo:
    """Read the headers (lower-case names) of a reply to HEAD or GET. Raises KeyError without an ETag."""
    length = headers.get("content-length", "")
    return ObjectInfo(
        content_length=int(length) if length.isdecimal() else 0,
        etag=headers["etag"].strip('"'),
        content_type=headers.get("content-type"),
        cache_control=headers.get("cache-control"),
        metadata={
            name.removeprefix(_METADATA_PREFIX): value
            for name, value in headers.items()
            if name.startswith(_METADATA_PREFIX)
        },
    )


def headers_of(upload: Upload) -> dict[str, str]:
    """The headers of a PUT that stores an object."""
    metadata = {_METADATA_PREFIX + name: value for name, value in upload.metadata.items()}
    return {
        "content-type": upload.content_type,
        "cache-control": upload.cache_control,
        **metadata,
    }
