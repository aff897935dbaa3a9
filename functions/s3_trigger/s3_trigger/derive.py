"""Process one object: create its derivative, or restore the original of a replaced derivative."""

from enum import StrEnum
from typing import NamedTuple

from image_core import check_bytes, transform
from lambda_runtime import Deadline, Fields, measure, run_in_child

from s3_trigger.errors import ConcurrentWriteError
from s3_trigger.events import ObjectRef
from s3_trigger.plan import (
    derivative_key,
    is_current,
    is_derivative,
    is_newer_manual_upload,
    make_options,
    make_upload,
)
from s3_trigger.settings import Settings
from s3_trigger.store import Bucket, ObjectInfo, Upload

# A round ends without a derivative if the original or the derivative is replaced meanwhile.
_MAX_ROUNDS = 5


class Outcome(StrEnum):
    """Result for one object; the value is the `outcome` of the log."""

    MADE = "made"
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
    NO_ORIGINAL = "no original"
    """A manual upload has no original to restore."""


class Work(NamedTuple):
    """Everything but the object that processing needs.

    Attributes:
        settings: settings of the deployment.
        source: bucket of the originals.
        destination: bucket of the derivatives.
        deadline: time limit of the transform. S3 requests have their own timeouts.
        fields: receives the log fields `spent_ms`, `original_bytes` and `derivative_bytes`.
    """

    settings: Settings
    source: Bucket
    destination: Bucket
    deadline: Deadline
    fields: Fields


def process_object(ref: ObjectRef, work: Work) -> Outcome:
    """Create the derivative of an original, or restore the original of an upload in the destination.

    Raises:
        StoreError: S3 rejected a request, or did not respond.
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
    is written only if the destination still has the object that the lookup found, and each round begins with
    a lookup of both objects. So an invocation that wrote the derivative of a replaced original creates the
    next one too, and the derivative of the newest version remains, in any order of the invocations.

    Args:
        key: key in the source bucket.
        work: settings, buckets and time limit.

    Raises:
        StoreError, MetadataError, ConcurrentWriteError, ImageError, OutOfTimeError, ChildDiedError: see
            `process_object`.
    """
    target = derivative_key(key, work.settings)
    if target is None:
        return Outcome.OUTSIDE
    written = False
    for _ in range(_MAX_ROUNDS):
        with measure(work.fields["spent_ms"], "lookup"):
            original, derivative = work.source.head(key), work.destination.head(target)
        if original is None:
            return Outcome.GONE
        if is_derivative(original):
            return Outcome.MARKED
        if derivative and is_current(derivative, original, make_options(original, work.settings)):
            return Outcome.MADE if written else Outcome.CURRENT
        if derivative and is_newer_manual_upload(derivative, original):
            return Outcome.KEPT
        if upload := _transform(key, original, work):
            with measure(work.fields["spent_ms"], "store"):
                stored = work.destination.put(target, upload, replacing=derivative)
            if stored:
                written = True
                work.fields["original_bytes"] = original.content_length
                work.fields["derivative_bytes"] = len(upload.data)
    raise ConcurrentWriteError(f"replaced {_MAX_ROUNDS} times while its derivative was made")


def restore_original(key: str, work: Work) -> Outcome:
    """Copy the original of a derivative that was replaced by hand below the restore prefix.

    The copy cannot start a loop: objects below the restore prefix are not originals.

    Args:
        key: key in the destination bucket.
        work: settings and buckets.

    Raises:
        StoreError: S3 rejected a request, or did not respond.
    """
    with measure(work.fields["spent_ms"], "lookup"):
        uploaded = work.destination.head(key)
    if uploaded is None:
        return Outcome.GONE
    if is_derivative(uploaded):
        return Outcome.MARKED
    restored_key = f"{work.settings.restore_prefix}{key}"
    with measure(work.fields["spent_ms"], "lookup"):
        restored = work.source.head(restored_key)
    if restored and restored.last_modified >= uploaded.last_modified:
        return Outcome.CURRENT
    with measure(work.fields["spent_ms"], "store"):
        copied = work.source.copy(f"{work.settings.source_prefix}{key}", restored_key)
    return Outcome.RESTORED if copied else Outcome.NO_ORIGINAL


def _transform(key: str, expected: ObjectInfo, work: Work) -> Upload | None:
    """Return the derivative; None if the original is no longer the expected one."""
    check_bytes(expected.content_length, make_options(expected, work.settings).limits)
    with measure(work.fields["spent_ms"], "fetch"):
        found = work.source.get(key, etag=expected.etag)
    if found is None:
        return None
    original, data = found
    # Not the options of the expected object: the same bytes, and so the same ETag, may have been uploaded
    # again with other metadata.
    options = make_options(original, work.settings)
    with measure(work.fields["spent_ms"], "transform"):
        image = run_in_child(lambda: transform(data, options, work.deadline.remaining_seconds), work.deadline)
    return make_upload(image, original, options)
