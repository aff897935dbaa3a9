"""The same traces through the model of `invoke simulate` and through the local stack."""

import os

import pytest

from tools.load.running_stack import RunningStack
from tools.load.site import open_site
from tools.load.viewers import request_repeatedly
from tools.local.stack import Stack
from tools.simulate.validate import MAX_DIFFERENCE, SCENARIOS, Scenario, compare

pytestmark = pytest.mark.xdist_group("stack")


@pytest.fixture(scope="module")
def measured(stack: Stack) -> RunningStack:
    return RunningStack(
        state=stack.state,
        pid=os.getpid(),
        edge_urls=stack.edge_urls,
        emulator_url=stack.emulator_url,
    )


@pytest.mark.parametrize(
    ("variant", "scenario"),
    [*(("edge_resize", scenario) for scenario in SCENARIOS), ("regional_resize", SCENARIOS[1])],
    ids=lambda value: value.name if isinstance(value, Scenario) else value,
)
def test_model_and_stack_count_the_same(measured: RunningStack, variant: str, scenario: Scenario) -> None:
    comparison = compare(measured, variant, scenario)
    assert comparison.difference <= MAX_DIFFERENCE, str(comparison)
    assert min(comparison.stack.values()) > 50  # the comparison is one of many runs, hits and makings


def test_viewers_of_a_load_get_hits(measured: RunningStack) -> None:
    site = open_site(measured, "edge_resize", "load")
    site.upload(0)
    targets = [site.target(0, size) for size in range(3)]
    request_repeatedly(site.url, targets, seconds=0, connections=1, watch=lambda: None)
    responses = request_repeatedly(site.url, targets * 30, seconds=0, connections=3, watch=lambda: None)
    assert dict(responses.errors) == {}
    assert dict(responses.x_cache) == {"Hit": 90}
    use = measured.usage()
    assert use[measured.pid].name == "edge"
    assert any("edge-resize" in part.name for part in use.values())
