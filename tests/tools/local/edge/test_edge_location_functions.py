"""Functions of the origin request and of the viewer request at the edge location."""

import asyncio
import threading
from typing import Any

import pytest

from tests.tools.local.edge.test_viewer_function import StoreOfTests
from tests.tools.local.edge.world import World, image_response, run, x_cache
from tools.local.edge.distribution import ErrorResponse
from tools.local.edge.errors import (
    EdgeError,
    FunctionFailedError,
    FunctionLimitError,
    OriginUnreachableError,
)
from tools.local.edge.ttl import Lifetimes


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


def test_a_store_that_cannot_be_read_is_a_502_with_a_log_line(caplog: pytest.LogCaptureFixture) -> None:
    class UnreachableStore(StoreOfTests):
        async def refresh(self) -> None:
            raise OriginUnreachableError("key value store: 404, message='Not Found'")

    async def scenario(world: World) -> None:
        assert (await world.get()).status == 502

    run(scenario, image_response(), viewer_code=REFUSE, store=UnreachableStore())
    assert caplog.messages == ["GET /cat.jpg: Error: key value store: 404, message='Not Found'"]


def test_a_refused_method_runs_no_viewer_function(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(world: World) -> None:
        assert (await world.get(method="POST")).status == 403

    run(scenario, image_response(), viewer_code="function handler(event) { throw new Error('ran'); }")
    assert caplog.messages == []
