"""Random interleavings of uploads, deletions, derivations and purges, down to single requests.

The functions are the real code; S3 and CloudFront are in memory. Each function waits before each of its
requests, so that any other step can come in between, and can die at any of them. Messages arrive late, twice
and in any order. Derivatives expire while CloudFront has copies of them.

Once every event of an original is purged, no viewer gets an old image. Exceptions are derivations whose
original changed directly before their PUT: they last until the derivation has noticed that, and the message
that it sent is processed; if the derivation dies before, until the second message of the event. A response of
S3 is in the cache at once: a later arrival, after an invalidation, is the one gap that
`functions/purge/README.md` names.
"""

import json
import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from derivatives import DerivativeStore, PurgeQueue
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from image_core import OUTPUT_VERSION, DerivedFile
from image_url import derivative_path
from lambda_runtime import Deadline
from purge import handler
from purge.budget import Budget
from purge.invalidation import CloudFront
from purge.work import Deployment
from regional_resize import derive
from regional_resize.requests import make_plan
from regional_resize.settings import Settings
from s3_http import ObjectChangedError, ObjectMissingError, Request, Response, S3Client
from sigv4 import Credentials, Scope

from tests.functions.context import LambdaContext
from tests.functions.purge.memory import Actor, InlineTask, KilledError, MemoryConnections, MemoryS3

ORIGINALS, DERIVATIVES = "originals", "derivatives"
KEYS = ["a b.jpg", "a b.jpg/c.jpg"]
OFTEN = [*KEYS, KEYS[0], KEYS[0]]
NAMES = [f"v{OUTPUT_VERSION}_clean"]
MAX_RUNNING = 4
CREDENTIALS = Credentials(access_key_id="id", secret_access_key="key")  # noqa: S106 - nothing checks them
ENVIRONMENT = {
    "BUCKET_NAME": ORIGINALS,
    "DERIVATIVES_BUCKET_NAME": DERIVATIVES,
    "DISTRIBUTIONS": json.dumps({"regional_resize": "E1"}),
    "MAX_MONTHLY_PATHS": "1000000",
    "PURGE_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/1/changes",
}
PREFIX = b"derivative of "


@dataclass(eq=False)
class Change:
    """A replaced or deleted original.

    Attributes:
        derivations: derivations that may have read the old original.
        late: those of them that store a derivative of the old original, or did already.
        is_purged: whether the first message is processed.
        is_rechecked: whether the second message is processed.
    """

    key: str
    derivations: list[Actor]
    late: list[Actor]
    is_purged: bool = False
    is_rechecked: bool = False

    @property
    def is_finished(self) -> bool:
        return self.is_purged and (
            self.is_rechecked
            or not any(actor.stores or isinstance(actor.error, KilledError) for actor in self.late)
        )


@dataclass(eq=False)
class Message:
    """A message of one of the two queues.

    Attributes:
        detail: the event.
        change: the change that the event is about; None for a message of a function.
        is_recheck: whether the second queue has the message.
        receive_count: number of deliveries.
    """

    detail: dict[str, Any]
    change: Change | None = None
    is_recheck: bool = False
    receive_count: int = 0

    @property
    def key(self) -> str:
        return str(self.detail["detail"]["object"]["key"])

    @property
    def is_due(self) -> bool:
        """Return whether the queue delivers the message: the second one comes after all derivations."""
        return (
            not self.is_recheck or not self.change or all(actor.is_done for actor in self.change.derivations)
        )


@dataclass
class Purging:
    """A run of the function purge."""

    actor: Actor
    messages: list[Message] = field(default_factory=list)


class Interleavings(RuleBasedStateMachine):
    """The steps of uploaders, viewers and functions."""

    def __init__(self) -> None:
        super().__init__()
        self.s3 = MemoryS3()
        self.cache: dict[str, tuple[str, bytes]] = {}
        self.changes: list[Change] = []
        self.messages: list[Message] = []
        self.derivations: dict[str, tuple[str, Actor]] = {}
        self.purgings: list[Purging] = []
        self.refused_invalidations = 0
        self.expiration_days: int | None = None
        self.running = threading.local()
        self.patches: list[Any] = [
            patch.object(derive, "Task", InlineTask),
            patch.object(derive, "preload", lambda: None),
            patch.object(derive, "create_file", _create_file),
            patch.object(handler, "Task", InlineTask),
            patch.object(handler, "_connect", lambda *_: self.make_deployment(self.running.actor)),
            patch.object(handler, "_log"),
            patch.dict(os.environ, ENVIRONMENT),
        ]
        for one in self.patches:
            one.start()

    # Steps

    @initialize(days=st.sampled_from([None, 1]))
    def configure(self, days: int | None) -> None:
        self.expiration_days = days

    @precondition(lambda self: self.expiration_days)
    @rule()
    def expire(self) -> None:
        """Delete the derivatives, as S3 does after days."""
        for place, stored in list(self.s3.objects.items()):
            if place[0] == DERIVATIVES and stored.body:
                del self.s3.objects[place]

    @rule(key=st.sampled_from(OFTEN), content=st.sampled_from([b"1", b"2", b"3"]))
    def upload(self, key: str, content: bytes) -> None:
        self.change(key, lambda: self.s3.put(ORIGINALS, key, content))

    @rule(key=st.sampled_from(OFTEN))
    def delete(self, key: str) -> None:
        self.change(key, lambda: self.s3.objects.pop((ORIGINALS, key), None))

    @rule(seconds=st.sampled_from([0.3, 1.0]))
    def wait(self, seconds: float) -> None:
        self.s3.now_seconds += seconds

    @rule(key=st.sampled_from(OFTEN), name=st.sampled_from(NAMES), steps=st.integers(0, 5))
    def view(self, key: str, name: str, steps: int) -> None:
        """Request an image; if the function derives one, let it execute some steps."""
        path = derivative_path(key, name)
        if f"/{path}" not in self.cache:
            stored = self.s3.objects.get((DERIVATIVES, path))
            if stored:
                self.cache[f"/{path}"] = key, stored.body
            elif path not in self.derivations and len(self.derivations) < MAX_RUNNING:
                self.derivations[path] = key, Actor(path, lambda actor: self.derive(path, actor))
        if f"/{path}" in self.cache:
            self.check(*self.cache[f"/{path}"])
        else:
            self.step_derivation(path, steps)

    @precondition(lambda self: self.derivations)
    @rule(data=st.data(), steps=st.integers(1, 3))
    def derive_on(self, data: st.DataObject, steps: int) -> None:
        path = data.draw(st.sampled_from(sorted(self.derivations)))
        self.step_derivation(path, steps)

    @precondition(lambda self: self.derivations)
    @rule(data=st.data())
    def kill_derivation(self, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(sorted(self.derivations)))
        _, actor = self.derivations.pop(path)
        actor.kill()

    @precondition(lambda self: any(message.is_due for message in self.messages))
    @rule(data=st.data(), number=st.integers(1, 3), twice=st.booleans(), whole=st.booleans())
    def deliver(self, data: st.DataObject, number: int, *, twice: bool, whole: bool) -> None:
        due = [message for message in self.messages if message.is_due]
        start = data.draw(st.integers(0, len(due) - 1))
        chosen = due[start : start + number]
        if not twice:
            self.messages = [message for message in self.messages if message not in chosen]
        purging = self.start_purge(chosen)
        if whole:
            purging.actor.finish()
            self.end_purge(purging)

    @precondition(lambda self: self.purgings)
    @rule(data=st.data(), steps=st.integers(1, 4))
    def purge_on(self, data: st.DataObject, steps: int) -> None:
        purging = self.purgings[data.draw(st.integers(0, len(self.purgings) - 1))]
        for _ in range(steps):
            if not purging.actor.is_done:
                purging.actor.step()
        if purging.actor.is_done:
            self.end_purge(purging)

    @precondition(lambda self: self.purgings)
    @rule(data=st.data())
    def kill_purge(self, data: st.DataObject) -> None:
        purging = self.purgings[data.draw(st.integers(0, len(self.purgings) - 1))]
        purging.actor.kill()
        self.end_purge(purging)

    @rule()
    def refuse_next_invalidation(self) -> None:
        self.refused_invalidations = 1

    def teardown(self) -> None:
        """Let everything end; then no viewer gets an old image."""
        try:
            self.refused_invalidations = 0
            while self.derivations or self.purgings or self.messages:
                for path in list(self.derivations):
                    self.step_derivation(path, 1)
                for purging in list(self.purgings):
                    purging.actor.finish()
                    self.end_purge(purging)
                if due := [message for message in self.messages if message.is_due]:
                    self.messages = [message for message in self.messages if message not in due]
                    self.start_purge(due)
            for key in KEYS:
                for name in NAMES:
                    self.view(key, name, 0)
        finally:
            for _, actor in self.derivations.values():
                actor.kill()
            for purging in self.purgings:
                purging.actor.kill()
            for one in self.patches:
                one.stop()

    # The world

    def change(self, key: str, write: Callable[[], object]) -> None:
        write()
        derivations = [actor for name, actor in self.derivations.values() if name == key]
        change = Change(key, derivations, [actor for actor in derivations if actor.stores])
        self.changes.append(change)
        event = {"detail-type": "Object", "detail": {"bucket": {"name": ORIGINALS}, "object": {"key": key}}}
        self.messages += [Message(event, change, is_recheck=False), Message(event, change, is_recheck=True)]

    def check(self, key: str, body: bytes) -> None:
        """Check an image that a viewer gets."""
        original = self.s3.objects.get((ORIGINALS, key))
        is_finished = all(change.is_finished for change in self.changes if change.key == key) and not any(
            message.change is None and message.key == key
            for message in (*self.messages, *(one for purging in self.purgings for one in purging.messages))
        )
        assert body == PREFIX + (original.body if original else b"nothing") or not is_finished, (
            "an old image is served"
        )

    def client(self, actor: Actor, bucket: str) -> S3Client:
        def announce(request: Request) -> None:
            if (request.method, bucket) == ("GET", ORIGINALS):
                actor.stores = False
            elif (request.method, bucket) == ("PUT", DERIVATIVES) and request.body:
                actor.stores = True

        connections: Any = MemoryConnections(
            actor, lambda request: self.s3.respond(bucket, request), announce
        )
        return S3Client(connections, credentials=CREDENTIALS, region="eu-west-1", deadline=Deadline.after(60))

    def derive(self, path: str, actor: Actor) -> bytes | None:
        plan = make_plan(path, Settings(ORIGINALS, DERIVATIVES, "eu-west-1"))
        buckets = derive.Buckets(
            self.client(actor, ORIGINALS),
            self.client(actor, DERIVATIVES),
            self.queue(actor),
            self.expiration_days,
        )
        try:
            return derive.ensure_derivative(plan, buckets, Deadline.after(60), {}).data
        finally:
            actor.stores = False

    def queue(self, actor: Actor) -> PurgeQueue:
        def receive(request: Request) -> Response:
            self.messages.append(Message(json.loads(json.loads(request.body or b"")["MessageBody"])))
            return Response(200, {}, b"{}")

        connections: Any = MemoryConnections(actor, receive)
        return PurgeQueue("Q", ORIGINALS, connections, CREDENTIALS, "eu-west-1", Deadline.after(60))

    def step_derivation(self, path: str, steps: int) -> None:
        key, actor = self.derivations.get(path, ("", None))
        for _ in range(steps):
            if actor and not actor.is_done:
                actor.step()
        if actor and actor.is_done:
            del self.derivations[path]
            assert actor.error is None or isinstance(actor.error, ObjectMissingError | ObjectChangedError), (
                actor.error
            )
            if actor.result:
                self.cache[f"/{path}"] = key, actor.result
                self.check(key, actor.result)

    def start_purge(self, messages: list[Message]) -> Purging:
        records = []
        for number, message in enumerate(messages):
            message.receive_count += 1
            attributes = {"ApproximateReceiveCount": str(message.receive_count)}
            records.append(
                {"messageId": str(number), "body": json.dumps(message.detail), "attributes": attributes}
            )

        def run(actor: Actor) -> dict[str, Any]:
            self.running.actor = actor
            actor.pause()
            return handler.lambda_handler({"Records": records}, LambdaContext())

        purging = Purging(Actor("purge", run), messages)
        self.purgings.append(purging)
        return purging

    def end_purge(self, purging: Purging) -> None:
        self.purgings.remove(purging)
        actor = purging.actor
        if isinstance(actor.error, KilledError):
            failed = {str(number) for number in range(len(purging.messages))}
        else:
            assert actor.error is None, actor.error
            failed = {one["itemIdentifier"] for one in actor.result["batchItemFailures"]}
        for number, message in enumerate(purging.messages):
            if str(number) in failed:
                self.messages.append(message)
                continue
            if message.change and message.is_recheck:
                message.change.is_rechecked = True
            elif message.change:
                message.change.is_purged = True

    def make_deployment(self, actor: Actor) -> Deployment:
        connections: Any = MemoryConnections(actor, self.invalidate)
        derivatives = self.client(actor, DERIVATIVES)
        return Deployment(
            originals=self.client(actor, ORIGINALS),
            stores={"regional_resize": DerivativeStore(derivatives)},
            budget=Budget(derivatives, ".edge-images", 1_000_000),
            cloudfront=CloudFront(
                connections, CREDENTIALS, Scope("us-east-1", "cloudfront"), Deadline.after(60)
            ),
            distributions={"regional_resize": "E1"},
            queue=self.queue(actor),
        )

    def invalidate(self, request: Request) -> Response:
        if self.refused_invalidations:
            self.refused_invalidations = 0
            return Response(400, {}, b"<Error><Code>TooManyInvalidationsInProgress</Code></Error>")
        prefixes = tuple(re.findall(r"<Path>(.*?)\*</Path>", (request.body or b"").decode()))
        self.cache = {uri: copy for uri, copy in self.cache.items() if not uri.startswith(prefixes)}
        return Response(201, {}, b"<Id>I1</Id>")


def _create_file(data: bytes, *_: Any) -> DerivedFile:
    return DerivedFile(PREFIX + data, "image/jpeg")


def run(examples: int = 600) -> None:
    run_state_machine_as_test(
        Interleavings,
        settings=settings(
            max_examples=examples,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_nothing_old_is_served_after_its_purge() -> None:
    run()
