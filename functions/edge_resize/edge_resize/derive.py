"""Finding a derivative in S3, or making it."""

from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from functools import partial

import image_core
import lambda_runtime
from image_core import DerivationTooSlow, EncodedImage, TooManyBytes
from lambda_runtime import Deadline, OutOfTimeError, Task, TimingsMs, measure
from s3_http import ObjectChangedError, ObjectInfo, ObjectMissingError, S3Client, Upload

from edge_resize.plan import START_BYTES, Plan, is_current, is_image, upload_of

# A round ends without a derivative when another invocation stores one first, or the original is replaced.
_MAX_ROUNDS = 3


class Outcome(StrEnum):
    """What there is to serve."""

    FOUND = "found"
    MADE = "made"
    NO_IMAGE = "no image"
    """There is none: the file is no image of a supported format."""


type RemainingSeconds = Callable[[], float]


def find_or_make(plan: Plan, s3: S3Client, deadline: Deadline, timings_ms: TimingsMs) -> Outcome:
    """Ensure that S3 holds a current derivative: one round trip if there is one, three if there is none.

    Where the name of the original does not say whether it is an image, one more round trip reads its start.

    A derivative is stored only in the place of what the lookup found there, so that a slow invocation with an
    older original does not overwrite the derivative of a newer one. Where something else is there by now, the
    lookup decides anew.

    Args:
        plan: the requested derivative and the options to make it with.
        s3: client for the bucket of the original and its derivatives.
        deadline: time limit of the transform. S3 requests have their own.
        timings_ms: receives the duration of each phase in milliseconds.

    Raises:
        S3Error, ImageError, OutOfTimeError, ChildDiedError: there is no derivative.
    """
    if plan.if_image:
        with measure(timings_ms, "detect"):
            start = s3.get_start(plan.original_key, START_BYTES)
        if start is None or not is_image(start):
            return Outcome.NO_IMAGE
    made: tuple[ObjectInfo, Upload] | None = None
    for _ in range(_MAX_ROUNDS):
        with measure(timings_ms, "lookup"):
            original, derivative = _look_up(plan, s3)
        if is_current(derivative, original, plan):
            return Outcome.FOUND
        with suppress(ObjectChangedError):
            if made is None or made[0] != original:
                made = original, _make(original, plan, s3, deadline, timings_ms)
            with measure(timings_ms, "store"):
                s3.put(plan.derivative_key, made[1], replacing=derivative)
            if derivative is None or _is_still(original, plan, s3, timings_ms):
                return Outcome.MADE
    raise ObjectChangedError(f"{plan.original_key}: replaced {_MAX_ROUNDS} times while a derivative was made")


def _is_still(original: ObjectInfo, plan: Plan, s3: S3Client, timings_ms: TimingsMs) -> bool:
    """Return whether an original is still the one that was seen, after its derivative replaced another one.

    An original that is taken back has its first derivative again, with the same bytes and ETag: the condition
    of a write does not tell them apart.
    """
    with measure(timings_ms, "lookup"):
        return s3.head(plan.original_key) == original


def _make(
    original: ObjectInfo, plan: Plan, s3: S3Client, deadline: Deadline, timings_ms: TimingsMs
) -> Upload:
    max_bytes = plan.limits.max_bytes
    if original.content_length > max_bytes:
        raise TooManyBytes(f"The file has {original.content_length:,} bytes, the limit is {max_bytes:,}.")
    with measure(timings_ms, "fetch"):
        stored = s3.get(plan.original_key, max_bytes=max_bytes, expected=original)
    with measure(timings_ms, "transform"):
        image = _image(stored.data, plan, deadline)
    return upload_of(image, original, plan)


def _image(data: bytes, plan: Plan, deadline: Deadline) -> EncodedImage:
    """Make the image in a child process, which ends at the deadline whatever it is doing."""
    # These wait for the imports of `_preload`: a child that is forked during an import inherits its lock.
    make: Callable[[RemainingSeconds], EncodedImage]
    if plan.wish is None:
        make = partial(image_core.clean, data, plan.limits)
    else:
        make = partial(image_core.transform, data, plan.wish)
    run_in_child = lambda_runtime.run_in_child
    try:
        return run_in_child(lambda: make(deadline.remaining_seconds), deadline)
    except OutOfTimeError as error:
        raise DerivationTooSlow("The image takes too long to be made.") from error


def _preload() -> None:
    """Import what only a derivation needs."""
    _ = image_core.transform, lambda_runtime.run_in_child


def _look_up(plan: Plan, s3: S3Client) -> tuple[ObjectInfo, ObjectInfo | None]:
    original = Task(lambda: s3.head(plan.original_key))
    # On a cold start this imports Pillow, in about the time of S3's answers. A hit does not wait for it.
    Task(_preload)
    try:
        derivative = s3.head(plan.derivative_key)
    except ObjectMissingError:
        derivative = None
    finally:
        original.join()
    return original.result(), derivative
