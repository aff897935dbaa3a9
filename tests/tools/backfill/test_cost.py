"""What a backfill is said to cost."""

import pytest

from tools.backfill.cost import cost_of


@pytest.mark.parametrize(
    ("objects", "batch_operations", "functions", "requests"),
    [
        (1, 0.25, 0.0000146, 0.000007),
        (1_000, 0.251, 0.0146, 0.007),
        (1_000_000, 1.25, 14.60, 7.00),
        (10_000_000, 10.25, 145.96, 70.00),
    ],
)
def test_by_hand(objects: int, batch_operations: float, functions: float, requests: float) -> None:
    cost = cost_of(objects)
    assert cost.batch_operations == pytest.approx(batch_operations, rel=0.001)
    assert cost.functions == pytest.approx(functions, rel=0.001)
    assert cost.requests == pytest.approx(requests)


def test_what_it_says() -> None:
    said = str(cost_of(1_000_000))
    assert "about 22.85 US dollars" in said
    assert "us-east-1" in said
