"""One request towards the origin: the function, then the origin, then how long the response may be kept."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from http import HTTPStatus

from multidict import CIMultiDict, CIMultiDictProxy

from tools.local.edge.cache import CacheEntry
from tools.local.edge.conditions import revalidation_headers
from tools.local.edge.distribution import Behavior, Distribution, ErrorResponse
from tools.local.edge.errors import EdgeError
from tools.local.edge.event import Event, origin_request_event
from tools.local.edge.function import Function
from tools.local.edge.function_result import OriginRequest, make_origin_request, parse_result
from tools.local.edge.messages import Response, ViewerRequest
from tools.local.edge.origin import Origin
from tools.local.edge.origin_client import OriginClient
from tools.local.edge.ttl import error_seconds, fresh_seconds, is_error, may_be_shared, stale_seconds

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class FetchResult:
    """What a request towards the origin came to.

    Attributes:
        x_cache: first word of X-Cache for the viewer who caused it.
        seconds: how long it may be kept; None for not at all.
        shared: whether viewers who waited for it get it too.
        complete: False for the response to a HEAD request.
        is_error: whether it is an error, by the rules of caching.
        page: custom error response with a page that stands in for the error; None for none.
        stale: the expired object that is served because the origin fails.
    """

    response: Response
    x_cache: str
    seconds: int | None
    shared: bool
    complete: bool
    is_error: bool = False
    page: ErrorResponse | None = None
    stale: CacheEntry | None = None


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
    origins: Mapping[Origin, OriginClient]
    functions: Mapping[str, Function]
    sandboxes: Executor
    clock: Callable[[], float]

    async def fetch(
        self, behavior: Behavior, request: ViewerRequest, *, request_id: str, expired: CacheEntry | None
    ) -> FetchResult:
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
            conditions=revalidation_headers(expired.response) if expired else {},
        )
        try:
            result = await self._run_function(behavior, event)
        except EdgeError as error:
            return self._make_error_result(behavior, request, error, request_id)
        if isinstance(result, Response):
            # A response that the function generates takes the place of the origin's, errors included.
            return self._process_response(behavior, result, expired, "LambdaGeneratedResponse", complete=True)
        origin = self.origins[behavior.origin]
        try:
            response = await origin.fetch(request.method, replace(result, request_id=request_id))
        except EdgeError as error:
            page = self._make_error_result(behavior, request, error, request_id)
            return self._find_stale(behavior, expired, error.status) or page
        word = "Error" if is_error(response.status) else "Miss"
        return self._process_response(
            behavior,
            response,
            expired,
            word,
            complete=request.method == "GET",
            min_error_seconds=behavior.origin.min_error_seconds,
        )

    async def _run_function(self, behavior: Behavior, event: Event) -> OriginRequest | Response:
        if behavior.function_arn is None:
            return make_origin_request(event)
        function = self.functions[behavior.function_arn]
        loop = asyncio.get_running_loop()
        return parse_result(await loop.run_in_executor(self.sandboxes, function.invoke, event), event)

    def _process_response(  # noqa: PLR0913  # each is a fact that the rules of caching depend on
        self,
        behavior: Behavior,
        response: Response,
        expired: CacheEntry | None,
        x_cache: str,
        *,
        complete: bool,
        min_error_seconds: int = 0,
    ) -> FetchResult:
        if expired is not None and response.status == HTTPStatus.NOT_MODIFIED:
            refreshed = _refresh(expired.response, response)
            return self._make_result(behavior, refreshed, "RefreshHit", complete=expired.complete)
        return self._find_stale(behavior, expired, response.status) or self._make_result(
            behavior, response, x_cache, complete=complete, min_error_seconds=min_error_seconds
        )

    def _find_stale(self, behavior: Behavior, expired: CacheEntry | None, status: int) -> FetchResult | None:
        """Return the expired object if it has to be served in place of an error of the origin.

        Source: "How CloudFront processes HTTP 4xx and 5xx status codes from your origin": on a 5xx the object
        is served for the error caching minimum TTL, then the origin is asked again.
        """
        if expired is None or status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return None
        if self.clock() - expired.expires_at >= stale_seconds(expired.response.headers, behavior.lifetimes):
            return None
        return FetchResult(
            response=expired.response,
            x_cache="Hit",
            seconds=self.distribution.error_response(status).caching_min_ttl,
            shared=True,
            complete=expired.complete,
            stale=expired,
        )

    def _make_result(
        self,
        behavior: Behavior,
        response: Response,
        x_cache: str,
        *,
        complete: bool,
        min_error_seconds: int = 0,
    ) -> FetchResult:
        lifetimes, now = behavior.lifetimes, self.clock()
        fetched = FetchResult(
            response=response,
            x_cache=x_cache,
            seconds=None,
            shared=may_be_shared(response.headers, lifetimes),
            complete=complete,
        )
        if not is_error(response.status):
            return replace(fetched, seconds=fresh_seconds(response.headers, lifetimes, now))
        custom = self.distribution.error_response(response.status)
        min_ttl = max(custom.caching_min_ttl, min_error_seconds)
        seconds = error_seconds(response.status, response.headers, min_ttl, lifetimes, now)
        return replace(fetched, seconds=seconds, is_error=True, page=custom if custom.page_path else None)

    def _make_error_result(
        self, behavior: Behavior, request: ViewerRequest, error: EdgeError, request_id: str
    ) -> FetchResult:
        _log.warning("%s %s: %s: %s", request.method, request.uri, error.result, error)
        fetched = self._make_result(behavior, error.page(request_id), error.result, complete=True)
        return fetched if error.has_custom_page else replace(fetched, page=None)


def _refresh(kept: Response, confirmation: Response) -> Response:
    """The kept response with the headers of the 304 that confirmed it (RFC 9111, 3.2)."""
    headers = CIMultiDict(kept.headers)
    for name in confirmation.headers:
        if name.lower() not in ("content-length", "content-type"):
            headers[name] = confirmation.headers[name]
    return replace(kept, headers=CIMultiDictProxy(headers))
