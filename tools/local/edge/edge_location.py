"""The edge location: respond to viewers from the cache, the functions or the origin."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from tools.local.edge.cache import Cache, CacheEntry
from tools.local.edge.cache_key import CacheKey, make_cache_key
from tools.local.edge.conditions import is_not_modified, make_not_modified
from tools.local.edge.distribution import Behavior
from tools.local.edge.errors import (
    BodyRefusedError,
    EdgeError,
    MethodRefusedError,
    UrlTooLongError,
)
from tools.local.edge.fetcher import Fetcher, FetchResult
from tools.local.edge.invalidations import Invalidations
from tools.local.edge.messages import Response, ViewerRequest
from tools.local.edge.ranges import apply_range
from tools.local.edge.request_collapsing import CollapsedRequests
from tools.local.edge.response_headers import add_cloudfront_headers, create_request_id
from tools.local.edge.trace import Traces, trace_step
from tools.local.edge.ttl import is_error
from tools.local.edge.viewer_event import viewer_request_event
from tools.local.edge.viewer_function import ViewerFunction
from tools.local.edge.viewer_result import parse_viewer_result

MAX_URL_BYTES = 8_192

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class _Served:
    """A response and its origin.

    Attributes:
        x_cache: first word of X-Cache.
        age: seconds in the cache; None for a response that just arrived.
    """

    response: Response
    x_cache: str
    age: int | None = None


class EdgeLocation:
    """Responds to the viewers of one distribution, starting with an empty cache.

    Args:
        fetcher: fetcher of the distribution.
        viewer_functions: CloudFront Functions by the ARN in a behavior.
        invalidations: invalidations of the distribution.
        max_bytes: maximum size of the cache.
        clock: current time in seconds since the epoch.
        traces: traces of the requests.
    """

    def __init__(  # noqa: PLR0913  # the parts of an edge location
        self,
        fetcher: Fetcher,
        viewer_functions: Mapping[str, ViewerFunction],
        invalidations: Invalidations,
        *,
        max_bytes: int,
        clock: Callable[[], float],
        traces: Traces,
    ) -> None:
        self._fetcher = fetcher
        self._viewer_functions = viewer_functions
        self._distribution = fetcher.distribution
        self._invalidations = invalidations
        self._cache = Cache(max_bytes, clock)
        self._traces = traces
        self._requests = CollapsedRequests(self._keep)

    async def respond(self, request: ViewerRequest) -> Response:
        """Return the response to a viewer with CloudFront's headers. The server drops the body for a HEAD."""
        request_id = create_request_id()
        self._traces.start(request_id)
        try:
            served = await self._serve(request, request_id)
        except EdgeError as error:
            if error.status.is_server_error:
                _log.warning("%s %s: %s: %s", request.method, request.uri, error.x_cache, error)
            served = _Served(response=error.page(request_id), x_cache=error.x_cache)
        response = _apply_conditions(request, served.response)
        return add_cloudfront_headers(response, x_cache=served.x_cache, request_id=request_id, age=served.age)

    async def _serve(self, request: ViewerRequest, request_id: str) -> _Served:
        behavior = self._distribution.behavior_for(request.uri)
        _refuse(request, behavior)
        result = await self._run_viewer_function(behavior, request, request_id)
        if isinstance(result, Response):
            # The function's response is neither cached nor replaced by a custom error page.
            served = _Served(response=result, x_cache="FunctionGeneratedResponse")
        else:
            await self._invalidations.catch_up(self._invalidate)
            # A changed URI selects neither another behavior nor another origin.
            served = await self._find(behavior, result, request_id)
        response = behavior.headers_policy.apply(served.response, request.headers.get("Origin"))
        return replace(served, response=response)

    async def _run_viewer_function(
        self, behavior: Behavior, request: ViewerRequest, request_id: str
    ) -> ViewerRequest | Response:
        if behavior.viewer_function_arn is None:
            return request
        function = self._viewer_functions[behavior.viewer_function_arn]
        if function.store is not None:
            await function.store.refresh()
        event = viewer_request_event(
            request,
            distribution_id=self._distribution.id,
            domain_name=self._distribution.domain_name,
            request_id=request_id,
        )
        with trace_step("viewer_function", function.name) as step:
            invoked = function.invoke(event, request.querystring or None)
            result = parse_viewer_result(invoked, event, request)
            step.result = str(result.status) if isinstance(result, Response) else result.url
        return result

    async def _find(self, behavior: Behavior, request: ViewerRequest, request_id: str) -> _Served:
        with trace_step("cache") as step:
            key = make_cache_key(request, behavior.key_policy)
            is_cached = request.method in behavior.cached_methods
            entry = self._find_entry(key, request.method) if is_cached else None
            is_fresh = entry is not None and self._cache.is_fresh(entry)
            step.result = "hit" if is_fresh else "expired" if entry else "miss"
        if entry is not None and is_fresh:
            word = "Error" if entry.is_error else "Hit"
            return _Served(response=entry.response, x_cache=word, age=self._cache.age_seconds(entry))
        # The origin can confirm an expired object, and the object may be served if the origin fails. Neither
        # is true of an expired error.
        expired = entry if entry is not None and not entry.is_error else None

        async def fetch() -> FetchResult:
            fetched = await self._fetcher.fetch(behavior, request, request_id=request_id, expired=expired)
            return await self._apply_error_page(fetched, request, request_id)

        if is_cached:
            fetched, caused = await self._requests.join(key, request.method, fetch)
        else:
            fetched, caused = await fetch(), True
        if not caused and not fetched.shared:
            fetched, caused = await fetch(), True
        age = self._cache.age_seconds(fetched.stale) if fetched.stale else None
        if caused:
            return _Served(response=fetched.response, x_cache=fetched.x_cache, age=age)
        return _Served(response=fetched.response, x_cache="Error" if fetched.is_error else "Hit", age=age)

    async def _apply_error_page(
        self, fetched: FetchResult, request: ViewerRequest, request_id: str
    ) -> FetchResult:
        """Replace an error by the page of its custom error response.

        The page is fetched through the cache and the behavior that matches its path. If the page is not
        available, its own error is returned. Errors of the page's own path have no page: see "Generate custom
        error responses".
        """
        if fetched.page is None or self._distribution.is_error_page(request.uri):
            return fetched
        path = fetched.page.page_path
        page_request = ViewerRequest(method="GET", uri=path, client_ip=request.client_ip)
        page = (await self._find(self._distribution.behavior_for(path), page_request, request_id)).response
        if not is_error(page.status):
            page = replace(page, status=fetched.page.response_code or fetched.response.status)
        return replace(fetched, response=page)

    def _find_entry(self, key: CacheKey, method: str) -> CacheEntry | None:
        entry = self._cache.get(key)
        return entry if entry is not None and (entry.complete or method == "HEAD") else None

    def _keep(self, key: CacheKey, fetched: FetchResult) -> None:
        if fetched.seconds is None:
            return
        if fetched.stale:
            self._cache.serve_stale(key, fetched.stale, fetched.seconds)
        else:
            self._cache.put(
                key,
                fetched.response,
                fetched.seconds,
                complete=fetched.complete,
                is_error=fetched.is_error,
            )

    def _invalidate(self, path: str) -> None:
        self._cache.invalidate(path)
        self._requests.invalidate(path)


def _refuse(request: ViewerRequest, behavior: Behavior) -> None:
    """Raise the error of a request that reaches neither the cache nor the origin."""
    if request.url_size > MAX_URL_BYTES:
        raise UrlTooLongError
    if request.method not in behavior.methods:
        raise MethodRefusedError
    if request.has_body:
        raise BodyRefusedError


def _apply_conditions(request: ViewerRequest, response: Response) -> Response:
    """Evaluate the viewer's preconditions and range."""
    if is_not_modified(request.headers, response):
        return make_not_modified(response)
    return apply_range(request.headers, response) if request.method == "GET" else response
