"""Find a current derivative in S3, or create it."""

from contextlib import suppress
from enum import StrEnum

from derivation import (
    Plan,
    create_file,
    has_image_extension,
    is_current,
    make_upload,
    preload,
    read_focal_point,
)
from image_core import check_bytes
from image_format import DETECTION_BYTES
from lambda_runtime import Deadline, Fields, Task, TimingsMs, measure
from s3_http import ObjectChangedError, ObjectInfo, ObjectMissingError, S3Client, Upload

from edge_resize.plan import is_image

# A round fails if another invocation stores a derivative first, or if the original is replaced.
_MAX_ROUNDS = 3


class Outcome(StrEnum):
    """The result of `ensure_derivative`, with the word for the log."""

    FOUND = "found"
    """S3 held a current derivative."""
    MADE = "made"
    """The derivative was created and stored."""
    NO_IMAGE = "no image"
    """The file is not an image of a supported format, so it has no derivative."""


def ensure_derivative(
    plan: Plan, s3: S3Client, deadline: Deadline, fields: Fields, *, confirms: bool = False
) -> Outcome:
    """Ensure that S3 holds a current derivative.

    A hit takes one S3 round trip (two parallel HEADs), a miss three (HEADs, GET, PUT). If the key does not
    have the extension of an image, one more round trip reads the start of the original. Replacing an outdated
    derivative takes one more HEAD, and so does every miss with `confirms`.

    The PUT is conditional on the result of the lookup, so that a slow invocation with an older original does
    not overwrite the derivative of a newer one. If the condition fails, the lookup is repeated.

    Args:
        plan: the requested derivative and the options to create it with.
        s3: client for the bucket of the original and its derivatives.
        deadline: time limit of the transform. S3 requests have their own.
        fields: receives the log fields `spent_ms`, `original_bytes` and `derivative_bytes`.
        confirms: whether a last HEAD confirms that a new derivative was made from the current original. A
            replacement after this HEAD is followed by an invalidation, which removes what CloudFront reads
            before.

    Raises:
        S3Error: the original or the derivative could not be read or written.
        ImageError: the original cannot be transformed.
        ChildDiedError: the process of the transform crashed or ran out of memory.
    """
    timings_ms = fields["spent_ms"] = {}
    needs_detection = not has_image_extension(plan.original_key)
    if needs_detection and not _detect_image(plan, s3, timings_ms):
        return Outcome.NO_IMAGE
    source: ObjectInfo | None = None
    upload: Upload | None = None
    for _ in range(_MAX_ROUNDS):
        with measure(timings_ms, "lookup"):
            original, derivative = _look_up(plan, s3)
        if is_current(derivative, original, plan):
            return Outcome.FOUND
        with suppress(ObjectChangedError):
            # The transform is by far the slowest step, so a retried write reuses its result.
            if upload is None or source != original:
                source, upload = original, _create(original, plan, s3, deadline, timings_ms)
            with measure(timings_ms, "store"):
                s3.put(plan.derivative_key, upload, replacing=derivative)
            fields["original_bytes"], fields["derivative_bytes"] = original.content_length, len(upload.data)
            needs_confirmation = confirms or derivative is not None
            if not needs_confirmation or _is_unchanged(original, plan, s3, timings_ms):
                return Outcome.MADE
    raise ObjectChangedError(f"{plan.original_key}: replaced {_MAX_ROUNDS} times while a derivative was made")


def _detect_image(plan: Plan, s3: S3Client, timings_ms: TimingsMs) -> bool:
    with measure(timings_ms, "detect"):
        start = s3.get_start(plan.original_key, DETECTION_BYTES)
    return start is not None and is_image(start)


def _is_unchanged(original: ObjectInfo, plan: Plan, s3: S3Client, timings_ms: TimingsMs) -> bool:
    """Return whether the original is still the same after its derivative was stored.

    If an original is replaced and then restored, its first derivative comes back with the same bytes and
    ETag, so the condition of the PUT cannot detect the change in between.
    """
    with measure(timings_ms, "lookup"):
        return s3.head(plan.original_key) == original


def _create(
    original: ObjectInfo, plan: Plan, s3: S3Client, deadline: Deadline, timings_ms: TimingsMs
) -> Upload:
    # HEAD announced the length, so an original over the limit costs no GET.
    check_bytes(original.content_length, plan.limits)
    with measure(timings_ms, "fetch"):
        stored = s3.get(plan.original_key, max_bytes=plan.limits.max_bytes, expected=original)
    with measure(timings_ms, "transform"):
        image = create_file(stored.data, read_focal_point(original, plan), plan, deadline)
    return make_upload(image, original, plan)


def _look_up(plan: Plan, s3: S3Client) -> tuple[ObjectInfo, ObjectInfo | None]:
    """Return the original and its derivative, from two parallel HEADs."""
    original = Task(lambda: s3.head(plan.original_key))
    # Import Pillow while waiting for S3: about 30 ms of a cold start. A hit returns without waiting for it.
    Task(preload)
    try:
        derivative = s3.head(plan.derivative_key)
    except ObjectMissingError:
        derivative = None
    finally:
        # Wait after an error, too: Lambda freezes the sandbox after the response, and a request that is still
        # running would fail in the next invocation.
        original.join()
    return original.result(), derivative
