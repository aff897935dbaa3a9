"""One object at a time: an original becomes a derivative, an upload by hand brings back its original."""

from collections.abc import Callable
from enum import StrEnum

from image_core import TooManyBytes, transform
from lambda_runtime import Deadline, TimingsMs, measure, run_in_child

from s3_trigger.errors import OvertakenError
from s3_trigger.events import Item
from s3_trigger.plan import derivative_key, is_current, is_kept, is_made_by_us, upload_of, wish_of
from s3_trigger.settings import Settings
from s3_trigger.store import Bucket, Stored, Upload

# How often the derivative of an original is begun that is replaced all the time.
_ROUNDS = 5


class Outcome(StrEnum):
    """What became of an object that something was said about."""

    MADE = "made"
    CURRENT = "current"
    """The derivative, or the copy, was there already."""
    GONE = "gone"
    """The object was deleted meanwhile."""
    MARKED = "marked"
    """It is a derivative itself."""
    KEPT = "kept"
    """In the derivative's place is an upload by hand, newer than the original."""
    OUTSIDE = "outside"
    """It lies where no originals are."""
    RESTORED = "restored"
    NO_ORIGINAL = "no original"
    """It was uploaded by hand, and there is no original to restore."""


def process(
    item: Item,
    settings: Settings,
    bucket: Callable[[str], Bucket],
    deadline: Deadline,
    timings_ms: TimingsMs,
) -> Outcome:
    """Do what an object asks for.

    Args:
        item: the object that something was said about.
        settings: of the deployment.
        bucket: opens a bucket by its name.
        deadline: of the transform.
        timings_ms: receives the duration of each phase in milliseconds.

    Raises:
        StoreError, MetadataError, OvertakenError, ImageError, OutOfTimeError, ChildDiedError
    """
    source, destination = bucket(settings.source_bucket), bucket(settings.destination_bucket)
    if item.bucket == source.name:
        return make_derivative(item.key, settings, source, destination, deadline, timings_ms)
    if item.bucket == destination.name:
        return restore_original(item.key, settings, source, destination, timings_ms)
    return Outcome.OUTSIDE


def make_derivative(  # noqa: PLR0913, PLR0917
    key: str,
    settings: Settings,
    source: Bucket,
    destination: Bucket,
    deadline: Deadline,
    timings_ms: TimingsMs,
) -> Outcome:
    """See to it that the derivative is that of the original as it is now.

    Another invocation may do the same at the same time, for this version or for another. A derivative is
    written only over what was seen there before, and afterwards both are looked at again: whoever wrote the
    derivative of an original that has been replaced meanwhile makes the next one. So that of the newest
    version stays, whoever comes last.
    """
    target = derivative_key(key, settings)
    if target is None:
        return Outcome.OUTSIDE
    made = False
    for _ in range(_ROUNDS):
        with measure(timings_ms, "lookup"):
            original, derivative = source.head(key), destination.head(target)
        if original is None:
            return Outcome.GONE
        if is_made_by_us(original):
            return Outcome.MARKED
        if derivative and is_current(derivative, original, wish_of(original, settings)):
            return Outcome.MADE if made else Outcome.CURRENT
        if derivative and is_kept(derivative, original):
            return Outcome.KEPT
        upload = _derived(key, original, settings, source, deadline, timings_ms)
        if upload:
            with measure(timings_ms, "store"):
                made |= destination.put(target, upload, over=derivative)
    raise OvertakenError(f"replaced {_ROUNDS} times while its derivative was made")


def restore_original(
    key: str, settings: Settings, source: Bucket, destination: Bucket, timings_ms: TimingsMs
) -> Outcome:
    """Copy the original of a derivative that somebody has replaced by hand to the restore folder.

    The copy starts nothing: no original is below the restore folder.
    """
    with measure(timings_ms, "lookup"):
        uploaded = destination.head(key)
    if uploaded is None:
        return Outcome.GONE
    if is_made_by_us(uploaded):
        return Outcome.MARKED
    restored_key = f"{settings.restore_prefix}{key}"
    with measure(timings_ms, "lookup"):
        restored = source.head(restored_key)
    if restored and restored.last_modified >= uploaded.last_modified:
        return Outcome.CURRENT
    with measure(timings_ms, "store"):
        copied = source.copy(f"{settings.source_prefix}{key}", restored_key)
    return Outcome.RESTORED if copied else Outcome.NO_ORIGINAL


def _derived(  # noqa: PLR0913, PLR0917
    key: str, seen: Stored, settings: Settings, source: Bucket, deadline: Deadline, timings_ms: TimingsMs
) -> Upload | None:
    """The derivative; None where the original is no longer the one that was seen."""
    limit = wish_of(seen, settings).limits.max_bytes
    if seen.content_length > limit:
        raise TooManyBytes(f"The file has {seen.content_length:,} bytes, the limit is {limit:,}.")
    with measure(timings_ms, "fetch"):
        found = source.get(key, etag=seen.etag)
    if found is None:
        return None
    original, data = found
    # The same bytes may have been uploaded again, with other metadata.
    wish = wish_of(original, settings)
    with measure(timings_ms, "transform"):
        image = run_in_child(lambda: transform(data, wish, deadline.remaining_seconds), deadline)
    return upload_of(image, original, wish)
