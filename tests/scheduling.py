"""Distribute the tests over the workers of pytest-xdist, so that no processor is idle while a stack waits.

Tests of stacks and of Terraform wait most of their time: the AWS provider pauses for half a minute after many
changes. Other tests compute. Some workers run the tests that wait, the others meanwhile those that compute.
"""

from typing import TYPE_CHECKING

import pytest
from xdist.scheduler import LoadGroupScheduling

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

WAITING_WORKERS = 4
"""Number of workers that run the tests that wait first. `invoke test` adds one for each processor."""

# Prefixes of the node IDs of tests that wait.
_WAITING = ("tests/local/", "tests/terraform/", "tests/test_interruption.py")
# Groups of tests that wait, longest first. A long group that started late would be the last to end.
_LONGEST = (
    "stack",
    "all_variants",
    "release",
    "terraform-test",
    "object_lambda",
    "trigger",
    "terraform-plan",
    "purge",
    "lifecycle",
    "object_lambda_lifecycle",
    "viewer_function",
)


def rank(item: pytest.Item) -> int:
    """Return the place of a test in the order of the run, in which the tests that wait are first.

    Tests of tools and functions follow, some of which run for a minute. Those of the libraries fill the gaps.
    """
    marker = item.get_closest_marker("xdist_group")
    if item.nodeid.startswith(_WAITING):
        group = marker.args[0] if marker else ""
        return _LONGEST.index(group) if group in _LONGEST else len(_LONGEST)
    return len(_LONGEST) + (2 if item.nodeid.startswith("tests/libs/") else 1)


class Scheduling(LoadGroupScheduling):  # type: ignore[misc]  # pytest-xdist has no types
    """Run tests that wait beside tests that compute."""

    def _assign_work_unit(self, node: "WorkerController") -> None:
        """Give a worker another unit, a test or a group of tests, while it has one or two tests left.

        The unit behind one that waits is a test that computes. A second group would wait for minutes there,
        although another worker were free.
        """
        work = self.assigned_work.setdefault(node, {})
        # Otherwise pytest-xdist would count the tests of all units after each test.
        for scope in [scope for scope, unit in work.items() if all(unit.values())]:
            del work[scope]
        waits = any(_waits(unit) for unit in work.values())
        if waits or self.nodes.index(node) >= WAITING_WORKERS:
            computing = (scope for scope, unit in self.workqueue.items() if not _waits(unit))
            if first := next(computing, None):
                self.workqueue.move_to_end(first, last=False)
        super()._assign_work_unit(node)


def _waits(unit: dict[str, bool]) -> bool:
    return next(iter(unit)).startswith(_WAITING)
