"""Failover between the two origins of an origin group."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from tests.tools.local.edge.world import Run, ScriptedOrigin, World, image_response, run, x_cache
from tools.local.aws_models.rules import FAILOVER_STATUSES
from tools.local.edge.distribution import ErrorResponse, Failover
from tools.local.edge.errors import (
    EdgeError,
    FunctionFailedError,
    FunctionLimitError,
    OriginTimeoutError,
    OriginUnreachableError,
)
from tools.local.edge.messages import Response, make_headers
from tools.local.edge.origin import CustomOrigin

URL = "abc.lambda-url.eu-west-1.on.aws"
DERIVED = image_response(b"derived", '"two"')
ALL_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
MISSING = Response(status=403)
BUSY = Response(status=503)


def run_group(
    scenario: Run,
    primary: list[Response | EdgeError],
    secondary: list[Response | EdgeError],
    *,
    statuses: frozenset[int] = FAILOVER_STATUSES,
    changes: Mapping[str, Any] | None = None,
    **world: Any,
) -> World:
    """Run a scenario in a world with an origin group: a bucket, then a function URL."""
    url = CustomOrigin(domain_name=URL, access_control=True, custom_headers=(("X-Mine", "2"),))
    failover = Failover(origin=url, statuses=statuses)
    secondary_origin = ScriptedOrigin(secondary)
    every = {"failover": failover, "function_arn": None, **(changes or {})}
    return run(scenario, *primary, changes=every, secondary=secondary_origin, **world)


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize(
    ("failure", "status"),
    [
        *((Response(status=status), status) for status in sorted(FAILOVER_STATUSES)),
        # The sentences in parentheses of the developer guide: 503 for a failed connection, 504 for a timeout.
        (OriginUnreachableError("refused"), 503),
        (OriginTimeoutError("silent"), 504),
    ],
)
def test_only_listed_failures_lead_to_the_secondary_origin(
    failure: Response | EdgeError, status: int, *, listed: bool
) -> None:
    async def scenario(world: World) -> None:
        response = await world.get()
        expected = (200, "Miss") if listed else (failure.status, "Error")
        assert (response.status, x_cache(response)) == expected

    statuses = frozenset({status}) if listed else FAILOVER_STATUSES - {status}
    world = run_group(scenario, [failure], [DERIVED], statuses=statuses)
    assert (len(world.fetched), len(world.secondary.fetched)) == (1, int(listed))


@pytest.mark.parametrize("status", [200, 204, 301, 304, 401, 405, 410, 418, 501, 505])
def test_other_statuses_are_final(status: int) -> None:
    async def scenario(world: World) -> None:
        assert (await world.get()).status == status

    assert run_group(scenario, [Response(status=status)], [DERIVED]).secondary.fetched == []


@pytest.mark.parametrize(
    ("method", "cached", "fails_over"),
    [
        ("GET", {"GET", "HEAD"}, True),
        ("HEAD", {"GET", "HEAD"}, True),
        ("OPTIONS", {"GET", "HEAD", "OPTIONS"}, True),
        # "CloudFront will not failover if OPTIONS are not set as a Cached HTTP methods"
        ("OPTIONS", {"GET", "HEAD"}, False),
        *((method, {"GET", "HEAD", "OPTIONS"}, False) for method in ("POST", "PUT", "PATCH", "DELETE")),
    ],
)
def test_methods_that_fail_over(method: str, cached: set[str], *, fails_over: bool) -> None:
    async def scenario(world: World) -> None:
        assert (await world.get(method=method)).status == (200 if fails_over else 503)

    changes = {"methods": ALL_METHODS, "cached_methods": frozenset(cached)}
    world = run_group(scenario, [BUSY], [DERIVED], changes=changes)
    assert [sent for sent, _ in world.secondary.fetched] == ([method] if fails_over else [])


def test_the_secondary_origin_gets_the_same_path_and_query() -> None:
    async def scenario(world: World) -> None:
        assert (await world.get("/a%20b+c%2Bd%25@\U0001f408.jpg?size=S&x=1")).status == 200

    world = run_group(scenario, [MISSING], [DERIVED])
    [(_, first)], [(_, second)] = world.fetched, world.secondary.fetched
    assert (first.uri, first.querystring) == ("/a%20b+c%2Bd%25@\U0001f408.jpg", "size=S")
    assert (second.uri, second.querystring) == (first.uri, first.querystring)
    assert (dict(first.headers)["Host"], dict(second.headers)["Host"]) == ("b.s3.amazonaws.com", URL)
    unlike = [name for name, value in first.headers if dict(second.headers)[name] != value]
    assert (unlike, first.request_id) == (["Host"], second.request_id)


def test_an_origin_request_policy_forwards_headers_that_are_not_part_of_the_key() -> None:
    async def scenario(world: World) -> None:
        for number in (1, 2):
            response = await world.get(X_Viewer_Url=f"/cat.jpg?x={number}", X_Other="1")
            assert x_cache(response) == ("Miss" if number == 1 else "Hit")

    world = run_group(scenario, [MISSING], [DERIVED], changes={"forwarded_headers": ("x-viewer-url",)})
    for [(_, request)] in (world.fetched, world.secondary.fetched):
        sent = {name.lower(): value for name, value in request.headers}
        assert (sent.get("x-viewer-url"), sent.get("x-other")) == ("/cat.jpg?x=1", None)


def test_a_response_of_the_secondary_origin_is_cached_for_the_group() -> None:
    async def scenario(world: World) -> None:
        words = [((a := await world.get()).body, x_cache(a)) for _ in range(2)]
        assert words == [(b"derived", "Miss"), (b"derived", "Hit")]
        world.now += 61
        # Each origin request starts with the primary origin, whatever happened before.
        response = await world.get()
        assert (response.body, x_cache(response)) == (b"content", "Miss")

    world = run_group(scenario, [MISSING, image_response()], [DERIVED])
    assert (len(world.fetched), len(world.secondary.fetched)) == (2, 1)


def test_no_store_of_the_secondary_origin_is_obeyed() -> None:
    async def scenario(world: World) -> None:
        assert [((a := await world.get()).status, x_cache(a)) for _ in range(2)] == [(302, "Miss")] * 2

    headers = make_headers(("Location", "/cat.jpg"), ("Cache-Control", "no-store"))
    world = run_group(scenario, [MISSING], [Response(status=302, headers=headers)])
    assert (len(world.fetched), len(world.secondary.fetched)) == (2, 2)


def test_viewers_of_one_object_share_both_origin_requests() -> None:
    async def scenario(world: World) -> None:
        world.origin_open.clear()
        viewers = [asyncio.create_task(world.get()) for _ in range(50)]
        await world.wait_for_requests(1)
        world.origin_open.set()
        responses = await asyncio.gather(*viewers)
        assert {response.body for response in responses} == {b"derived"}
        assert sorted(x_cache(response) for response in responses) == ["Hit"] * 49 + ["Miss"]

    world = run_group(scenario, [MISSING], [DERIVED])
    assert (len(world.fetched), len(world.secondary.fetched)) == (1, 1)


def test_an_invalidation_during_a_failover_keeps_the_result_out_of_the_cache() -> None:
    async def scenario(world: World) -> None:
        world.origin_open.clear()
        early = asyncio.create_task(world.get())
        await world.wait_for_requests(1)
        world.invalidated.append("/*")
        late = asyncio.create_task(world.get())
        await world.wait_for_requests(2)
        world.origin_open.set()
        assert {(await early).body, (await late).body} == {b"old", b"new"}
        kept = await world.get()
        assert (kept.body, x_cache(kept)) == (b"new", "Hit")

    run_group(scenario, [MISSING], [image_response(b"old"), image_response(b"new")])


def test_ranges_and_conditions_of_viewers_are_served_after_a_failover() -> None:
    async def scenario(world: World) -> None:
        part = await world.get(Range="bytes=0-2")
        assert (part.status, part.body, part.headers["Content-Range"]) == (206, b"der", "bytes 0-2/7")
        known = await world.get("/dog.jpg", If_None_Match='"two"')
        assert (known.status, known.body) == (304, b"")
        # Neither origin got the viewer's conditions: the whole objects are in the cache.
        whole = [((a := await world.get(uri)).body, x_cache(a)) for uri in ("/cat.jpg", "/dog.jpg")]
        assert whole == [(b"derived", "Hit")] * 2

    run_group(scenario, [MISSING], [DERIVED])


@pytest.mark.parametrize("first", [MISSING, OriginUnreachableError("refused")])
@pytest.mark.parametrize(
    ("second", "body", "word"),
    [
        (Response(status=304), b"derived", "RefreshHit"),
        (image_response(b"changed", '"three"'), b"changed", "Miss"),
        (BUSY, b"derived", "Hit"),
        (OriginTimeoutError("silent"), b"derived", "Hit"),
    ],
)
def test_both_origins_can_confirm_an_expired_object(
    first: Response | EdgeError, second: Response | EdgeError, body: bytes, word: str
) -> None:
    async def scenario(world: World) -> None:
        await world.get()
        world.now += 61
        response = await world.get()
        assert (response.status, response.body, x_cache(response)) == (200, body, word)

    world = run_group(scenario, [first], [DERIVED, second])
    for fetched in (world.fetched, world.secondary.fetched):
        assert [dict(request.headers).get("If-None-Match") for _, request in fetched] == [None, '"two"']


def test_a_404_of_both_origins_ends_an_expired_object() -> None:
    async def scenario(world: World) -> None:
        await world.get()
        world.now += 61
        assert (await world.get()).status == 404

    gone = Response(status=404)
    run_group(scenario, [image_response(), gone], [gone])


@pytest.mark.parametrize(
    ("status", "cache_control", "seconds"),
    [
        (400, "max-age=60", 60),
        (404, "max-age=60", 60),
        # The error caching minimum TTL of the distribution for 404 is 20 seconds.
        (404, "max-age=5", 20),
        (502, "", 10),
        (503, "no-store", 10),
    ],
)
def test_the_error_of_the_secondary_origin_is_final_and_cached(
    status: int, cache_control: str, seconds: int
) -> None:
    async def scenario(world: World) -> None:
        for elapsed, requests in ((0, 1), (seconds - 1, 1), (seconds, 2)):
            world.now = 1_000 + elapsed
            response = await world.get()
            assert (response.status, response.body, x_cache(response)) == (status, b"no", "Error")
            assert (len(world.fetched), len(world.secondary.fetched)) == (requests, requests)

    headers = make_headers(("Cache-Control", cache_control), ("Content-Length", "2"))
    refusal = Response(status=status, headers=headers, body=b"no")
    run_group(scenario, [MISSING], [refusal], errors={404: ErrorResponse(caching_min_ttl=20)})


@pytest.mark.parametrize(("status", "cache_control"), [(400, ""), (403, ""), (404, "no-store"), (429, "")])
def test_errors_of_the_secondary_origin_that_are_not_cached(status: int, cache_control: str) -> None:
    async def scenario(world: World) -> None:
        assert [(await world.get()).status for _ in range(2)] == [status] * 2

    headers = make_headers(("Cache-Control", cache_control))
    world = run_group(scenario, [BUSY], [Response(status=status, headers=headers)])
    assert (len(world.fetched), len(world.secondary.fetched)) == (2, 2)


def test_an_error_page_belongs_to_the_status_of_the_secondary_origin() -> None:
    async def scenario(world: World) -> None:
        response = await world.get("/none.jpg")
        assert (response.status, response.body) == (404, b"No such image.")

    errors = {
        403: ErrorResponse(page_path="/403.html", response_code=403),
        404: ErrorResponse(page_path="/404.html", response_code=404),
    }
    pages = {"/404.html": Response(status=200, body=b"No such image.")}
    world = run_group(scenario, [MISSING], [Response(status=404)], errors=errors, pages=pages)
    assert [request.uri for _, request in world.fetched] == ["/none.jpg", "/404.html"]


@pytest.mark.parametrize(
    ("second", "status"), [(OriginUnreachableError("refused"), 502), (OriginTimeoutError("silent"), 504)]
)
def test_a_secondary_origin_without_a_response(second: EdgeError, status: int) -> None:
    async def scenario(world: World) -> None:
        response = await world.get()
        assert (response.status, x_cache(response)) == (status, "Error")

    run_group(scenario, [MISSING], [second])


WITH_FUNCTION = {"function_arn": "arn:aws:lambda:us-east-1:000000000000:function:resize:7"}


def test_the_function_runs_for_each_origin_with_the_viewers_request() -> None:
    def rewrite(request: dict[str, Any]) -> object:
        [kind] = request["origin"]
        return {**request, "uri": f"/{kind}{request['uri']}"}

    async def scenario(world: World) -> None:
        assert (await world.get()).body == b"derived"

    world = run_group(scenario, [MISSING], [DERIVED], changes=WITH_FUNCTION, function=rewrite)
    first, second = world.events
    assert (first["uri"], second["uri"]) == ("/cat.jpg", "/cat.jpg")
    assert first["origin"]["s3"]["domainName"] == "b.s3.amazonaws.com"
    assert second["origin"]["custom"]["domainName"] == URL
    assert second["origin"]["custom"]["customHeaders"] == {"x-mine": [{"key": "X-Mine", "value": "2"}]}
    assert second["headers"]["host"] == [{"key": "Host", "value": URL}]
    assert world.fetched[0][1].uri == "/s3/cat.jpg"
    assert world.secondary.fetched[0][1].uri == "/custom/cat.jpg"


@pytest.mark.parametrize("failure", [FunctionFailedError("raised"), FunctionLimitError("timed out"), 503])
def test_a_failure_of_the_function_is_not_one_of_the_origin(failure: EdgeError | int) -> None:
    def fail(_: dict[str, Any]) -> object:
        if isinstance(failure, EdgeError):
            raise failure
        return {"status": str(failure)}

    async def scenario(world: World) -> None:
        assert (await world.get()).status == 503

    world = run_group(scenario, [MISSING], [DERIVED], changes=WITH_FUNCTION, function=fail)
    assert (len(world.events), world.fetched, world.secondary.fetched) == (1, [], [])
