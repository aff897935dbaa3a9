"""Traces: the steps of a request, for the playground."""

from tests.tools.local.edge.world import ARN, World, image_response, run
from tools.local.edge.errors import OriginUnreachableError
from tools.local.edge.messages import Response
from tools.local.edge.trace import Step, Traces, trace_step

VIEWER = "function handler(event) { event.request.uri = '/dog.jpg'; return event.request; }"
REFUSAL = "function handler(event) { return { statusCode: 400 }; }"
FUNCTION = ARN.split(":")[-2]
ORIGIN = "b.s3.amazonaws.com"


def steps_of(world: World, response: Response) -> list[Step]:
    return world.traces.find(response.headers["X-Amz-Cf-Id"])


def results(steps: list[Step]) -> list[tuple[str, str, str]]:
    return [(step.kind, step.name, step.result) for step in steps]


def test_the_way_of_a_miss_and_of_a_hit() -> None:
    async def scenario(world: World) -> None:
        missed = steps_of(world, await world.get("/cat.jpg?size=M"))
        assert results(missed) == [
            ("viewer_function", "viewer", "/dog.jpg?size=M"),
            ("cache", "", "miss"),
            ("function", FUNCTION, "/dog.jpg?size=M"),
            ("origin", ORIGIN, "200 /dog.jpg?size=M"),
        ]
        assert [step.start_ms for step in missed] == sorted(step.start_ms for step in missed)
        assert all(step.duration_ms > 0 for step in missed)
        hit = steps_of(world, await world.get("/cat.jpg?size=M"))
        assert [step.result for step in hit] == ["/dog.jpg?size=M", "hit"]
        world.now += 1_000
        expired = steps_of(world, await world.get("/cat.jpg?size=M"))
        assert expired[1].result == "expired"
        assert len(expired) == 4

    run(scenario, image_response(), viewer_code=VIEWER)


def test_a_response_of_the_viewer_function_ends_the_way() -> None:
    async def scenario(world: World) -> None:
        steps = steps_of(world, await world.get())
        assert results(steps) == [("viewer_function", "viewer", "400")]

    run(scenario, image_response(), viewer_code=REFUSAL)


def test_a_step_without_a_result_has_failed() -> None:
    async def scenario(world: World) -> None:
        steps = steps_of(world, await world.get())
        assert results(steps)[-1] == ("origin", ORIGIN, "failed")

    run(scenario, OriginUnreachableError("gone"))


def test_old_traces_are_dropped() -> None:
    traces = Traces()
    for number in range(1_001):
        traces.start(str(number))
        with trace_step("cache") as step:
            step.result = str(number)
    assert traces.find("0") == []
    assert [step.result for step in traces.find("1000")] == ["1000"]
