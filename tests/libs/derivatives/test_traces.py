"""Traces in an S3 in memory, with a virtual clock of months."""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from derivatives import DerivativeStore, leave_trace
from lambda_runtime import Deadline
from s3_http import ObjectInfo, Request, Response, S3Client
from sigv4 import Credentials

from tests.functions.purge.memory import MemoryConnections, MemoryS3

if TYPE_CHECKING:
    from collections.abc import Callable

BUCKET, KEY = "derivatives", "cats/tom & co.jpg"
PREFIX = "cats/tom_20_26_20co.jpg/"
DAYS = 30
DAY_SECONDS = 86_400


class Running:
    """A function whose requests nothing delays."""

    def pause(self) -> None:
        """Return at once."""


class Bucket:
    """The bucket of the derivatives, and the requests to it."""

    def __init__(self) -> None:
        self.s3 = MemoryS3()
        self.methods: list[str] = []
        running: Any = Running()
        connections: Any = MemoryConnections(running, self._respond)
        credentials = Credentials(access_key_id="id", secret_access_key="key")  # noqa: S106
        self.client = S3Client(
            connections, credentials=credentials, region="eu-west-1", deadline=Deadline.after(60)
        )
        self.meanwhile: Callable[[], object] = lambda: None

    def _respond(self, request: Request) -> Response:
        self.methods.append(request.method)
        if request.method == "PUT":
            self.meanwhile()
        return self.s3.respond(BUCKET, request)

    def leave(self, original: ObjectInfo, key: str = KEY) -> list[str]:
        """Leave a trace, and return the methods of the requests."""
        self.methods.clear()
        leave_trace(
            self.client,
            key,
            original,
            {"source-etag": original.etag},
            expiration_days=DAYS,
            clock=lambda: datetime.fromtimestamp(self.s3.now_seconds, UTC),
        )
        return self.methods

    def traces(self) -> list[str]:
        return [key for _, key in self.s3.objects]


def upload(etag: str, seconds: float, version: str | None = None) -> ObjectInfo:
    time = datetime.fromtimestamp(seconds, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    return ObjectInfo(1, etag, {}, last_modified=time, version_id=version)


def test_a_trace_is_empty_and_one_for_all_derivatives_of_an_upload() -> None:
    bucket = Bucket()
    original = upload("e", bucket.s3.now_seconds - 5)
    assert bucket.leave(original) == ["HEAD", "PUT"]
    assert bucket.leave(original) == ["HEAD"]
    [trace] = bucket.traces()
    assert trace.startswith(f"{PREFIX}trace-")
    stored = bucket.s3.objects[BUCKET, trace]
    assert (stored.body, stored.headers["x-amz-meta-source-etag"]) == (b"", "e")
    assert stored.headers["cache-control"] == "no-store"


def test_every_upload_has_a_trace_of_its_own() -> None:
    """So that a slow invocation with an older original overwrites no trace, also if an image is restored."""
    bucket, now = Bucket(), 1_800_000_000.0
    originals = [upload("a", now), upload("b", now + 2), upload("a", now + 4), upload("a", now + 4, "v2")]
    for original in originals:
        assert bucket.leave(original) == ["HEAD", "PUT"]
    assert len(bucket.traces()) == len(originals)


def test_a_trace_outlives_the_copies_of_all_derivatives_beside_it() -> None:
    """Traces expire after twice the days of derivatives and the TTL, and cost one PUT in the days of one."""
    bucket, dice = Bucket(), random.Random(1)  # noqa: S311 - repeatable, guards no secret
    original = upload("e", bucket.s3.now_seconds - 5)
    written: list[float] = []
    for _ in range(500):
        bucket.s3.now_seconds += dice.choice([0.01, 1, 20, 29.999, 40]) * dice.random() * DAY_SECONDS
        if bucket.leave(original) == ["HEAD", "PUT"]:
            written.append(bucket.s3.now_seconds)
        [trace] = bucket.traces()
        age = timedelta(seconds=bucket.s3.now_seconds - bucket.s3.objects[BUCKET, trace].modified_seconds)
        assert age < timedelta(days=DAYS)
    gaps = [later - earlier for earlier, later in pairwise(written)]
    assert len(gaps) > 10
    assert min(gaps) > DAYS * DAY_SECONDS - 1


def test_another_invocation_that_is_faster_leaves_the_same_trace() -> None:
    bucket = Bucket()
    original = upload("e", 1_800_000_000.0)
    bucket.leave(original)
    [(place, stored)] = bucket.s3.objects.items()
    bucket.s3.objects.clear()
    bucket.meanwhile = lambda: bucket.s3.objects.update({place: stored})
    assert bucket.leave(original) == ["HEAD", "PUT"]
    assert bucket.traces() == [place[1]]


def test_an_old_trace_that_is_deleted_meanwhile_is_renewed() -> None:
    bucket = Bucket()
    original = upload("e", 1_800_000_000.0)
    bucket.leave(original)
    traces = bucket.traces()
    bucket.s3.now_seconds += (DAYS + 1) * DAY_SECONDS
    bucket.meanwhile = bucket.s3.objects.clear
    assert bucket.leave(original) == ["HEAD", "PUT"]
    assert bucket.traces() == traces


def test_a_trace_is_stale_when_derivatives_of_its_upload_are() -> None:
    bucket, now = Bucket(), 1_800_000_000.0
    bucket.leave(upload("a", now))
    bucket.s3.now_seconds += 5
    store = DerivativeStore(bucket.client)
    # Another image, and the same bytes again, which may have another focal point.
    for newer, is_stale in (
        (upload("a", now), False),
        (upload("b", now + 4), True),
        (upload("a", now + 4), True),
    ):
        assert [one.key for one in store.find_stale(KEY, newer)] == (bucket.traces() if is_stale else [])
    assert store.delete_stale(KEY, None) == 1
    assert bucket.traces() == []


@pytest.mark.parametrize(("length", "has_trace"), [(1024 - 15, True), (1024 - 14, False)])
def test_a_key_without_room_for_the_name(length: int, *, has_trace: bool) -> None:
    bucket = Bucket()
    bucket.leave(upload("e", 1_800_000_000.0), key="k" * length)
    assert len(bucket.traces()) == has_trace
