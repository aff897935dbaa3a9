"""Tests that wait for stacks run beside tests that compute."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from tests.scheduling import WAITING_WORKERS, Scheduling

GROUPS = [f"tests/local/test_a.py::test_{step}@group-{number}" for number in range(9) for step in range(4)]
ALONE = ["tests/local/test_b.py::test_b", "tests/local/test_c.py::test_c"]
COMPUTING = [f"tests/libs/test_d.py::test_{number}" for number in range(40)]
TESTS = [*GROUPS, *ALONE, *COMPUTING]


@dataclass(eq=False)
class Worker:
    """A worker that notes the tests that it is given."""

    gateway: Any = field(default_factory=lambda: SimpleNamespace(id="gw"))
    tests: list[str] = field(default_factory=list)
    shutting_down: bool = False

    def send_runtest_some(self, indices: list[int]) -> None:
        self.tests += [TESTS[index] for index in indices]

    def shutdown(self) -> None:
        self.shutting_down = True


@pytest.fixture
def workers() -> list[Worker]:
    return [Worker() for _ in range(WAITING_WORKERS + 2)]


@pytest.fixture
def scheduling(workers: list[Worker]) -> Any:
    """The tests, distributed over the workers, none of which has run one."""
    config = SimpleNamespace(
        getvalue=lambda _: ["popen"] * len(workers), option=SimpleNamespace(loadscopereorder=False)
    )
    scheduling: Any = Scheduling(config)
    for worker in workers:
        scheduling.add_node(worker)
    for worker in workers:
        scheduling.add_node_collection(worker, TESTS)
    scheduling.schedule()
    return scheduling


def test_some_workers_wait_and_the_others_compute(scheduling: Any, workers: list[Worker]) -> None:
    assert scheduling.collection == TESTS
    for number, worker in enumerate(workers[:WAITING_WORKERS]):
        assert worker.tests == GROUPS[4 * number : 4 * number + 4]
    for worker in workers[WAITING_WORKERS:]:
        assert set(worker.tests) < set(COMPUTING)


def test_a_test_that_computes_is_behind_one_that_waits(scheduling: Any, workers: list[Worker]) -> None:
    worker = workers[0]
    for test in GROUPS[:3]:
        scheduling.mark_test_complete(worker, TESTS.index(test))
    assert [test in COMPUTING for test in worker.tests] == [False] * 4 + [True] * 2
    scheduling.mark_test_complete(worker, TESTS.index(GROUPS[3]))
    assert worker.tests[6:] == GROUPS[4 * WAITING_WORKERS :][:4]


def test_every_test_runs_once(scheduling: Any, workers: list[Worker]) -> None:
    done: list[str] = []
    while len(done) < len(TESTS):
        for worker in workers:
            for test in [test for test in worker.tests if test not in done][:1]:
                done.append(test)
                scheduling.mark_test_complete(worker, TESTS.index(test))
    assert sorted(test for worker in workers for test in worker.tests) == sorted(TESTS)
    assert scheduling.tests_finished
    assert all(worker.shutting_down for worker in workers)
