"""Finding a derivative in S3, or making it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

import image_core
from image_core import TooManyBytes
from lambda_runtime import Task
from s3_http import Deadline, ObjectInfo, ObjectMissingError, S3Client

from edge_resize.plan import Plan, is_current, upload_of


class Outcome(StrEnum):
    """How the derivative came to be there."""

    FOUND = "found"
    MADE = "made"


type Milliseconds = dict[str, int]
"""Name of a phase to the time it took; it grows while the work goes on."""


def find_or_make(plan: Plan, s3: S3Client, deadline: Deadline, spent: Milliseconds) -> Outcome:
    """See to it that the derivative is in S3 and current: one round trip if it is, three if not.

    Args:
        plan: what is wished for.
        s3: access to the bucket.
        deadline: of the derivation; S3 has its own.
        spent: what each phase took is written there.

    Raises:
        S3Error, ImageError: there is no derivative.
    """
    with _phase(spent, "lookup"):
        original, derivative = _look_up(plan, s3)
    if is_current(derivative, original, plan):
        return Outcome.FOUND
    max_bytes = plan.wish.limits.max_bytes
    if original.content_length > max_bytes:
        raise TooManyBytes(f"The file has {original.content_length} bytes, more than {max_bytes}.")
    with _phase(spent, "fetch"):
        stored = s3.get(plan.original_key, max_bytes=max_bytes)
    with _phase(spent, "transform"):
        picture = image_core.transform(stored.data, plan.wish, deadline.remaining_seconds)
    with _phase(spent, "store"):
        # The ETag is that of the bytes that were read: since the lookup there may be others.
        s3.put(plan.derivative_key, upload_of(picture, stored.info, plan))
    return Outcome.MADE


def _look_up(plan: Plan, s3: S3Client) -> tuple[ObjectInfo, ObjectInfo | None]:
    original = Task(lambda: s3.head(plan.original_key))
    # On a cold start this imports Pillow, in about the time of S3's answers. A hit does not wait for it.
    Task(lambda: image_core.transform)
    try:
        derivative = s3.head(plan.derivative_key)
    except ObjectMissingError:
        derivative = None
    finally:
        original.join()
    return original.result(), derivative


@contextmanager
def _phase(spent: Milliseconds, name: str) -> Iterator[None]:
    started = time.monotonic()
    try:
        yield
    finally:
        spent[name] = round((time.monotonic() - started) * 1000)
