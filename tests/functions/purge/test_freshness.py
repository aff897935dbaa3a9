"""Old images are gone within 5 seconds of an event, in random interleavings with a virtual clock.

The functions edge_resize, object_lambda, regional_resize, s3_trigger and purge are the real code; S3, SQS and
CloudFront are in memory.
Every request takes a random time, transforms take up to 20 seconds, events arrive late, twice and in any
order. Derivatives expire while CloudFront has copies of them.

A late event counts from its arrival. A response that was on its way for seconds stays in the cache until the
invalidation is repeated. The old image of s3_trigger counts from the moment in which the new derivative is
stored. test_interleavings.py has functions that die.
"""

import heapq
import itertools
import json
import random
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote

import pytest
from derivation import Plan
from derivatives import DerivativeStore, PurgeQueue, TriggeredStore
from edge_resize import derive as edge_derive
from image_core import OUTPUT_VERSION, DerivedFile, EncodedImage, Format, Limits
from image_url import DEFAULT_SIZES, ImageOptions, derivative_path
from lambda_runtime import Deadline
from object_lambda import response as object_response
from object_lambda import s3 as object_s3
from object_lambda.errors import RefusalError
from object_lambda.representation import Representation
from object_lambda.settings import Settings as ObjectSettings
from purge import handler
from purge.budget import Budget
from purge.invalidation import CloudFront
from purge.work import Deployment
from regional_resize import derive
from regional_resize.requests import make_plan
from regional_resize.settings import Settings
from s3_http import Request, Response, S3Client
from s3_trigger import derive as trigger_derive
from s3_trigger.errors import ConcurrentWriteError
from s3_trigger.events import ObjectRef
from s3_trigger.settings import read_settings
from sigv4 import Credentials, Scope, encode_path

from tests.functions.context import LambdaContext
from tests.functions.purge.memory import Actor, InlineTask, MemoryBucket, MemoryConnections, MemoryS3

ORIGINALS, DERIVATIVES, DESTINATION = "originals", "derivatives", "destination"
CREDENTIALS = Credentials(access_key_id="id", secret_access_key="key")  # noqa: S106 - nothing checks them
KEYS = ["a b.jpg", "source/c.jpg"]
CONTENTS = [b"1", b"2", b"3"]
FRESH_SECONDS = 5.0
RECHECK_SECONDS = 120.0
REPEAT_SECONDS = 60.0
TRANSFORM_SECONDS = [0.05, 0.05, 2.0, 8.0, 20.0]
RUN_SECONDS = 35.0
EXPIRATIONS = 3
EDGES = 3
STORED = {"regional_resize": "E1", "s3_trigger": "E2"}
CHECKED = {"edge_resize": "E3", "object_lambda": "E4"}
ENVIRONMENT = {
    "BUCKET_NAME": ORIGINALS,
    "DERIVATIVES_BUCKET_NAME": DERIVATIVES,
    "DESTINATION_BUCKET": DESTINATION,
    "SOURCE_PREFIX": "source/",
    "RESIZED_PATH": "resized",
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
    """The state of a key in the model.

    Attributes:
        fresh_at: time from which no old image is served any more.
        repeated_at: the same for responses of stored derivatives that were on their way for seconds.
        rechecked_at: the same for other responses that were on their way for seconds.
        triggered_at: time at which s3_trigger stored its derivative.
    """

    fresh_at: float = 0.0
    repeated_at: float = 0.0
    rechecked_at: float = 0.0
    triggered_at: float = 0.0


@dataclass
class World:
    """Everything that happens at a virtual time, in its order."""

    random: random.Random
    distributions: Mapping[str, str]
    expiration_days: int | None = None
    s3: MemoryS3 = field(default_factory=MemoryS3)
    now: float = 0.0
    events: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    numbers: Any = field(default_factory=itertools.count)
    caches: dict[str, dict[tuple[int, str], Copy]] = field(default_factory=lambda: defaultdict(dict))
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
        for _ in range(EXPIRATIONS if self.expiration_days else 0):
            self.after(self.random.uniform(0, RUN_SECONDS), self.expire)
        while self.events:
            self.now, _, work = heapq.heappop(self.events)
            self.s3.now_seconds = start + self.now
            work()
        for key in KEYS if "s3_trigger" in self.distributions else ():
            if key.startswith("source/") and (original := self.s3.objects.get((ORIGINALS, key))):
                derivative = self.s3.objects[DESTINATION, key.removeprefix("source/")]
                assert derivative.body == b"of " + original.body, "s3_trigger did not replace a derivative"

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
        original.rechecked_at = max(original.rechecked_at, self.now + RECHECK_SECONDS + FRESH_SECONDS)
        self.after(
            self.random.choice([0.2, 1.0, 10.0, 40.0]) * self.random.random(), lambda: self.change(key)
        )

    def expire(self) -> None:
        """Delete the derivatives of regional_resize, as S3 does after days; CloudFront's copies stay."""
        for place, stored in list(self.s3.objects.items()):
            if place[0] == DERIVATIVES and stored.body:
                del self.s3.objects[place]

    def view(self, key: str) -> None:
        """Request the image of each variant."""
        if self.now > RUN_SECONDS + RECHECK_SECONDS + FRESH_SECONDS:
            return
        if self.distributions is CHECKED:
            self.request("E3", key, encode_path(key), None)
            self.request("E4", key, encode_path(key), None)
        else:
            self.request("E1", key, derivative_path(key, f"v{OUTPUT_VERSION}_clean"), DERIVATIVES)
            if key.startswith("source/"):
                self.request("E2", key, key.removeprefix("source/"), DESTINATION)
        seconds = self.random.uniform(0.02, 0.5) if self.now < RUN_SECONDS + FRESH_SECONDS else 5.0
        self.after(seconds, lambda: self.view(key))

    def request(self, distribution: str, key: str, path: str, bucket: str | None) -> None:
        """Respond from the cache, or request the image from S3 or the function."""
        place = self.random.randrange(EDGES), f"/{path}"
        if copy := self.caches[distribution].get(place):
            self.check(distribution, key, copy)
        elif (distribution, *place) not in self.pending:
            self.pending.add((distribution, *place))
            stored = self.s3.objects.get((bucket, path)) if bucket else None
            if stored or distribution == "E2":
                self.respond(distribution, key, place, stored.body if stored else b"")
            else:
                self.start(
                    lambda actor: self.FUNCTIONS[distribution](self, path, actor),
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
        slow_at = known.rechecked_at if self.distributions is CHECKED else known.repeated_at
        if self.now < (slow_at if copy.was_slow else known.fresh_at) or not copy.body:
            return
        assert stored, f"an image of a deleted original at {self.now}"
        if distribution == "E2":
            # The old derivative is served until s3_trigger has replaced it.
            stored_at = known.triggered_at + (REPEAT_SECONDS if copy.was_slow else 0)
            derivative = self.s3.objects.get((DESTINATION, key.removeprefix("source/")))
            if self.now < stored_at + FRESH_SECONDS or (derivative and derivative.body == copy.body):
                return
        assert copy.body == b"of " + stored.body, f"an old image at {self.now}"

    def trigger(self, key: str) -> None:
        """Run s3_trigger."""
        if "s3_trigger" not in self.distributions:
            return

        def run(actor: Actor) -> trigger_derive.Outcome:
            def announce(method: str, path: str) -> None:
                if method == "PUT":
                    self.originals[f"source/{path}"].triggered_at = self.now
                else:
                    self.delays[actor] = self.random.choice(TRANSFORM_SECONDS)

            source: Any = MemoryBucket(ORIGINALS, self.s3, actor, announce)
            destination: Any = MemoryBucket(DESTINATION, self.s3, actor, announce)
            work = trigger_derive.Work(
                settings=read_settings({**ENVIRONMENT, "SOURCE_BUCKET": ORIGINALS}),
                source=source,
                destination=destination,
                purge_queue=self.queue(actor, [0.0, 0.0, 3.0]),
                deadline=Deadline.after(60),
                fields={"spent_ms": {}},
            )
            return trigger_derive.process_object(ObjectRef(ORIGINALS, key), work)

        def end(actor: Actor) -> None:
            if isinstance(actor.error, ConcurrentWriteError):
                self.trigger(key)
            else:
                assert actor.error is None, actor.error

        self.start(run, end)

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
                self.after(max(0.0, delay + self.random.choice([0.01, 0.05, 0.3])), step)

        self.after(0.01, step)

    def derive(self, path: str, actor: Actor) -> bytes | None:
        plan = make_plan(path, Settings(ORIGINALS, DERIVATIVES, "eu-west-1"))
        buckets = derive.Buckets(
            self.client(actor, ORIGINALS, [0.0, 0.0, 1.0]),
            self.client(actor, DERIVATIVES),
            self.queue(actor),
            self.expiration_days,
        )
        return derive.ensure_derivative(plan, buckets, Deadline.after(60), {}).data

    def resize_at_edge(self, path: str, actor: Actor) -> bytes | None:
        """Make a derivative, which CloudFront reads when the function has ended."""
        key, name = unquote(path), f"v{OUTPUT_VERSION}_clean"
        plan = Plan(key, name, f"resized/{key}/{name}", ImageOptions(), Limits(), "public")
        # Both HEADs of the lookup are parallel.
        client = self.client(actor, ORIGINALS, [-1.0])
        edge_derive.ensure_derivative(plan, client, Deadline.after(60), {}, confirms=True)
        return self.s3.objects[ORIGINALS, plan.derivative_key].body

    def transform(self, path: str, actor: Actor) -> bytes | None:
        actor.pause()
        settings = ObjectSettings(80, DEFAULT_SIZES, bucket_name=ORIGINALS, purge_on_change=True)
        access = object_s3.S3Access(CREDENTIALS, "eu-west-1", None, None, Deadline.after(60))
        request = object_response.ImageRequest("", {}, partial(object_s3.read_from_bucket, unquote(path)))
        try:
            response = object_response.respond(request, settings, access, Deadline.after(60), {})
        except RefusalError:
            return None
        return response.body

    def transform_slowly(self, work: Callable[[], Any]) -> Any:
        assert self.actor
        self.actor.pause()
        return work()

    FUNCTIONS = {"E1": derive, "E3": resize_at_edge, "E4": transform}  # noqa: RUF012 - a constant

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

    def make_deployment(self) -> Deployment:
        actor = self.actor
        assert actor
        derivatives = self.client(actor, DERIVATIVES)
        originals = self.client(actor, ORIGINALS)
        stores: dict[str, DerivativeStore | TriggeredStore] = {
            "edge_resize": DerivativeStore(originals, "resized"),
            "regional_resize": DerivativeStore(derivatives),
            "s3_trigger": TriggeredStore(self.client(actor, DESTINATION), "source/", "restore/"),
        }
        return Deployment(
            originals=originals,
            stores={name: store for name, store in stores.items() if name in self.distributions},
            budget=Budget(derivatives, ".edge-images", 1_000_000),
            cloudfront=CloudFront(
                self.connect(actor, self.invalidate),
                CREDENTIALS,
                Scope("us-east-1", "cloudfront"),
                Deadline.after(60),
            ),
            distributions=self.distributions,
            queue=self.queue(actor),
        )

    # Services

    def connect(self, actor: Actor, respond: Callable[[Request], Response]) -> Any:
        return MemoryConnections(actor, respond)

    def connect_bucket(
        self, actor: Actor | None, bucket: str, seconds_after_head: Sequence[float] = (0.0,)
    ) -> Any:
        assert actor

        def respond(request: Request) -> Response:
            # A GET without a key is a listing by purge.
            if (request.method, bucket) == ("GET", ORIGINALS) and not request.path.startswith("/?"):
                self.delays[actor] = self.random.choice(TRANSFORM_SECONDS)
            elif request.method == "HEAD":
                # The next request of a derivation is the PUT.
                self.delays[actor] = self.random.choice(seconds_after_head)
            return self.s3.respond(bucket, request)

        return self.connect(actor, respond)

    def client(self, actor: Actor, bucket: str, seconds_after_head: Sequence[float] = (0.0,)) -> S3Client:
        return S3Client(
            self.connect_bucket(actor, bucket, seconds_after_head),
            credentials=CREDENTIALS,
            region="eu-west-1",
            deadline=Deadline.after(60),
        )

    def queue(self, actor: Actor, seconds_after: Sequence[float] = (0.0,)) -> PurgeQueue:
        def receive(request: Request) -> Response:
            self.delays[actor] = self.random.choice(seconds_after)
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


@pytest.mark.parametrize(("distributions", "runs"), [(STORED, 200), (CHECKED, 20)])
def test_nothing_old_is_served_after_five_seconds(
    monkeypatch: pytest.MonkeyPatch, distributions: Mapping[str, str], runs: int
) -> None:
    world: World
    for name, value in {**ENVIRONMENT, "DISTRIBUTIONS": json.dumps(distributions)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(derive, "Task", InlineTask)
    monkeypatch.setattr(derive, "preload", lambda: None)
    monkeypatch.setattr(derive, "create_file", lambda data, *_: DerivedFile(b"of " + data, "image/jpeg"))
    monkeypatch.setattr(edge_derive, "Task", InlineTask)
    monkeypatch.setattr(edge_derive, "preload", lambda: None)
    monkeypatch.setattr(edge_derive, "create_file", lambda data, *_: DerivedFile(b"of " + data, "image/jpeg"))
    monkeypatch.setattr(object_response, "Task", InlineTask)
    monkeypatch.setattr(
        object_response,
        "create_representation",
        lambda data, *_: Representation(b"of " + data, "image/jpeg", same_format=True),
    )
    monkeypatch.setattr("lambda_runtime.run_in_child", lambda work, _: world.transform_slowly(work))
    monkeypatch.setattr(
        object_s3, "shared_connections", lambda *_: world.connect_bucket(world.actor, ORIGINALS)
    )
    monkeypatch.setattr(trigger_derive, "monotonic", lambda: world.now)
    monkeypatch.setattr(trigger_derive, "run_in_child", lambda work, _: work())
    monkeypatch.setattr(
        trigger_derive, "transform", lambda data, *_: EncodedImage(b"of " + data, Format.JPEG, 1, 1, 1)
    )
    monkeypatch.setattr(handler, "Task", InlineTask)
    monkeypatch.setattr(handler, "_connect", lambda *_: world.make_deployment())
    monkeypatch.setattr("time.sleep", lambda _: None)
    with patch.object(handler, "_log"):
        for seed in range(runs):
            dice = random.Random(seed)  # noqa: S311 - repeatable, guards no secret
            # Derivatives expire in every other world of those that store any.
            expires = distributions is STORED and seed % 2 == 1
            world = World(dice, distributions, expiration_days=1 if expires else None)
            try:
                world.run()
            finally:
                world.close()
