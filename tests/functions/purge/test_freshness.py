"""Old images are gone within 5 seconds of an event, in random interleavings with a virtual clock.

The functions regional_resize and purge are the real code; S3, SQS, CloudFront and s3_trigger are in memory.
Every request takes a random time, transforms take up to 20 seconds, events arrive late, twice and in any
order.

A late event counts from its arrival. A response that was on its way for seconds stays in the cache until the
invalidation is repeated. test_interleavings.py has functions that die.
"""

import heapq
import itertools
import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from unittest.mock import patch

import pytest
from derivatives import DerivativeStore, PurgeQueue, TriggeredStore
from image_core import OUTPUT_VERSION, DerivedFile
from image_url import derivative_path
from lambda_runtime import Deadline
from purge import handler
from purge.budget import Budget
from purge.invalidation import CloudFront
from purge.work import Access
from regional_resize import derive
from regional_resize.requests import make_plan
from regional_resize.settings import Settings
from s3_http import Request, Response, S3Client
from sigv4 import Credentials, Scope

from tests.functions.context import LambdaContext
from tests.functions.purge.memory import Actor, InlineTask, MemoryConnections, MemoryS3

ORIGINALS, DERIVATIVES, DESTINATION = "originals", "derivatives", "destination"
CREDENTIALS = Credentials(access_key_id="id", secret_access_key="key")  # noqa: S106 - nothing checks them
KEYS = ["a b.jpg", "source/c.jpg"]
CONTENTS = [b"1", b"2", b"3"]
FRESH_SECONDS = 5.0
RECHECK_SECONDS = 120.0
REPEAT_SECONDS = 60.0
TRANSFORM_SECONDS = [0.05, 0.05, 2.0, 8.0, 20.0]
RUN_SECONDS = 35.0
RUNS = 200
EDGES = 3
ENVIRONMENT = {
    "BUCKET_NAME": ORIGINALS,
    "DERIVATIVES_BUCKET_NAME": DERIVATIVES,
    "DESTINATION_BUCKET": DESTINATION,
    "SOURCE_PREFIX": "source/",
    "DISTRIBUTIONS": json.dumps({"regional_resize": "E1", "s3_trigger": "E2"}),
    "MAX_MONTHLY_PATHS": "1000000",
    "PURGE_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/1/changes",
}


@dataclass(frozen=True)
class Copy:
    """A copy in CloudFront's cache, or a response on its way there.

    Attributes:
        body: the image; empty for 404.
        was_slow: whether the response was on its way for seconds.
    """

    body: bytes
    was_slow: bool


@dataclass
class Original:
    """What is known of a key.

    Attributes:
        fresh_at: time from which no old image is served any more.
        repeated_at: the same for responses that were on their way for seconds.
    """

    fresh_at: float = 0.0
    repeated_at: float = 0.0


@dataclass
class World:
    """Everything that happens at a virtual time, in its order."""

    random: random.Random
    s3: MemoryS3 = field(default_factory=MemoryS3)
    now: float = 0.0
    events: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    numbers: Any = field(default_factory=itertools.count)
    caches: dict[str, dict[tuple[int, str], Copy]] = field(default_factory=lambda: {"E1": {}, "E2": {}})
    pending: set[tuple[str, int, str]] = field(default_factory=set)
    actors: list[Actor] = field(default_factory=list)
    actor: Actor | None = None
    delays: dict[Actor, float] = field(default_factory=dict)
    originals: dict[str, Original] = field(default_factory=lambda: {key: Original() for key in KEYS})

    def after(self, seconds: float, work: Callable[[], None]) -> None:
        heapq.heappush(self.events, (self.now + seconds, next(self.numbers), work))

    def run(self) -> None:
        """Let everything happen."""
        start = self.s3.now_seconds
        for key in KEYS:
            self.after(0, partial(self.change, key))
            self.after(1, partial(self.view, key))
        while self.events:
            self.now, _, work = heapq.heappop(self.events)
            self.s3.now_seconds = start + self.now
            work()

    def close(self) -> None:
        """End the threads."""
        for actor in self.actors:
            if not actor.is_done:
                actor.kill()

    # Uploads and viewers

    def change(self, key: str) -> None:
        """Replace or delete an original, and announce that."""
        if self.now > RUN_SECONDS:
            return
        if self.random.random() < 0.3:
            self.s3.objects.pop((ORIGINALS, key), None)
        else:
            self.s3.put(ORIGINALS, key, self.random.choice(CONTENTS))
            self.after(self.random.uniform(0.3, 3), lambda: self.trigger(key))
        body = json.dumps(
            {"detail-type": "Object", "detail": {"bucket": {"name": ORIGINALS}, "object": {"key": key}}}
        )
        delay = self.random.choice([*[self.random.uniform(0.3, 1.5)] * 6, 20.0])
        self.after(delay, lambda: self.deliver(body))
        if self.random.random() < 0.2:
            self.after(self.random.uniform(0.3, 30), lambda: self.deliver(body))
        self.after(RECHECK_SECONDS, lambda: self.deliver(body))
        original = self.originals[key]
        original.fresh_at = max(original.fresh_at, self.now + max(delay, 1.5) + FRESH_SECONDS - 1.5)
        original.repeated_at = max(original.repeated_at, self.now + delay + REPEAT_SECONDS + FRESH_SECONDS)
        self.after(
            self.random.choice([0.2, 1.0, 10.0, 40.0]) * self.random.random(), lambda: self.change(key)
        )

    def view(self, key: str) -> None:
        """Request the image of both variants."""
        if self.now > RUN_SECONDS + RECHECK_SECONDS + FRESH_SECONDS:
            return
        self.request("E1", key, derivative_path(key, f"v{OUTPUT_VERSION}_clean"), DERIVATIVES)
        if key.startswith("source/"):
            self.request("E2", key, key.removeprefix("source/"), DESTINATION)
        seconds = self.random.uniform(0.02, 0.5) if self.now < RUN_SECONDS + FRESH_SECONDS else 5.0
        self.after(seconds, lambda: self.view(key))

    def request(self, distribution: str, key: str, path: str, bucket: str) -> None:
        """Respond from the cache, or request the image from S3 or the function."""
        place = self.random.randrange(EDGES), f"/{path}"
        if copy := self.caches[distribution].get(place):
            self.check(distribution, key, copy)
        elif (distribution, *place) not in self.pending:
            self.pending.add((distribution, *place))
            stored = self.s3.objects.get((bucket, path))
            if stored or distribution == "E2":
                self.respond(distribution, key, place, stored.body if stored else b"")
            else:
                self.start(
                    lambda actor: self.derive(path, actor),
                    lambda actor: self.respond(distribution, key, place, actor.result or b""),
                )

    def respond(self, distribution: str, key: str, place: tuple[int, str], body: bytes) -> None:
        """Send a response of S3 or of the function to CloudFront, which stores an image."""
        seconds = self.random.choice([*[self.random.uniform(0.01, 0.2)] * 12, 12.0])
        copy = Copy(body, was_slow=seconds > 1)

        def arrive() -> None:
            self.pending.discard((distribution, *place))
            if body:
                self.caches[distribution][place] = copy
            self.check(distribution, key, copy)

        self.after(seconds, arrive)

    def check(self, distribution: str, key: str, copy: Copy) -> None:
        """Check an image that a viewer gets."""
        stored, known = self.s3.objects.get((ORIGINALS, key)), self.originals[key]
        if self.now < (known.repeated_at if copy.was_slow else known.fresh_at) or not copy.body:
            return
        # An upload has s3_trigger replace the derivative, whose copies are not invalidated.
        if distribution == "E2" and stored:
            return
        assert stored, f"an image of a deleted original at {self.now}"
        assert copy.body == b"of " + stored.body, f"an old image at {self.now}"

    def trigger(self, key: str) -> None:
        """Make the derivative of s3_trigger."""
        if key.startswith("source/") and (stored := self.s3.objects.get((ORIGINALS, key))):
            headers = {"x-amz-meta-resized": "true"}
            self.s3.put(DESTINATION, key.removeprefix("source/"), b"of " + stored.body, headers)

    # Functions

    def start(self, work: Callable[[Actor], Any], end: Callable[[Actor], None]) -> None:
        """Run a function whose requests take a random time each."""
        actor = Actor("function", work)
        self.actors.append(actor)

        def step() -> None:
            self.actor = actor
            if not actor.is_done:
                actor.step()
            if actor.is_done:
                self.actors.remove(actor)
                end(actor)
            else:
                delay = self.delays.pop(actor, 0.0)
                self.after(delay + self.random.choice([0.01, 0.05, 0.3]), step)

        self.after(0.01, step)

    def derive(self, path: str, actor: Actor) -> bytes | None:
        plan = make_plan(path, Settings(ORIGINALS, DERIVATIVES, "eu-west-1"))
        buckets = derive.Buckets(
            self.client(actor, ORIGINALS, [0.0, 0.0, 1.0]),
            self.client(actor, DERIVATIVES),
            self.queue(actor),
        )
        return derive.ensure_derivative(plan, buckets, Deadline.after(60), {}).data

    def deliver(self, body: str, count: int = 1) -> None:
        """Run purge with one message."""
        record = {
            "messageId": "1",
            "body": body,
            "attributes": {"ApproximateReceiveCount": str(count)},
        }

        def run(actor: Actor) -> dict[str, Any]:
            actor.pause()
            return handler.lambda_handler({"Records": [record]}, LambdaContext())

        def end(actor: Actor) -> None:
            assert actor.error is None, actor.error
            assert actor.result == {"batchItemFailures": []}

        self.start(run, end)

    def make_access(self) -> Access:
        actor = self.actor
        assert actor
        derivatives = self.client(actor, DERIVATIVES)
        return Access(
            originals=self.client(actor, ORIGINALS),
            stores={
                "regional_resize": DerivativeStore(derivatives),
                "s3_trigger": TriggeredStore(self.client(actor, DESTINATION), "source/", "restore/"),
            },
            budget=Budget(derivatives, ".edge-images", 1_000_000),
            cloudfront=CloudFront(
                self.connect(actor, self.invalidate),
                CREDENTIALS,
                Scope("us-east-1", "cloudfront"),
                Deadline.after(60),
            ),
            distributions={"regional_resize": "E1", "s3_trigger": "E2"},
            queue=self.queue(actor),
        )

    # Services

    def connect(self, actor: Actor, respond: Callable[[Request], Response]) -> Any:
        return MemoryConnections(actor, respond)

    def client(self, actor: Actor, bucket: str, seconds_after_head: Sequence[float] = (0.0,)) -> S3Client:
        def respond(request: Request) -> Response:
            if (request.method, bucket) == ("GET", ORIGINALS):
                self.delays[actor] = self.random.choice(TRANSFORM_SECONDS)
            elif request.method == "HEAD":
                # The next request of a derivation is the PUT.
                self.delays[actor] = self.random.choice(seconds_after_head)
            return self.s3.respond(bucket, request)

        return S3Client(
            self.connect(actor, respond),
            credentials=CREDENTIALS,
            region="eu-west-1",
            deadline=Deadline.after(60),
        )

    def queue(self, actor: Actor) -> PurgeQueue:
        def receive(request: Request) -> Response:
            message = json.loads(request.body or b"")
            delay = message["DelaySeconds"] + self.random.uniform(0.1, 1.2)
            self.after(delay, lambda: self.deliver(message["MessageBody"]))
            return Response(200, {}, b"{}")

        return PurgeQueue(
            "Q", ORIGINALS, self.connect(actor, receive), CREDENTIALS, "eu-west-1", Deadline.after(60)
        )

    def invalidate(self, request: Request) -> Response:
        distribution = request.path.split("/")[3]
        prefixes = tuple(re.findall(r"<Path>(.*?)\*</Path>", (request.body or b"").decode()))
        cache = self.caches[distribution]
        self.caches[distribution] = {
            place: copy for place, copy in cache.items() if not place[1].startswith(prefixes)
        }
        return Response(201, {}, b"<Id>I1</Id>")


def test_nothing_old_is_served_after_five_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    worlds: list[World] = []
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(derive, "Task", InlineTask)
    monkeypatch.setattr(derive, "preload", lambda: None)
    monkeypatch.setattr(derive, "create_file", lambda data, *_: DerivedFile(b"of " + data, "image/jpeg"))
    monkeypatch.setattr(handler, "Task", InlineTask)
    monkeypatch.setattr(handler, "_make_access", lambda *_: worlds[-1].make_access())
    monkeypatch.setattr("time.sleep", lambda _: None)
    with patch.object(handler, "_log"):
        for seed in range(RUNS):
            worlds.append(World(random.Random(seed)))  # noqa: S311 - repeatable, guards no secret
            try:
                worlds[-1].run()
            finally:
                worlds[-1].close()
