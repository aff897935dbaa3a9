"""Process one object: create its derivative, or restore the original of a replaced derivative."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from enum import StrEnum
from time import monotonic
from typing import NamedTuple

from derivatives import Kind, PurgeQueue, is_triggered
from image_core import check_bytes, transform
from image_url import triggered_path
from lambda_runtime import Deadline, Fields, measure, run_in_child
from s3_http import S3Error, TransientError

from s3_trigger.errors import ConcurrentWriteError, StoreError
from s3_trigger.events import ObjectRef
from s3_trigger.plan import (
    is_current,
    is_newer_manual_upload,
    is_stale,
    make_options,
    make_upload,
)
from s3_trigger.settings import Settings
from s3_trigger.store import Bucket, ObjectInfo, Upload

# A round ends without a derivative if another writer replaces the original or the derivative.
_MAX_ROUNDS = 5
# Most PUTs end before SQS delivers the message that precedes them.
_REPLACE_SECONDS = 1


class Outcome(StrEnum):
    """Result for one object; the value is the `outcome` of the log."""

    MADE = "made"
    """The derivative was created and stored."""
    CURRENT = "current"
    """The derivative, or the restored original, was up to date."""
    GONE = "gone"
    """The object was deleted after the event."""
    MARKED = "marked"
    """The object is a derivative."""
    KEPT = "kept"
    """A manual upload, newer than the original, has the key of the derivative."""
    OUTSIDE = "outside"
    """The object is not below the source prefix, or in another bucket."""
    RESTORED = "restored"
    """The original was copied below the restore prefix."""
    NO_ORIGINAL = "no original"
    """A manual upload has no original to restore."""


class Work(NamedTuple):
    """Everything that the processing of an object needs besides the object.

    Attributes:
        settings: settings of the deployment.
        source: bucket of the originals.
        destination: bucket of the derivatives.
        purge_queue: queue of the function purge; None without that function.
        deadline: time limit of the transform. S3 requests have their own timeouts.
        fields: receives the log fields `spent_ms`, `original_bytes` and `derivative_bytes`.
    """

    settings: Settings
    source: Bucket
    destination: Bucket
    purge_queue: PurgeQueue | None
    deadline: Deadline
    fields: Fields


def process_object(ref: ObjectRef, work: Work) -> Outcome:
    """Create the derivative of an original, or restore the original of an upload in the destination.

    Raises:
        StoreError: S3 or SQS rejected a request, or did not respond.
        MetadataError: the original has an invalid `width` or `height`.
        ConcurrentWriteError: other writers replaced the original or the derivative in every round.
        ImageError: the original cannot be transformed.
        OutOfTimeError, ChildDiedError: the transform missed the deadline or crashed.
    """
    if ref.bucket == work.source.name:
        return ensure_derivative(ref.key, work)
    if ref.bucket == work.destination.name:
        return restore_original(ref.key, work)
    return Outcome.OUTSIDE


def ensure_derivative(key: str, work: Work) -> Outcome:
    """Ensure that the destination has the derivative of the current original.

    Other invocations may process the same or another version of the original at the same time. A derivative
    is written only if the destination still has the object that the lookup found, and the work ends only when
    HEADs before and after the PUT return the same original. So an invocation that wrote the derivative of a
    replaced original also creates the next one, and the derivative of the newest version remains, whatever
    the order of the invocations. Because of the HEAD before the PUT, an original that was deleted during the
    transform gets a derivative for milliseconds at most.

    Args:
        key: key in the source bucket.
        work: settings, buckets and time limit.

    Raises:
        StoreError, MetadataError, ConcurrentWriteError, ImageError, OutOfTimeError, ChildDiedError: see
            `process_object`.
    """
    target = triggered_path(key, work.settings.source_prefix, work.settings.restore_prefix)
    if target is None:
        return Outcome.OUTSIDE
    for _ in range(_MAX_ROUNDS):
        with measure(work.fields["spent_ms"], "lookup"):
            original, derivative = work.source.head(key), work.destination.head(target)
        if original is None:
            # Purge deletes a derivative that was stored after purge had processed the deletion.
            if derivative and is_triggered(derivative.metadata):
                _request_purge(key, work)
            return Outcome.GONE
        if is_triggered(original.metadata):
            return Outcome.MARKED
        if derivative and is_current(derivative, original, work.settings):
            return Outcome.CURRENT
        if derivative and is_newer_manual_upload(derivative, original):
            return Outcome.KEPT
        made = _transform(key, original, work)
        if made and _store(key, target, made, derivative, work):
            return Outcome.MADE
    raise ConcurrentWriteError(f"replaced {_MAX_ROUNDS} times while its derivative was made")


def restore_original(key: str, work: Work) -> Outcome:
    """Copy the original of a derivative that was replaced by hand below the restore prefix.

    The copy cannot start a loop: objects below the restore prefix are not originals.

    CloudFront may have copies of the replaced derivative, which the function purge invalidates. The message
    to purge precedes the copy of the original, because a retry after the copy would find nothing to do.

    Args:
        key: key in the destination bucket.
        work: settings and buckets.

    Raises:
        StoreError: S3 or SQS rejected a request, or did not respond.
    """
    with measure(work.fields["spent_ms"], "lookup"):
        uploaded = work.destination.head(key)
    if uploaded is None:
        return Outcome.GONE
    if is_triggered(uploaded.metadata):
        return Outcome.MARKED
    original_key = f"{work.settings.source_prefix}{key}"
    if triggered_path(original_key, work.settings.source_prefix, work.settings.restore_prefix) is None:
        # With the whole bucket as source, the key may be that of a restored object.
        return Outcome.NO_ORIGINAL
    restored_key = f"{work.settings.restore_prefix}{key}"
    with measure(work.fields["spent_ms"], "lookup"):
        restored = work.source.head(restored_key)
    if restored and restored.last_modified >= uploaded.last_modified:
        return Outcome.CURRENT
    with measure(work.fields["spent_ms"], "lookup"):
        original = work.source.head(original_key)
    if original is None:
        return Outcome.NO_ORIGINAL
    with measure(work.fields["spent_ms"], "store"):
        _request_purge(original_key, work)
        copied = work.source.copy(original_key, restored_key)
    return Outcome.RESTORED if copied else Outcome.NO_ORIGINAL


class _Made(NamedTuple):
    """A derivative to store, and the description of the original that it was made from."""

    original: ObjectInfo
    upload: Upload


def _store(key: str, target: str, made: _Made, replaced: ObjectInfo | None, work: Work) -> bool:
    """Store a derivative; return whether it is stored, and still that of the current original.

    Args:
        key: key of the original.
        target: key of the derivative.
        made: the derivative.
        replaced: the object that HEAD found under the key of the derivative; None if HEAD found no object.
        work: settings and buckets.
    """
    with measure(work.fields["spent_ms"], "lookup"):
        if work.source.head(key) != made.original:
            return False
    # A derivative of the current original is replaced after a change of the settings. CloudFront's copies of
    # it stay, because a backfill of all images would spend an invalidation path for each image.
    has_copies = replaced is not None and is_stale(replaced, made.original)
    with (
        measure(work.fields["spent_ms"], "store"),
        _purge_copies(key, work) if has_copies else nullcontext(),
    ):
        if not work.destination.put(target, made.upload, replacing=replaced):
            return False
    work.fields["original_bytes"] = made.original.content_length
    work.fields["derivative_bytes"] = len(made.upload.data)
    with measure(work.fields["spent_ms"], "lookup"):
        return work.source.head(key) == made.original


@contextmanager
def _purge_copies(key: str, work: Work) -> Iterator[None]:
    """Have the function purge invalidate CloudFront's copies of the derivative that the block replaces.

    The message precedes the PUT, because the invocation may end after the PUT, and a retry of the event would
    find a current derivative and nothing to do. SQS delays the message, usually until the PUT has ended. If
    the PUT takes longer, CloudFront may read the old derivative after the invalidation, so a second message
    follows the PUT. If the invocation ends before the second message, these copies are removed by the
    invalidation that purge repeats a minute after the first one.
    """
    started = monotonic()
    _request_purge(key, work, delay_seconds=_REPLACE_SECONDS)
    try:
        yield
    finally:
        # After a failed PUT, too: S3 may have executed the PUT although its response was lost.
        if monotonic() - started >= _REPLACE_SECONDS:
            _request_purge(key, work)


def _request_purge(key: str, work: Work, *, delay_seconds: int = 0) -> None:
    if work.purge_queue is None:
        return
    try:
        work.purge_queue.send(key, Kind.REPLACED, "s3_trigger", delay_seconds=delay_seconds)
    except S3Error as error:
        raise StoreError(str(error), transient=isinstance(error, TransientError)) from error


def _transform(key: str, expected: ObjectInfo, work: Work) -> _Made | None:
    """Return the derivative; None if the key no longer has the expected original."""
    check_bytes(expected.content_length, make_options(expected, work.settings).limits)
    with measure(work.fields["spent_ms"], "fetch"):
        found = work.source.get(key, etag=expected.etag)
    if found is None:
        return None
    original, data = found
    # Not the options of the expected object: another upload of the same bytes has the same ETag, and may have
    # other metadata.
    options = make_options(original, work.settings)
    with measure(work.fields["spent_ms"], "transform"):
        image = run_in_child(lambda: transform(data, options, work.deadline.remaining_seconds), work.deadline)
    return _Made(original, make_upload(image, original, work.settings))
