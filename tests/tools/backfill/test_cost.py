"""Estimated cost of a backfill."""

import pytest

from tools.backfill.cost import TRIGGER_EFFORT, estimate_cost


@pytest.mark.parametrize(
    ("objects", "batch_operations", "functions", "requests"),
    [
        (1, 0.25, 0.0000146, 0.000007),
        (1_000, 0.251, 0.0146, 0.007),
        (1_000_000, 1.25, 14.60, 7.00),
        (10_000_000, 10.25, 145.96, 70.00),
    ],
)
def test_the_estimate_matches_figures_by_hand(
    objects: int, batch_operations: float, functions: float, requests: float
) -> None:
    cost = estimate_cost(objects, TRIGGER_EFFORT)
    assert cost.batch_operations == pytest.approx(batch_operations, rel=0.001)
    assert cost.functions == pytest.approx(functions, rel=0.001)
    assert cost.requests == pytest.approx(requests)


def test_the_sentence() -> None:
    sentence = str(estimate_cost(1_000_000, TRIGGER_EFFORT))
    assert "about 22.85 US dollars" in sentence
    assert "us-east-1" in sentence
