"""Find a current derivative in S3, or create it."""

from contextlib import suppress
from enum import StrEnum
from http import HTTPStatus
from typing import NamedTuple

from derivation import Plan, create_file, is_current, make_upload, preload, read_focal_point
from derivatives import Kind, PurgeQueue, find_object, is_stale, leave_trace
from function_url import MAX_BODY_BYTES
from image_core import TooManyBytes
from image_url import SOURCE_VERSION
from lambda_runtime import Deadline, Fields, Task, TimingsMs, measure
from s3_http import (
    ObjectChangedError,
    ObjectInfo,
    ObjectMissingError,
    ObjectTooLargeError,
    S3Client,
    S3Error,
    S3Object,
    TransientError,
    Upload,
)

# A round fails if another invocation stores a derivative first, or if the original is replaced.
_MAX_ROUNDS = 4
# Limits how long after a change of the original its old derivative can still be stored.
_MAX_STORE_SECONDS = 5.0
# Delay of the message about a replaced derivative, so that SQS usually delivers the message after the PUT.
# Before the PUT, purge would delete the old derivative, and the PUT, which is conditional on it, would fail.
_REPLACE_SECONDS = 1


class Outcome(StrEnum):
    """The result of `ensure_derivative`, with the word for the log."""

    FOUND = "found"
    """S3 held a current derivative: another invocation was faster."""
    MADE = "made"
    """The derivative was created and stored."""


class Derived(NamedTuple):
    """A derivative that S3 holds.

    Attributes:
        outcome: whether this invocation created the derivative.
        info: metadata of the derivative.
        data: bytes of the derivative. None for a derivative that was found, and is too large for the result
            of a function.
    """

    outcome: Outcome
    info: ObjectInfo
    data: bytes | None


class Buckets(NamedTuple):
    """Access to both buckets, and what the function purge needs.

    Attributes:
        originals: client for the bucket of the originals.
        derivatives: client for the bucket of the derivatives.
        purge_queue: queue of the function purge. None without that function.
        expiration_days: days after which S3 deletes derivatives, which leave traces for purge. None: never.
    """

    originals: S3Client
    derivatives: S3Client
    purge_queue: PurgeQueue | None = None
    expiration_days: int | None = None


def ensure_derivative(plan: Plan, buckets: Buckets, deadline: Deadline, fields: Fields) -> Derived:
    """Ensure that S3 holds a current derivative, and return it.

    A derivative takes four S3 round trips: a GET of the original parallel to a HEAD of the derivative, and a
    PUT between two HEADs of the original. The first of these HEADs detects an original that was replaced
    during the transform. The second one detects a replacement between both HEADs, milliseconds after the PUT:
    then the derivative is deleted, because purge may have listed the derivatives of the original before the
    PUT. A derivative that expires takes one more round trip for its trace, and another one to store a trace.

    The PUT is conditional on the result of the first HEAD, so that many invocations store one derivative, and
    a slow one with an older original does not overwrite the derivative of a newer one. If the condition
    fails, both objects are read again.

    Args:
        plan: the requested derivative and the options to create it with.
        buckets: clients for the buckets of the original and of the derivative.
        deadline: time limit of the transform. S3 requests have their own.
        fields: receives the log fields `spent_ms`, `original_bytes` and `derivative_bytes`.

    Raises:
        S3Error: the original or the derivative could not be read or written.
        ImageError: the original cannot be transformed.
        ChildDiedError: the process of the transform crashed or ran out of memory.
    """
    timings_ms = fields["spent_ms"] = {}
    source: ObjectInfo | None = None
    upload: Upload | None = None
    for _ in range(_MAX_ROUNDS):
        original, derivative = _read(plan, buckets, timings_ms)
        with suppress(ObjectChangedError):
            if derivative and is_current(derivative, original.info, plan):
                return _find(derivative, plan, buckets, timings_ms)
            # The transform is by far the slowest step, so a retried write reuses its result.
            if upload is None or source != original.info:
                source, upload = original.info, _create(original, plan, deadline, timings_ms)
            _leave_trace(upload, original.info, plan, buckets, timings_ms)
            # The message is not sent after the PUT, because the invocation may end there, and purge does not
            # find a derivative that was replaced. It is sent before the HEAD, which must directly precede the
            # PUT.
            if derivative and is_stale(derivative, original.info):
                _request_purge(Kind.REPLACED, plan, buckets, delay_seconds=_REPLACE_SECONDS)
            if not _is_unchanged(original.info, plan, buckets, timings_ms):
                continue
            stored = _store(upload, derivative, plan, buckets, timings_ms)
            fields["original_bytes"], fields["derivative_bytes"] = len(original.data), len(upload.data)
            if _confirm(stored, original.info, plan, buckets, timings_ms):
                return Derived(Outcome.MADE, stored, upload.data)
    raise ObjectChangedError(f"{plan.original_key}: replaced {_MAX_ROUNDS} times while a derivative was made")


def _read(plan: Plan, buckets: Buckets, timings_ms: TimingsMs) -> tuple[S3Object, ObjectInfo | None]:
    """Return the original and the metadata of its derivative, from parallel requests."""
    with measure(timings_ms, "fetch"):
        lookup = Task(lambda: find_object(buckets.derivatives, plan.derivative_key))
        # Import Pillow while waiting for S3: about 30 ms of a cold start.
        imports = Task(preload)
        try:
            original = buckets.originals.get(plan.original_key, max_bytes=plan.limits.max_bytes)
        except ObjectTooLargeError as error:
            limit = plan.limits.max_bytes
            raise TooManyBytes(f"The file has more bytes than the limit of {limit:,}.") from error
        finally:
            # Wait after an error, too: Lambda freezes the sandbox after the response, and a request that is
            # still running would fail in the next invocation.
            lookup.join()
            imports.join()
        return original, lookup.result()


def _find(info: ObjectInfo, plan: Plan, buckets: Buckets, timings_ms: TimingsMs) -> Derived:
    if info.content_length > MAX_BODY_BYTES:
        return Derived(Outcome.FOUND, info, None)
    with measure(timings_ms, "fetch"):
        try:
            found = buckets.derivatives.get(plan.derivative_key, max_bytes=MAX_BODY_BYTES, expected=info)
        except ObjectMissingError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            raise ObjectChangedError(str(error), status=error.status) from error
    return Derived(Outcome.FOUND, found.info, found.data)


def _create(original: S3Object, plan: Plan, deadline: Deadline, timings_ms: TimingsMs) -> Upload:
    with measure(timings_ms, "transform"):
        file = create_file(original.data, read_focal_point(original.info, plan), plan, deadline)
    upload = make_upload(file, original.info, plan)
    version = {SOURCE_VERSION: original.info.version_id} if original.info.version_id else {}
    return upload._replace(metadata={**upload.metadata, **version})


def _leave_trace(
    upload: Upload, original: ObjectInfo, plan: Plan, buckets: Buckets, timings_ms: TimingsMs
) -> None:
    """Leave a trace of a derivative before its PUT, because the invocation may end directly after the PUT."""
    if buckets.expiration_days:
        with measure(timings_ms, "store"):
            leave_trace(
                buckets.derivatives,
                plan.original_key,
                original,
                upload.metadata,
                expiration_days=buckets.expiration_days,
            )


def _is_unchanged(original: ObjectInfo, plan: Plan, buckets: Buckets, timings_ms: TimingsMs) -> bool:
    with measure(timings_ms, "lookup"):
        return buckets.originals.head(plan.original_key) == original


def _store(
    upload: Upload, replaced: ObjectInfo | None, plan: Plan, buckets: Buckets, timings_ms: TimingsMs
) -> ObjectInfo:
    """Store a derivative and return its metadata.

    S3 may store a derivative although its response is lost. So after a transient error, the function purge
    compares the stored derivative with the original.

    Raises:
        ObjectChangedError: the key has another object than the derivative to replace.
        S3Error: the derivative could not be written, or the message could not be sent.
    """
    try:
        with measure(timings_ms, "store"):
            client = buckets.derivatives.within(_MAX_STORE_SECONDS)
            etag = client.put(plan.derivative_key, upload, replacing=replaced)
    except TransientError:
        _request_purge(Kind.UNCERTAIN, plan, buckets)
        raise
    return _describe(upload, etag)


def _confirm(
    stored: ObjectInfo, original: ObjectInfo, plan: Plan, buckets: Buckets, timings_ms: TimingsMs
) -> bool:
    """Return whether the original is still the same after the PUT; delete the derivative if it is not.

    CloudFront may have read the derivative between the PUT and its deletion, so the function purge gets a
    message. The message precedes the deletion: if this invocation ends between them, purge deletes the
    derivative. If the original cannot be read, purge decides, and invalidates copies only if it deletes the
    derivative.

    Args:
        stored: metadata of the derivative. A derivative that another invocation stored since is not deleted.
        original: metadata of the original that the derivative was made from.
        plan: both keys.
        buckets: clients for both buckets.
        timings_ms: receives the duration.

    Raises:
        ObjectMissingError: the original was deleted.
        S3Error: the original could not be read, the derivative could not be deleted, or the message could not
            be sent.
    """
    try:
        if _is_unchanged(original, plan, buckets, timings_ms):
            return True
    except ObjectMissingError:
        _discard(stored, plan, buckets)
        raise
    except S3Error:
        if buckets.purge_queue:
            _request_purge(Kind.UNCERTAIN, plan, buckets)
        else:
            _discard(stored, plan, buckets)
        raise
    _discard(stored, plan, buckets)
    return False


def _discard(stored: ObjectInfo, plan: Plan, buckets: Buckets) -> None:
    # If the message cannot be sent, the derivative is not deleted: purge finds it at the latest two minutes
    # after the event of the original, and invalidates its copies.
    _request_purge(Kind.REPLACED, plan, buckets)
    with suppress(ObjectChangedError):
        buckets.derivatives.delete(plan.derivative_key, expected=stored)


def _request_purge(kind: Kind, plan: Plan, buckets: Buckets, *, delay_seconds: int = 0) -> None:
    if buckets.purge_queue:
        buckets.purge_queue.send(plan.original_key, kind, "regional_resize", delay_seconds=delay_seconds)


def _describe(upload: Upload, etag: str) -> ObjectInfo:
    """Return the metadata of a stored derivative, as HEAD would."""
    return ObjectInfo(
        content_length=len(upload.data),
        etag=etag,
        metadata=upload.metadata,
        content_type=upload.content_type,
        cache_control=upload.cache_control,
        expires=upload.expires,
        content_disposition=upload.content_disposition,
        content_language=upload.content_language,
    )
