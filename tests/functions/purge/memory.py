"""S3 and CloudFront in memory, and actors that run real code with a pause before each of its requests."""

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote_plus, unquote, urlsplit
from xml.sax.saxutils import unescape

from lambda_runtime import Deadline
from s3_http import Address, Request, Response, RetryPolicy
from s3_trigger.store import Headers, ObjectInfo, Upload


class KilledError(BaseException):
    """The sandbox of a function died: no line of the function runs any more."""


class InlineTask:
    """`lambda_runtime.Task` without a thread, so that an actor sends one request at a time."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._error: Exception | None = None
        self._result: Any = None
        try:
            self._result = work()
        except Exception as error:  # noqa: BLE001 - `result` raises the error
            self._error = error

    def join(self) -> None:
        """Return at once: the work is done."""

    def result(self, _: Deadline | None = None) -> Any:
        if self._error:
            raise self._error
        return self._result


_idle_threads: list["SimpleQueue[Callable[[], None]]"] = []


def run_in_thread(work: Callable[[], None]) -> None:
    """Call a function in a thread that an earlier call has left idle, or in a new one.

    A test runs thousands of actors, and starting their threads took a third of the CPU time of an actor.
    """
    if not _idle_threads:
        calls: SimpleQueue[Callable[[], None]] = SimpleQueue()
        Thread(target=_run_calls, args=[calls], daemon=True).start()
        _idle_threads.append(calls)
    _idle_threads.pop().put(work)


def _run_calls(calls: "SimpleQueue[Callable[[], None]]") -> None:
    while True:
        calls.get()()
        _idle_threads.append(calls)


class Actor:
    """Code in a thread that waits before each request until `step` is called."""

    def __init__(self, name: str, work: Callable[["Actor"], Any]) -> None:
        self.name = name
        self.result: Any = None
        self.error: BaseException | None = None
        self.is_done = False
        self.stores = False
        """Whether the next request is a PUT of a derivative, or was one since the original was read."""
        self._is_killed = False
        # Locks are semaphores written in C: each waits for a release by the other thread.
        self._go, self._paused = Lock(), Lock()
        self._go.acquire()
        self._paused.acquire()
        run_in_thread(partial(self._run, work))
        self._paused.acquire()

    def _run(self, work: Callable[["Actor"], Any]) -> None:
        try:
            self.result = work(self)
        except BaseException as error:  # noqa: BLE001 - the test reads it
            self.error = error
        self.is_done = True
        self._paused.release()

    def pause(self) -> None:
        """Wait for the next step; called before each request."""
        if not self._is_killed:
            self._paused.release()
            self._go.acquire()
        if self._is_killed:
            raise KilledError

    def step(self) -> None:
        """Execute one request, and the code until the next one or the end."""
        assert not self.is_done
        self._go.release()
        assert self._paused.acquire(timeout=60), f"{self.name} hangs"

    def kill(self) -> None:
        """End the thread without its next request."""
        self._is_killed = True
        self.step()

    def finish(self) -> None:
        """Execute all remaining requests."""
        while not self.is_done:
            self.step()


class StoredFile(NamedTuple):
    """An object. Times have a resolution of one second, as in S3."""

    body: bytes
    headers: Mapping[str, str]
    modified_seconds: int

    @property
    def etag(self) -> str:
        return hashlib.md5(self.body, usedforsecurity=False).hexdigest()


class MemoryS3:
    """The objects of all buckets by bucket and key."""

    def __init__(self) -> None:
        self.now_seconds = 1_800_000_000.0
        self.objects: dict[tuple[str, str], StoredFile] = {}

    def put(self, bucket: str, key: str, body: bytes, headers: Mapping[str, str] | None = None) -> StoredFile:
        stored = self.objects[bucket, key] = StoredFile(body, headers or {}, int(self.now_seconds))
        return stored

    def respond(self, bucket: str, request: Request) -> Response:
        """Execute a request of `s3_http`."""
        parts = urlsplit(request.path)
        key = unquote(parts.path[1:])
        query = parse_qs(parts.query, keep_blank_values=True)
        if not key:
            return self._list(bucket, query) if request.method == "GET" else self._delete_all(bucket, request)
        stored = self.objects.get((bucket, key))
        if not _holds(request.headers, stored):
            return Response(412, {}, b"<Error><Code>PreconditionFailed</Code></Error>")
        match request.method:
            case "PUT":
                stored = self.put(bucket, key, request.body or b"", request.headers)
                return Response(200, {"etag": f'"{stored.etag}"'}, b"")
            case "DELETE":
                self.objects.pop((bucket, key), None)
                return Response(204, {}, b"")
        if stored is None:
            return Response(404, {}, b"")
        is_known = request.headers.get("if-none-match") == f'"{stored.etag}"'
        body = stored.body if request.method == "GET" and not is_known else b""
        return Response(304 if is_known else 200, _describe(stored), body)

    def _list(self, bucket: str, query: Mapping[str, list[str]]) -> Response:
        [prefix], [delimiter] = query["prefix"], query.get("delimiter", [""])
        keys = sorted(key for owner, key in self.objects if owner == bucket and key.startswith(prefix))
        found = [key for key in keys if not delimiter or delimiter not in key.removeprefix(prefix)]
        contents = "".join(
            f"<Contents><Key>{quote_plus(key)}</Key>"
            f"<LastModified>{_time(self.objects[bucket, key]).isoformat()}</LastModified></Contents>"
            for key in found
        )
        return Response(200, {}, f"<ListBucketResult>{contents}</ListBucketResult>".encode())

    def _delete_all(self, bucket: str, request: Request) -> Response:
        for key in re.findall("<Key>(.*?)</Key>", (request.body or b"").decode()):
            self.objects.pop((bucket, unescape(key)), None)
        return Response(200, {}, b"<DeleteResult/>")


class MemoryBucket:
    """A bucket in place of `s3_trigger.store.Bucket`, whose boto3 client needs a server.

    Args:
        name: name of the bucket.
        s3: the objects.
        actor: waits before each request.
        announce: called with method and key after each successful GET and PUT.
    """

    def __init__(self, name: str, s3: MemoryS3, actor: Actor, announce: Callable[[str, str], None]) -> None:
        self.name = name
        self._s3 = s3
        self._actor = actor
        self._announce = announce

    def head(self, key: str) -> ObjectInfo | None:
        self._actor.pause()
        stored = self._s3.objects.get((self.name, key))
        return _info(stored) if stored else None

    def get(self, key: str, *, etag: str) -> tuple[ObjectInfo, bytes] | None:
        info = self.head(key)
        if info is None or info.etag != etag:
            return None
        self._announce("GET", key)
        return info, self._s3.objects[self.name, key].body

    def put(self, key: str, upload: Upload, *, replacing: ObjectInfo | None) -> bool:
        self._actor.pause()
        stored = self._s3.objects.get((self.name, key))
        if (f'"{stored.etag}"' if stored else None) != (replacing.etag if replacing else None):
            return False
        headers = {f"x-amz-meta-{name}": value for name, value in upload.metadata.items()}
        self._s3.put(self.name, key, upload.data, headers)
        self._announce("PUT", key)
        return True


def _info(stored: StoredFile) -> ObjectInfo:
    metadata = {
        name.removeprefix("x-amz-meta-"): value
        for name, value in stored.headers.items()
        if name.startswith("x-amz-meta-")
    }
    return ObjectInfo(f'"{stored.etag}"', _time(stored), len(stored.body), Headers(), metadata)


class MemoryConnections:
    """Connections of an actor to a server in memory, in place of `s3_http.ConnectionPool`."""

    address = Address(tls=False, host="memory", port=80, host_header="memory", path_prefix="")
    retry_policy = RetryPolicy(attempts=1)

    def __init__(
        self,
        actor: Actor,
        respond: Callable[[Request], Response],
        announce: Callable[[Request], None] = lambda _: None,
    ) -> None:
        self._actor = actor
        self._respond = respond
        self._announce = announce

    def send(self, request: Request, **_: Any) -> Response:
        self._announce(request)
        self._actor.pause()
        return self._respond(request)


def _holds(headers: Mapping[str, str], stored: StoredFile | None) -> bool:
    if headers.get("if-none-match") == "*":
        return stored is None
    if "if-match" in headers:
        # S3 responds to a missing object with 404, which the client treats alike.
        return stored is not None and headers["if-match"].strip('"') == stored.etag
    return True


def _time(stored: StoredFile) -> datetime:
    return datetime.fromtimestamp(stored.modified_seconds, UTC)


def _describe(stored: StoredFile) -> dict[str, str]:
    kept = {
        name: value for name, value in stored.headers.items() if name.startswith(("x-amz-meta-", "cache-"))
    }
    return {
        **kept,
        "content-type": stored.headers.get("content-type", "image/png"),
        "content-length": str(len(stored.body)),
        "etag": f'"{stored.etag}"',
        "last-modified": format_datetime(_time(stored), usegmt=True),
    }
