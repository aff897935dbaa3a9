"""Failures of the origin at the edge location: expired objects, cached errors and error pages."""

from typing import Any

import pytest

from tests.tools.local.edge.world import World, image_response, run, x_cache
from tools.local.edge.distribution import ErrorResponse
from tools.local.edge.errors import (
    EdgeError,
    FunctionLimitError,
    OriginTimeoutError,
    OriginUnreachableError,
)
from tools.local.edge.messages import Response, make_headers


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


def test_an_origin_that_does_not_respond() -> None:
    async def scenario(world: World) -> None:
        response = await world.get()
        assert (response.status, x_cache(response)) == (504, "Error")

    run(scenario, OriginTimeoutError("nothing for 30 s"))
