"""Derivatives in a bucket: find those of an original, decide which of them are stale, delete them."""

import re
from contextlib import suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from image_url import (
    SOURCE_ETAG,
    SOURCE_VERSION,
    DerivativeNameError,
    encode_key,
    parse_derivative_name,
    triggered_path,
)
from lambda_runtime import matching
from s3_http import ObjectChangedError, ObjectInfo, ObjectMissingError, S3Client

from derivatives.invalidation import derivative_paths, viewer_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from s3_http.listing import ListedObject

_FOLDER = "[^/]+(/[^/]+)*/"
SOURCE_PREFIX = matching(f"({_FOLDER})?", "a folder such as source-folder/, or empty for all keys")
RESTORE_PREFIX = matching(_FOLDER, "a folder such as restore-folder/")
"""Rules for the settings of `s3_trigger` and purge with the prefixes of `TriggeredStore`."""

TRIGGERED = {"resized": "true"}
"""User metadata that marks the derivatives of `s3_trigger`."""

# See `leave_trace`. No derivative has such a name.
_TRACE_NAME = "trace-[0-9a-f]{8}"


def find_object(s3: S3Client, key: str) -> ObjectInfo | None:
    """Return the metadata of an object, or None if there is no object.

    Raises:
        S3Error: the object could not be read. This includes a 403: a function with s3:ListBucket gets 404 for
            a missing object, and callers delete the derivatives of an original that does not exist.
    """
    try:
        return s3.head(key)
    except ObjectMissingError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return None


def has_source(derivative: ObjectInfo, original: ObjectInfo) -> bool:
    """Return whether a derivative was made from the current version of its original.

    In a bucket without versions, derivatives have no `source-version`.
    """
    version = derivative.metadata.get(SOURCE_VERSION)
    return derivative.metadata.get(SOURCE_ETAG) == original.etag and version in (None, original.version_id)


def is_stale(derivative: ObjectInfo, original: ObjectInfo) -> bool:
    """Return whether a derivative was made from another upload than the current original.

    An upload of the same bytes with other metadata, such as another focal point, has the same ETag: the
    derivative is older then.
    """
    modified = derivative.last_modified
    is_older = modified is not None and _is_older(parsedate_to_datetime(modified), original)
    return is_older or not has_source(derivative, original)


class DerivativeStore:
    """The derivatives of one variant in a bucket.

    Args:
        s3: client for the bucket.
        resized_path: folder of the derivatives in the bucket of the originals, where keys are not encoded
            (`edge_resize`). None: a bucket of their own, with the paths of `image_url.derivative_path`.
    """

    def __init__(self, s3: S3Client, resized_path: str | None = None) -> None:
        self._s3 = s3
        self._resized_path = resized_path

    def list_paths(self, key: str) -> frozenset[str]:
        """Return the invalidation paths for an original in the distribution of the variant."""
        return derivative_paths(key) if self._resized_path is None else frozenset({viewer_path(key)})

    def delete_stale(self, key: str, original: ObjectInfo | None) -> int:
        """Delete the derivatives that were not made from the current original, and return their number.

        Args:
            key: key of the original.
            original: metadata of the current original, from `find_object`.

        Raises:
            S3Error: a request failed.
        """
        stale = list(self.find_stale(key, original))
        self.delete(stale)
        return len(stale)

    def find(self, key: str) -> "Iterator[ListedObject]":
        """Return all derivatives of an original, and their traces.

        Args:
            key: key of the original. The derivatives of `a.jpg/b.jpg` are not those of `a.jpg`.

        Raises:
            S3Error: the bucket could not be listed, while iterating.
        """
        for listed in self._s3.list_objects(f"{self._encode(key)}/", delimiter="/"):
            if is_derivative_name(listed.key.rpartition("/")[2]):
                yield listed

    def find_stale(self, key: str, original: ObjectInfo | None) -> "Iterator[ListedObject]":
        """Return the derivatives that were not made from the current original.

        Args:
            key: key of the original.
            original: metadata of the current original. None: there is no original, so every derivative is
                stale.

        Raises:
            S3Error: a request failed, while iterating.
        """
        for derivative in self.find(key):
            if original is None or self._is_stale(derivative, original):
                yield derivative

    def delete(self, derivatives: "list[ListedObject]") -> None:
        """Delete derivatives.

        No condition protects a current derivative that replaces a stale one after `find_stale`: without the
        derivative the next request makes another one.

        Raises:
            S3Error: a derivative could not be deleted.
        """
        self._s3.delete_objects([derivative.key for derivative in derivatives])

    def _encode(self, key: str) -> str:
        return encode_key(key) if self._resized_path is None else f"{self._resized_path}/{key}"

    def _is_stale(self, derivative: "ListedObject", original: ObjectInfo) -> bool:
        # The listing has the time of an older derivative, which therefore needs no HEAD.
        if _is_older(derivative.last_modified, original):
            return True
        found = find_object(self._s3, derivative.key)
        return found is not None and not has_source(found, original)


class TriggeredStore:
    """The derivatives of `s3_trigger`, one for each original, which only an upload makes again.

    Args:
        s3: client for the destination bucket.
        source_prefix: key prefix of the originals, with a trailing slash or empty.
        restore_prefix: key prefix of objects in the bucket of the originals that are not originals.
    """

    def __init__(self, s3: S3Client, source_prefix: str, restore_prefix: str) -> None:
        self._s3 = s3
        self._prefixes = source_prefix, restore_prefix

    def list_paths(self, key: str) -> frozenset[str]:
        """Return the invalidation path for an original; no path for an object that is not an original."""
        derivative = triggered_path(key, *self._prefixes)
        return frozenset() if derivative is None else frozenset({viewer_path(derivative)})

    def delete_stale(self, key: str, original: ObjectInfo | None) -> int:
        """Delete the derivative of a deleted original, and return the number of deletions.

        The derivative of a replaced original stays until `s3_trigger` replaces it. An object without the mark
        of a derivative was uploaded by hand and is never deleted. In a bucket with versions, S3 keeps the
        derivative as an old version.

        Args:
            key: key of the original.
            original: metadata of the current original, from `find_object`.

        Raises:
            S3Error: a request failed.
        """
        derivative_key = triggered_path(key, *self._prefixes)
        if original or derivative_key is None:
            return 0
        derivative = find_object(self._s3, derivative_key)
        if derivative is None or not is_triggered(derivative.metadata):
            return 0
        with suppress(ObjectChangedError):
            self._s3.delete(derivative_key, expected=derivative)
            return 1
        return 0


def is_triggered(metadata: "Mapping[str, str]") -> bool:
    """Return whether user metadata has the mark of a derivative of `s3_trigger`."""
    return metadata.items() >= TRIGGERED.items()


def is_derivative_name(name: str) -> bool:
    """Return whether the last part of a key names a derivative, of any output version, or a trace."""
    if re.fullmatch(_TRACE_NAME, name):
        return True
    try:
        parse_derivative_name(name)
    except DerivativeNameError:
        return False
    return True


def _is_older(modified: datetime, original: ObjectInfo) -> bool:
    return original.last_modified is not None and modified < parsedate_to_datetime(original.last_modified)
