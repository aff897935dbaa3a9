"""The edge location between scripted viewers, functions and origins."""

import asyncio

import pytest

from tests.tools.local.edge.world import DATE, World, image_response, run, x_cache
from tools.local.edge.messages import Response, ViewerRequest, make_headers


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
