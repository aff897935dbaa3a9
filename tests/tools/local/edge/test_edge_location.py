"""The edge location between scripted viewers, functions and origins."""

import asyncio
import threading
from typing import Any

import pytest

from tests.tools.local.edge.world import DATE, World, image_response, run, x_cache
from tools.local.edge.distribution import ErrorResponse
from tools.local.edge.errors import (
    EdgeError,
    FunctionFailedError,
    FunctionLimitError,
    OriginTimeoutError,
    OriginUnreachableError,
)
from tools.local.edge.messages import Response, ViewerRequest, make_headers
from tools.local.edge.ttl import Lifetimes


def test_a_miss_is_followed_by_hits_with_an_age() -> None:
    async def scenario(world: World) -> None:
        first = await world.get()
        assert (first.status, first.body, x_cache(first), first.headers.get("Age")) == (
            200,
            b"content",
            "Miss",
            None,
        )
        world.now += 5
        second = await world.get()
        assert (second.status, second.body, x_cache(second), second.headers["Age"]) == (
            200,
            b"content",
            "Hit",
            "5",
        )
        assert first.headers["X-Amz-Cf-Id"] != second.headers["X-Amz-Cf-Id"]
        assert (first.headers["X-Policy"], second.headers["X-Policy"]) == ("1", "1")

    assert len(run(scenario, image_response()).fetched) == 1


def test_only_the_query_strings_of_the_policy_split_the_cache() -> None:
    async def scenario(world: World) -> None:
        words = [
            x_cache(await world.get(f"/cat.jpg{query}"))
            for query in ("", "?x=1", "?size=S", "?x=2&size=S", "?size=M")
        ]
        assert words == ["Miss", "Hit", "Miss", "Hit", "Miss"]

    world = run(scenario, image_response())
    assert [event["querystring"] for event in world.events] == ["", "size=S", "size=M"]


def test_a_head_is_served_from_a_get_but_not_the_reverse() -> None:
    async def scenario(world: World) -> None:
        head = await world.get(method="HEAD")
        assert (x_cache(head), head.headers["Content-Length"], head.body) == ("Miss", "7", b"")
        assert x_cache(await world.get(method="HEAD")) == "Hit"
        assert x_cache(await world.get()) == "Miss"
        assert x_cache(await world.get(method="HEAD")) == "Hit"

    world = run(scenario, image_response())
    assert [method for method, _ in world.fetched] == ["HEAD", "GET"]
    assert [event["method"] for event in world.events] == ["HEAD", "GET"]


def test_an_expired_object_is_confirmed_by_the_origin() -> None:
    async def scenario(world: World) -> None:
        await world.get()
        world.now += 61
        confirmed = await world.get()
        assert (confirmed.status, confirmed.body, x_cache(confirmed)) == (200, b"content", "RefreshHit")
        assert confirmed.headers["Content-Length"] == "7"
        assert confirmed.headers["Cache-Control"] == "max-age=120"
        world.now += 119
        assert x_cache(await world.get()) == "Hit"

    still = make_headers(("ETag", '"one"'), ("Cache-Control", "max-age=120"), ("Content-Length", "0"))
    world = run(scenario, image_response(), Response(status=304, headers=still))
    assert "if-none-match" not in world.events[0]["headers"]
    assert world.events[1]["headers"]["if-none-match"] == [{"key": "If-None-Match", "value": '"one"'}]
    assert world.events[1]["headers"]["if-modified-since"] == [{"key": "If-Modified-Since", "value": DATE}]
    assert ("If-None-Match", '"one"') in world.fetched[1][1].headers


def test_an_expired_object_is_replaced_when_it_changed() -> None:
    async def scenario(world: World) -> None:
        await world.get()
        world.now += 61
        changed = await world.get()
        assert (changed.body, x_cache(changed)) == (b"new", "Miss")

    run(scenario, image_response(), image_response(b"new", '"two"'))


@pytest.mark.parametrize("failure", [Response(status=503), Response(status=500)])
def test_an_expired_object_is_served_while_the_origin_fails(failure: Response) -> None:
    async def scenario(world: World) -> None:
        await world.get()
        world.now += 61
        assert (await world.get()).body == b"content"
        world.now += 9
        assert (await world.get()).body == b"content"
        world.now += 2
        assert (await world.get()).body == b"back"

    assert len(run(scenario, image_response(), failure, image_response(b"back")).fetched) == 3


@pytest.mark.parametrize("cache_control", ["max-age=60", "max-age=60, stale-if-error=20"])
@pytest.mark.parametrize("failure", [OriginTimeoutError("silent"), OriginUnreachableError("reset")])
def test_an_expired_object_is_served_until_its_staleness_ends(cache_control: str, failure: EdgeError) -> None:
    async def scenario(world: World) -> None:
        await world.get()
        world.now += 61
        stale = await world.get()
        assert (stale.body, x_cache(stale), stale.headers["Age"]) == (b"content", "Hit", "61")
        world.now += 11
        assert (await world.get()).headers["Age"] == "72"
        world.now += 11
        late = await world.get()
        assert (late.status == 200) is ("stale-if-error" not in cache_control)
        world.now += 600
        assert (await world.get()).status == failure.status

    run(scenario, image_response(Cache_Control=cache_control), failure)


def test_stale_if_error_0_shows_the_error() -> None:
    async def scenario(world: World) -> None:
        await world.get()
        world.now += 60
        assert (await world.get()).status == 500

    run(scenario, image_response(Cache_Control="max-age=60, stale-if-error=0"), Response(status=500))


def test_an_expired_error_is_not_served_stale() -> None:
    async def scenario(world: World) -> None:
        assert (await world.get()).status == 404
        world.now += 11
        assert (await world.get()).status == 503

    world = run(scenario, Response(status=404, headers=make_headers(("ETag", '"e"'))), Response(status=503))
    assert "if-none-match" not in world.events[1]["headers"]


def test_an_expired_object_is_not_served_after_a_404() -> None:
    async def scenario(world: World) -> None:
        await world.get()
        world.now += 61
        gone = await world.get()
        assert (gone.status, x_cache(gone)) == (404, "Error")

    run(scenario, image_response(), Response(status=404))


def test_errors_are_cached_for_ten_seconds() -> None:
    async def scenario(world: World) -> None:
        assert x_cache(await world.get()) == "Error"
        world.now += 9
        again = await world.get()
        assert (again.status, x_cache(again), again.headers["Age"]) == (404, "Error", "9")
        world.now += 2
        assert (await world.get()).status == 200

    assert len(run(scenario, Response(status=404), image_response()).fetched) == 2


def test_errors_of_a_bucket_are_cached_for_at_least_a_second() -> None:
    async def scenario(world: World) -> None:
        assert [(await world.get()).status for _ in range(2)] == [503, 503]
        world.now += 1
        assert (await world.get()).status == 503

    errors = {503: ErrorResponse(caching_min_ttl=0)}
    assert len(run(scenario, Response(status=503), errors=errors).fetched) == 2


FORBIDDEN = Response(status=403)
BUSY = Response(status=503)
TO_404 = {403: ErrorResponse(page_path="/404.html", response_code=404)}
TEXT = Response(status=200, headers=make_headers(("Content-Type", "text/html")), body=b"No such image.")


def test_a_custom_error_response_changes_page_and_status() -> None:
    async def scenario(world: World) -> None:
        response = await world.get("/none.jpg?size=S")
        assert (response.status, response.body, x_cache(response)) == (404, b"No such image.", "Error")
        assert response.headers["Content-Type"] == "text/html"
        assert response.headers["X-Policy"] == "1"

    world = run(scenario, FORBIDDEN, errors=TO_404, pages={"/404.html": TEXT})
    assert [request.uri for _, request in world.fetched] == ["/none.jpg", "/404.html"]
    # The page is a normal object, for which the function of its behavior runs.
    assert [(event["uri"], event["querystring"]) for event in world.events] == [
        ("/none.jpg", "size=S"),
        ("/404.html", ""),
    ]


def test_the_page_is_cached_and_the_403_is_not() -> None:
    async def scenario(world: World) -> None:
        for key in ("/a.jpg", "/a.jpg", "/b.jpg"):
            response = await world.get(key)
            assert (response.status, response.body, x_cache(response)) == (404, b"No such image.", "Error")

    world = run(scenario, FORBIDDEN, errors=TO_404, pages={"/404.html": TEXT})
    assert [request.uri for _, request in world.fetched] == ["/a.jpg", "/404.html", "/a.jpg", "/b.jpg"]


def test_a_403_with_max_age_is_cached_as_its_page() -> None:
    async def scenario(world: World) -> None:
        first, second = await world.get(), await world.get()
        assert (first.status, second.status, second.body, x_cache(second)) == (404, 404, TEXT.body, "Error")
        world.now += 31
        assert (await world.get()).status == 200

    refusal = Response(status=403, headers=make_headers(("Cache-Control", "max-age=30")))
    world = run(scenario, refusal, image_response(), errors=TO_404, pages={"/404.html": TEXT})
    assert len(world.fetched) == 3


def test_an_error_whose_page_is_a_200_is_still_an_error() -> None:
    async def scenario(world: World) -> None:
        assert [((a := await world.get()).status, x_cache(a)) for _ in range(2)] == [(200, "Error")] * 2
        world.now += 6
        assert [((a := await world.get()).status, a.body) for _ in range(2)] == [(200, b"content")] * 2

    errors = {503: ErrorResponse(caching_min_ttl=5, page_path="/wait.html", response_code=200)}
    run(scenario, BUSY, image_response(), errors=errors, pages={"/wait.html": TEXT})


@pytest.mark.parametrize("page", [Response(status=403), Response(status=404, body=b"gone")])
def test_a_missing_error_page_gives_its_own_error(page: Response) -> None:
    async def scenario(world: World) -> None:
        for uri in ("/none.jpg", "/404.html"):
            response = await world.get(uri)
            assert (response.status, response.body, x_cache(response)) == (page.status, page.body, "Error")

    both = {code: ErrorResponse(page_path="/404.html", response_code=410) for code in (403, 404, 503)}
    run(scenario, BUSY, errors=both, pages={"/404.html": page})


def test_an_expired_object_is_preferred_to_an_error_page() -> None:
    async def scenario(world: World) -> None:
        await world.get()
        world.now += 61
        assert ((a := await world.get()).status, a.body) == (200, b"content")

    errors = {503: ErrorResponse(page_path="/wait.html", response_code=200)}
    run(scenario, image_response(), BUSY, errors=errors, pages={"/wait.html": TEXT})


def test_an_error_of_a_function_is_cached_like_one_of_the_origin() -> None:
    def busy(request: dict[str, Any]) -> object:
        if request["uri"] == "/wait.html":
            return request
        return {"status": "503", "headers": {"cache-control": [{"value": "no-store"}]}, "body": "later"}

    async def scenario(world: World) -> None:
        words = [((a := await world.get()).status, a.body, x_cache(a)) for _ in range(2)]
        assert words == [(503, TEXT.body, "LambdaGeneratedResponse"), (503, TEXT.body, "Error")]

    errors = {503: ErrorResponse(page_path="/wait.html", response_code=503)}
    world = run(scenario, image_response(), function=busy, errors=errors, pages={"/wait.html": TEXT})
    # CloudFront caches a 503 for ten seconds even with no-store.
    assert [event["uri"] for event in world.events] == ["/cat.jpg", "/wait.html"]


@pytest.mark.parametrize(
    ("status", "cache_control", "runs"),
    [
        ("400", "max-age=60", 1),
        ("400", "no-store", 3),
        ("404", "max-age=60", 1),
        ("404", "no-store", 3),
        ("503", "no-store", 1),
    ],
)
def test_how_often_a_function_runs_for_its_errors(status: str, cache_control: str, runs: int) -> None:
    response = {"status": status, "headers": {"cache-control": [{"value": cache_control}]}}

    async def scenario(world: World) -> None:
        assert [(await world.get()).status for _ in range(3)] == [int(status)] * 3

    assert len(run(scenario, image_response(), function=lambda _: response).events) == runs


def test_a_minimum_of_0_disables_the_caching_of_errors() -> None:
    response = {"status": "503", "headers": {"cache-control": [{"value": "no-store"}]}}

    async def scenario(world: World) -> None:
        assert [(await world.get()).status for _ in range(3)] == [503] * 3

    errors = {503: ErrorResponse(caching_min_ttl=0)}
    assert len(run(scenario, image_response(), function=lambda _: response, errors=errors).events) == 3


def test_a_throttled_function_has_no_custom_page() -> None:
    def throttled(_: dict[str, Any]) -> object:
        raise FunctionLimitError("too many")

    async def scenario(world: World) -> None:
        response = await world.get()
        assert (response.status, x_cache(response)) == (503, "LambdaLimitExceeded")
        assert b"was throttled" in response.body

    errors = {503: ErrorResponse(page_path="/wait.html", response_code=200)}
    run(scenario, image_response(), function=throttled, errors=errors, pages={"/wait.html": TEXT})


def test_no_store_is_not_cached_and_no_cache_is_revalidated() -> None:
    async def scenario(world: World) -> None:
        assert [x_cache(await world.get()) for _ in range(3)] == ["Miss", "Miss", "Miss"]

    assert len(run(scenario, image_response(Cache_Control="no-store")).fetched) == 3
    world = run(scenario, image_response(Cache_Control="no-cache"))
    assert "if-none-match" in world.events[2]["headers"]


def test_many_viewers_cause_one_request() -> None:
    async def scenario(world: World) -> None:
        world.origin_open.clear()
        viewers = [asyncio.create_task(world.get()) for _ in range(50)]
        await world.wait_for_requests(1)
        world.origin_open.set()
        responses = await asyncio.gather(*viewers)
        assert {response.body for response in responses} == {b"content"}
        assert sorted(x_cache(response) for response in responses) == ["Hit"] * 49 + ["Miss"]

    world = run(scenario, image_response())
    assert (len(world.fetched), len(world.events)) == (1, 1)


def test_a_head_shares_a_get_in_progress() -> None:
    async def scenario(world: World) -> None:
        world.origin_open.clear()
        viewers = [asyncio.create_task(world.get(method=method)) for method in ("GET", "HEAD")]
        await world.wait_for_requests(1)
        await asyncio.sleep(0.01)
        world.origin_open.set()
        assert [x_cache(response) for response in await asyncio.gather(*viewers)] == ["Miss", "Hit"]

    assert len(run(scenario, image_response()).fetched) == 1


def test_viewers_of_different_objects_do_not_wait_for_each_other() -> None:
    async def scenario(world: World) -> None:
        world.origin_open.clear()
        viewers = [asyncio.create_task(world.get(f"/cat.jpg?size={size}")) for size in ("S", "M", "L")]
        await world.wait_for_requests(3)
        world.origin_open.set()
        await asyncio.gather(*viewers)

    run(scenario, image_response())


def test_a_response_for_one_viewer_is_not_shared() -> None:
    async def scenario(world: World) -> None:
        world.origin_open.clear()
        viewers = [asyncio.create_task(world.get()) for _ in range(5)]
        await world.wait_for_requests(1)
        world.origin_open.set()
        assert {x_cache(response) for response in await asyncio.gather(*viewers)} == {"Miss"}

    assert len(run(scenario, image_response(Cache_Control="no-store")).fetched) == 5


@pytest.mark.parametrize("leaver", [0, 1])
def test_a_viewer_that_leaves_does_not_cancel_the_request(leaver: int) -> None:
    async def scenario(world: World) -> None:
        world.origin_open.clear()
        viewers = [asyncio.create_task(world.get()) for _ in range(2)]
        await world.wait_for_requests(1)
        viewers[leaver].cancel()
        await asyncio.sleep(0)
        world.origin_open.set()
        assert (await viewers[1 - leaver]).body == b"content"

    assert len(run(scenario, image_response()).fetched) == 1


def test_an_invalidation_takes_effect_for_the_next_viewer() -> None:
    async def scenario(world: World) -> None:
        await world.get("/cat.jpg?size=S")
        await world.get("/dog.jpg?size=S")
        world.invalidated.append("/cat.jpg*")
        assert x_cache(await world.get("/dog.jpg?size=S")) == "Hit"
        assert x_cache(await world.get("/cat.jpg?size=S")) == "Miss"

    run(scenario, image_response())


def test_a_request_in_progress_at_an_invalidation_is_not_cached() -> None:
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

    run(scenario, image_response(b"old"), image_response(b"new"))


@pytest.mark.parametrize(
    ("failure", "status", "result"),
    [
        (FunctionFailedError("raised"), 503, "LambdaExecutionError"),
        (FunctionLimitError("timed out"), 503, "LambdaLimitExceeded"),
    ],
)
def test_a_function_without_a_result(failure: EdgeError, status: int, result: str) -> None:
    def fail(_: dict[str, Any]) -> object:
        raise failure

    async def scenario(world: World) -> None:
        first = await world.get()
        assert (first.status, x_cache(first), first.headers["Server"]) == (status, result, "CloudFront")
        assert b"The request could not be satisfied." in first.body
        assert first.headers["Content-Length"] == str(len(first.body))
        assert x_cache(await world.get()) == "Error"

    world = run(scenario, image_response(), function=fail)
    assert (len(world.events), world.fetched) == (1, [])


def test_a_result_that_cloudfront_rejects() -> None:
    async def scenario(world: World) -> None:
        response = await world.get()
        assert (response.status, x_cache(response)) == (502, "LambdaValidationError")

    run(scenario, image_response(), function=lambda request: {**request, "uri": "no-slash"})


def test_the_function_changes_the_origin_request() -> None:
    async def scenario(world: World) -> None:
        assert (await world.get("/caf%C3%A9.jpg?size=S")).status == 200

    world = run(
        scenario,
        image_response(),
        function=lambda r: {**r, "uri": f"/resized/S{r['uri']}", "querystring": ""},
    )
    request = world.fetched[0][1]
    assert (request.uri, request.querystring) == ("/resized/S/caf%C3%A9.jpg", "")


@pytest.mark.parametrize(
    ("cache_control", "words"),
    [("max-age=60", ["LambdaGeneratedResponse", "Hit"]), ("no-store", ["LambdaGeneratedResponse"] * 2)],
)
def test_a_response_of_the_function_is_cached_by_its_cache_control(
    cache_control: str, words: list[str]
) -> None:
    response = {
        "status": "302",
        "headers": {"location": [{"value": "/cat.jpg"}], "cache-control": [{"value": cache_control}]},
    }

    async def scenario(world: World) -> None:
        responses = [await world.get() for _ in range(2)]
        assert [(response.status, response.headers["Location"]) for response in responses] == [
            (302, "/cat.jpg")
        ] * 2
        assert [x_cache(response) for response in responses] == words

    assert run(scenario, image_response(), function=lambda _: response).fetched == []


def test_a_minimum_ttl_overrides_no_store() -> None:
    async def scenario(world: World) -> None:
        assert [x_cache(await world.get()) for _ in range(2)] == ["Miss", "Hit"]

    run(
        scenario,
        image_response(Cache_Control="no-store"),
        lifetimes=Lifetimes(minimum=1, default=60, maximum=600),
    )


def test_an_origin_that_does_not_respond() -> None:
    async def scenario(world: World) -> None:
        response = await world.get()
        assert (response.status, x_cache(response)) == (504, "Error")

    run(scenario, OriginTimeoutError("nothing for 30 s"))


def test_conditions_and_ranges_are_served_from_the_cache() -> None:
    async def scenario(world: World) -> None:
        on_miss = await world.get(Range="bytes=0-2")
        assert (on_miss.status, on_miss.body, x_cache(on_miss)) == (206, b"con", "Miss")
        on_hit = await world.get(Range="bytes=3-")
        assert (on_hit.status, on_hit.body, x_cache(on_hit)) == (206, b"tent", "Hit")
        known = await world.get(If_None_Match='"one"')
        assert (known.status, known.body, x_cache(known)) == (304, b"", "Hit")
        whole = await world.get(method="HEAD", Range="bytes=0-2")
        assert (whole.status, whole.headers["Content-Length"]) == (200, "7")

    assert len(run(scenario, image_response()).fetched) == 1


WITH_OPTIONS = frozenset({"GET", "HEAD", "OPTIONS"})


@pytest.mark.parametrize(
    ("cached", "words"),
    [
        (frozenset({"GET", "HEAD"}), ["Miss", "Miss", "Miss", "Hit"]),
        (WITH_OPTIONS, ["Miss", "Hit", "Miss", "Hit"]),
    ],
)
def test_options_is_cached_apart_and_only_if_the_behavior_says_so(
    cached: frozenset[str], words: list[str]
) -> None:
    async def scenario(world: World) -> None:
        methods = ("OPTIONS", "OPTIONS", "HEAD", "HEAD")
        assert [x_cache(await world.get(method=method)) for method in methods] == words

    run(scenario, image_response(), changes={"methods": WITH_OPTIONS, "cached_methods": cached})


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_methods_of_no_behavior_are_refused(method: str) -> None:
    async def scenario(world: World) -> None:
        response = await world.get(method=method)
        assert (response.status, x_cache(response)) == (403, "Error")
        assert b"not configured to allow the HTTP request method" in response.body

    assert run(scenario, image_response()).events == []


def test_a_get_with_a_body_and_a_url_too_long_are_refused() -> None:
    async def scenario(world: World) -> None:
        body = await world.location.respond(ViewerRequest(method="GET", uri="/cat.jpg", has_body=True))
        assert body.status == 403
        assert (await world.get("/" + "a" * 8_192)).status == 413
        assert (await world.get("/" + "a" * 8_100)).status == 200

    assert len(run(scenario, image_response()).events) == 1


def test_functions_run_concurrently_in_the_sandboxes() -> None:
    both = threading.Barrier(2, timeout=30)

    def meet(request: dict[str, Any]) -> object:
        both.wait()
        return request

    async def scenario(world: World) -> None:
        await asyncio.gather(*(world.get(f"/{number}.jpg") for number in range(4)))

    assert len(run(scenario, image_response(), function=meet).events) == 4


CANONICAL = """function handler(event) {
    const request = event.request;
    const size = request.querystring.size;
    const accept = request.headers.accept ? request.headers.accept.value : '';
    const format = accept.indexOf('image/avif') >= 0 ? 'avif' : 'webp';
    request.uri = request.uri.toLowerCase();
    request.querystring = size ? { size: { value: size.value.toUpperCase() + '-' + format } } : {};
    delete request.headers.accept;
    request.headers['x-seen'] = { value: '1' };
    return request;
}"""


def test_a_viewer_function_decides_the_cache_key_and_the_origin_request() -> None:
    async def scenario(world: World) -> None:
        words = [
            x_cache(await world.get("/CAT.jpg?x=1&size=s", Accept="image/avif")),
            x_cache(await world.get("/cat.jpg?size=S&y=2", Accept="text/html,image/avif,*/*")),
            x_cache(await world.get("/cat.jpg?size=S")),
            x_cache(await world.get("/cat.jpg?size=s", method="HEAD", Accept="*/*")),
        ]
        assert words == ["Miss", "Hit", "Miss", "Hit"]

    world = run(scenario, image_response(), viewer_code=CANONICAL)
    assert [(event["uri"], event["querystring"]) for event in world.events] == [
        ("/cat.jpg", "size=S-avif"),
        ("/cat.jpg", "size=S-webp"),
    ]


REFUSE = """function handler(event) {
    const headers = { 'cache-control': { value: 'no-store' } };
    return { statusCode: 400, headers: headers, body: 'width is a number.\\n' };
}"""


def test_a_response_of_a_viewer_function_is_neither_cached_nor_replaced() -> None:
    async def scenario(world: World) -> None:
        for _ in range(2):
            response = await world.get("/cat.jpg?size=x")
            assert (response.status, response.body) == (400, b"width is a number.\n")
            assert x_cache(response) == "FunctionGeneratedResponse"
            assert response.headers["X-Policy"] == "1"
            assert "Age" not in response.headers

    page = ErrorResponse(caching_min_ttl=60, page_path="/page", response_code=200)
    world = run(scenario, image_response(), errors={400: page}, viewer_code=REFUSE)
    assert (world.fetched, world.events) == ([], [])


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("function handler(event) { throw new Error('no'); }", "FunctionExecutionError"),
        ("function handler(event) { while (true) {} }", "FunctionExecutionError"),
        ("function handler(event) {", "FunctionExecutionError"),
        ("function handler(event) { return {}; }", "FunctionValidationError"),
    ],
)
def test_a_failed_viewer_function_is_a_503_with_a_log_line(
    code: str, word: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(world: World) -> None:
        for _ in range(2):
            response = await world.get()
            assert (response.status, x_cache(response)) == (503, word)
            assert b"The CloudFront function associated with the CloudFront distribution" in response.body

    page = ErrorResponse(caching_min_ttl=60, page_path="/page", response_code=200)
    world = run(scenario, image_response(), errors={503: page}, viewer_code=code)
    assert world.fetched == []
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 2
    assert all(f"GET /cat.jpg: {word}: " in message for message in caplog.messages)


def test_a_refused_method_runs_no_viewer_function(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(world: World) -> None:
        assert (await world.get(method="POST")).status == 403

    run(scenario, image_response(), viewer_code="function handler(event) { throw new Error('ran'); }")
    assert caplog.messages == []
