"""One request towards the origin: the function, then the origin, then how long the answer may be kept."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from http import HTTPStatus

from multidict import CIMultiDict, CIMultiDictProxy

from tools.local.edge.conditions import validators
from tools.local.edge.distribution import Behavior, CustomOrigin, Distribution, ErrorResponse, S3Origin
from tools.local.edge.errors import EdgeError
from tools.local.edge.event import Event, origin_request_event
from tools.local.edge.function import Function
from tools.local.edge.messages import Answer, ViewerRequest
from tools.local.edge.origin import Origin
from tools.local.edge.result import OriginRequest, read_result, unchanged
from tools.local.edge.store import Entry
from tools.local.edge.ttl import error_seconds, fresh_seconds, is_error, may_be_shared, stale_seconds

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """What a request towards the origin came to.

    Attributes:
        x_cache: first word of X-Cache for the viewer who caused it.
        seconds: how long it may be kept; None for not at all.
        shared: whether viewers who waited for it get it too.
        complete: False for the answer to a HEAD request.
        is_error: whether it is an error, by the rules of caching.
        page: custom error response with a page that stands in for the error; None for none.
        stale: the expired object that is served because the origin fails.
    """

    answer: Answer
    x_cache: str
    seconds: int | None
    shared: bool
    complete: bool
    is_error: bool = False
    page: ErrorResponse | None = None
    stale: Entry | None = None


@dataclass(frozen=True, kw_only=True)
class Fetcher:
    """Fetches for one distribution.

    Attributes:
        origins: by the origin that a behaviour names.
        functions: by the ARN that a behaviour names.
        sandboxes: where functions run; its number of workers is how many run at once.
        clock: seconds since the epoch.
    """

    distribution: Distribution
    origins: Mapping[S3Origin | CustomOrigin, Origin]
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
        except EdgeError as error:
            return self._own_page(behavior, request, error, request_id)
        if isinstance(wish, Answer):
            # A response that the function generates takes the place of the origin's, errors included.
            return self._received(behavior, wish, expired, "LambdaGeneratedResponse", complete=True)
        origin = self.origins[behavior.origin]
        try:
            answer = await origin.fetch(request.method, replace(wish, request_id=request_id))
        except EdgeError as error:
            page = self._own_page(behavior, request, error, request_id)
            return self._stale(behavior, expired, error.status) or page
        word = "Error" if is_error(answer.status) else "Miss"
        return self._received(
            behavior,
            answer,
            expired,
            word,
            complete=request.method == "GET",
            from_bucket=isinstance(behavior.origin, S3Origin),
        )

    async def _wish(self, behavior: Behavior, event: Event) -> OriginRequest | Answer:
        if behavior.function_arn is None:
            return unchanged(event)
        function = self.functions[behavior.function_arn]
        loop = asyncio.get_running_loop()
        return read_result(await loop.run_in_executor(self.sandboxes, function.invoke, event), event)

    def _received(  # noqa: PLR0913  # each is a fact that the rules of caching depend on
        self,
        behavior: Behavior,
        answer: Answer,
        expired: Entry | None,
        x_cache: str,
        *,
        complete: bool,
        from_bucket: bool = False,
    ) -> Fetched:
        if expired is not None and answer.status == HTTPStatus.NOT_MODIFIED:
            refreshed = _refreshed(expired.answer, answer)
            return self._kept(behavior, refreshed, "RefreshHit", complete=expired.complete)
        return self._stale(behavior, expired, answer.status) or self._kept(
            behavior, answer, x_cache, complete=complete, from_bucket=from_bucket
        )

    def _stale(self, behavior: Behavior, expired: Entry | None, status: int) -> Fetched | None:
        """Return the expired object if it has to be served in place of an error of the origin.

        Source: "How CloudFront processes HTTP 4xx and 5xx status codes from your origin": on a 5xx the object
        is served for the error caching minimum TTL, then the origin is asked again.
        """
        if expired is None or status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return None
        if self.clock() - expired.expires_at >= stale_seconds(expired.answer.headers, behavior.lifetimes):
            return None
        return Fetched(
            answer=expired.answer,
            x_cache="Hit",
            seconds=self.distribution.error_response(status).caching_min_ttl,
            shared=True,
            complete=expired.complete,
            stale=expired,
        )

    def _kept(
        self, behavior: Behavior, answer: Answer, x_cache: str, *, complete: bool, from_bucket: bool = False
    ) -> Fetched:
        lifetimes, now = behavior.lifetimes, self.clock()
        fetched = Fetched(
            answer=answer,
            x_cache=x_cache,
            seconds=None,
            shared=may_be_shared(answer.headers, lifetimes),
            complete=complete,
        )
        if not is_error(answer.status):
            return replace(fetched, seconds=fresh_seconds(answer.headers, lifetimes, now))
        custom = self.distribution.error_response(answer.status)
        seconds = error_seconds(
            answer.status, answer.headers, custom.caching_min_ttl, lifetimes, now, from_bucket=from_bucket
        )
        return replace(fetched, seconds=seconds, is_error=True, page=custom if custom.page_path else None)

    def _own_page(
        self, behavior: Behavior, request: ViewerRequest, error: EdgeError, request_id: str
    ) -> Fetched:
        _log.warning("%s %s: %s: %s", request.method, request.uri, error.result, error)
        fetched = self._kept(behavior, error.page(request_id), error.result, complete=True)
        return fetched if error.has_custom_page else replace(fetched, page=None)


def _refreshed(kept: Answer, confirmation: Answer) -> Answer:
    """The kept answer with the headers of the 304 that confirmed it (RFC 9111, 3.2)."""
    headers = CIMultiDict(kept.headers)
    for name in confirmation.headers:
        if name.lower() not in ("content-length", "content-type"):
            headers[name] = confirmation.headers[name]
    return replace(kept, headers=CIMultiDictProxy(headers))
