"""One request towards the origin: the function, then the origin, then how long the answer may be kept."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from http import HTTPStatus

from multidict import CIMultiDict, CIMultiDictProxy

from tools.local.edge.conditions import validators
from tools.local.edge.distribution import Behavior, Distribution
from tools.local.edge.errors import EdgeError
from tools.local.edge.event import Event, origin_request_event
from tools.local.edge.function import Function
from tools.local.edge.messages import Answer, ViewerRequest
from tools.local.edge.origin import Origin
from tools.local.edge.result import OriginRequest, read_result, unchanged
from tools.local.edge.store import Entry
from tools.local.edge.ttl import DEFAULT_ERROR_SECONDS, error_seconds, fresh_seconds, is_error, may_be_shared

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """What a request towards the origin came to.

    Attributes:
        x_cache: first word of X-Cache for the viewer who caused it.
        seconds: how long it may be kept; None for not at all.
        shared: whether viewers who waited for it get it too.
        complete: False for the answer to a HEAD request.
    """

    answer: Answer
    x_cache: str
    seconds: int | None
    shared: bool
    complete: bool


@dataclass(frozen=True, kw_only=True)
class Fetcher:
    """Fetches for one distribution.

    Attributes:
        functions: by the ARN that a behaviour names.
        sandboxes: where functions run; its number of workers is how many run at once.
        clock: seconds since the epoch.
    """

    distribution: Distribution
    origin: Origin
    functions: Mapping[str, Function]
    sandboxes: Executor
    clock: Callable[[], float]

    async def fetch(
        self, behavior: Behavior, request: ViewerRequest, *, request_id: str, expired: Entry | None
    ) -> Fetched:
        """Ask the function and the origin.

        Args:
            behavior: that matched the request.
            request: of the viewer.
            request_id: of the viewer's request, for the function.
            expired: what the cache has of the object; the origin is asked whether it is still right.
        """
        event = origin_request_event(
            self.distribution,
            behavior,
            request,
            request_id=request_id,
            validators=validators(expired.answer) if expired else {},
        )
        try:
            wish = await self._wish(behavior, event)
            if isinstance(wish, Answer):
                return self._kept(behavior, wish, "LambdaGeneratedResponse", complete=True)
            answer = await self.origin.fetch(request.method, replace(wish, request_id=request_id))
        except EdgeError as error:
            _log.warning("%s %s: %s: %s", request.method, request.uri, error.result, error)
            return self._own_page(error, request_id)
        return self._from_origin(behavior, answer, expired, complete=request.method == "GET")

    async def _wish(self, behavior: Behavior, event: Event) -> OriginRequest | Answer:
        if behavior.function_arn is None:
            return unchanged(event)
        function = self.functions[behavior.function_arn]
        loop = asyncio.get_running_loop()
        return read_result(await loop.run_in_executor(self.sandboxes, function.invoke, event), event)

    def _from_origin(
        self, behavior: Behavior, answer: Answer, expired: Entry | None, *, complete: bool
    ) -> Fetched:
        if expired is not None and answer.status == HTTPStatus.NOT_MODIFIED:
            return self._kept(
                behavior, _refreshed(expired.answer, answer), "RefreshHit", complete=expired.complete
            )
        if expired is not None and answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            # The guide on 5xx from the origin: CloudFront goes on to serve the object although it has
            # expired.
            seconds = self.distribution.error_minimums.get(answer.status, DEFAULT_ERROR_SECONDS)
            return Fetched(
                answer=expired.answer, x_cache="Hit", seconds=seconds, shared=True, complete=expired.complete
            )
        word = "Error" if is_error(answer.status) else "Miss"
        return self._kept(behavior, answer, word, complete=complete)

    def _kept(self, behavior: Behavior, answer: Answer, x_cache: str, *, complete: bool) -> Fetched:
        lifetimes = behavior.lifetimes
        if is_error(answer.status):
            seconds = error_seconds(answer.status, answer.headers, self.distribution.error_minimums)
        else:
            seconds = fresh_seconds(answer.headers, lifetimes, self.clock())
        return Fetched(
            answer=answer,
            x_cache=x_cache,
            seconds=seconds,
            shared=may_be_shared(answer.headers, lifetimes),
            complete=complete,
        )

    def _own_page(self, error: EdgeError, request_id: str) -> Fetched:
        page = error.page(request_id)
        seconds = error_seconds(page.status, page.headers, self.distribution.error_minimums)
        return Fetched(answer=page, x_cache=error.result, seconds=seconds, shared=True, complete=True)


def _refreshed(kept: Answer, confirmation: Answer) -> Answer:
    """The kept answer with the headers of the 304 that confirmed it (RFC 9111, 3.2)."""
    headers = CIMultiDict(kept.headers)
    for name in confirmation.headers:
        if name.lower() not in ("content-length", "content-type"):
            headers[name] = confirmation.headers[name]
    return replace(kept, headers=CIMultiDictProxy(headers))
