"""An edge location between scripted viewers, functions and origins."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from tools.local.edge.cache_key import KeyPolicy, QueryBehavior
from tools.local.edge.distribution import Behavior, Distribution, ErrorResponse
from tools.local.edge.edge_location import EdgeLocation
from tools.local.edge.errors import EdgeError
from tools.local.edge.fetcher import Fetcher
from tools.local.edge.function_result import OriginRequest
from tools.local.edge.messages import Response, ViewerRequest, make_headers
from tools.local.edge.origin import S3Origin
from tools.local.edge.response_headers import HeadersPolicy, PolicyHeader
from tools.local.edge.trace import Traces
from tools.local.edge.ttl import Lifetimes
from tools.local.edge.viewer_function import Store, ViewerFunction

ARN = "arn:aws:lambda:us-east-1:000000000000:function:resize:7"
VIEWER_ARN = "arn:aws:cloudfront::000000000000:function/viewer"
DATE = "Thu, 01 Jan 2026 12:00:00 GMT"

type Run = Callable[["World"], Awaitable[None]]


@dataclass
class ScriptedOrigin:
    """A secondary origin, which returns its responses in turn and repeats the last one."""

    responses: list[Response | EdgeError]
    fetched: list[tuple[str, OriginRequest]] = field(default_factory=list)

    async def fetch(self, method: str, request: OriginRequest) -> Response:
        self.fetched.append((method, request))
        return take(self.responses, method)


def take(responses: list[Response | EdgeError], method: str) -> Response:
    """Remove the first response and return or raise it. The last one stays in the list."""
    response = responses.pop(0) if len(responses) > 1 else responses[0]
    if isinstance(response, EdgeError):
        raise response
    return Response(status=response.status, headers=response.headers) if method == "HEAD" else response


@dataclass
class World:
    """Function, origin, invalidations and clock of an edge location, and a record of their use."""

    now: float = 1_000.0
    responses: list[Response | EdgeError] = field(default_factory=list)
    pages: dict[str, Response] = field(default_factory=dict)
    fetched: list[tuple[str, OriginRequest]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    function: Callable[[dict[str, Any]], object] | None = None
    invalidated: list[str] = field(default_factory=list)
    secondary: ScriptedOrigin = field(default_factory=lambda: ScriptedOrigin([]))
    origin_open: asyncio.Event = field(default_factory=asyncio.Event)
    fetched_changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    traces: Traces = field(default_factory=Traces)
    location: EdgeLocation = field(init=False)

    def clock(self) -> float:
        return self.now

    async def catch_up(self, invalidate: Callable[[str], None]) -> None:
        while self.invalidated:
            invalidate(self.invalidated.pop(0))

    async def fetch(self, method: str, request: OriginRequest) -> Response:
        async with self.fetched_changed:
            self.fetched.append((method, request))
            self.fetched_changed.notify_all()
        await self.origin_open.wait()
        if request.uri in self.pages:
            return self.pages[request.uri]
        return take(self.responses, method)

    async def wait_for_requests(self, times: int) -> None:
        """Wait until the origin has received a number of requests."""
        async with self.fetched_changed:
            await self.fetched_changed.wait_for(lambda: len(self.fetched) >= times)

    def invoke(self, event: dict[str, Any]) -> object:
        request = event["Records"][0]["cf"]["request"]
        self.events.append(request)
        return request if self.function is None else self.function(request)

    async def get(self, uri: str = "/cat.jpg", *, method: str = "GET", **headers: str) -> Response:
        path, _, query = uri.partition("?")
        sent = make_headers(*((name.replace("_", "-"), value) for name, value in headers.items()))
        request = ViewerRequest(method=method, uri=path, querystring=query, headers=sent)
        return await self.location.respond(request)


def image_response(body: bytes = b"content", etag: str = '"one"', **headers: str) -> Response:
    named = ((name.replace("_", "-"), value) for name, value in headers.items())
    size = ("Content-Length", str(len(body)))
    return Response(
        status=200, headers=make_headers(("ETag", etag), ("Last-Modified", DATE), size, *named), body=body
    )


def run(  # noqa: PLR0913  # the parts of a world
    scenario: Run,
    *responses: Response | EdgeError,
    lifetimes: Lifetimes | None = None,
    errors: Mapping[int, ErrorResponse] | None = None,
    viewer_code: str = "",
    store: Store | None = None,
    changes: Mapping[str, Any] | None = None,
    **world: Any,
) -> World:
    """Run a scenario in a new world. The origin returns the responses in turn and repeats the last one.

    `changes` are the fields of the behavior that differ from those here.
    """

    async def run_scenario() -> World:
        made = World(responses=list(responses), **world)
        made.origin_open.set()
        behavior = Behavior(
            path_pattern=None,
            origin=S3Origin(domain_name="b.s3.amazonaws.com"),
            methods=frozenset({"GET", "HEAD"}),
            key_policy=KeyPolicy(query=QueryBehavior.WHITELIST, query_names=frozenset({"size"})),
            lifetimes=lifetimes or Lifetimes(minimum=0, default=60, maximum=600),
            headers_policy=HeadersPolicy(headers=(PolicyHeader(name="X-Policy", value="1", override=True),)),
            function_arn=ARN,
            viewer_function_arn=VIEWER_ARN if viewer_code else None,
        )
        behavior = replace(behavior, **(changes or {}))
        viewer = ViewerFunction(name="viewer", code=viewer_code, clock=made.clock, store=store)
        with ThreadPoolExecutor(2) as sandboxes:
            fetcher = Fetcher(
                distribution=Distribution(
                    id="E",
                    domain_name="d.cloudfront.net",
                    behaviors=(behavior,),
                    error_responses=errors or {},
                ),
                origins=dict(zip(behavior.origins, (made, made.secondary), strict=False)),
                functions={ARN: made},
                sandboxes=sandboxes,
                clock=made.clock,
            )
            made.location = EdgeLocation(
                fetcher, {VIEWER_ARN: viewer}, made, max_bytes=1_000_000, clock=made.clock, traces=made.traces
            )
            await asyncio.wait_for(scenario(made), 10)
        return made

    return asyncio.run(run_scenario())


def x_cache(response: Response) -> str:
    return response.headers["X-Cache"].removesuffix(" from cloudfront")
