import pytest

from tools.bench.ratios import Case, Made, compare, geometric_mean

SMALL: Case = ("a.jpg", "S", "JPEG")
LARGE: Case = ("a.jpg", "L", "JPEG")


@pytest.mark.parametrize(
    ("ratios", "mean"), [([1.0], 1.0), ([0.5, 2.0], 1.0), ([0.25, 1.0], 0.5), ([2.0, 2.0, 2.0], 2.0)]
)
def test_twice_as_fast_and_twice_as_slow_are_even(ratios: list[float], mean: float) -> None:
    assert geometric_mean(ratios) == pytest.approx(mean)


@pytest.mark.parametrize("ratios", [[], [0.0], [1.0, -1.0]])
def test_no_mean_of_nothing_nor_of_what_is_no_ratio(ratios: list[float]) -> None:
    with pytest.raises(ValueError, match=r"."):
        geometric_mean(ratios)


def test_each_case_counts_alike_whatever_it_takes() -> None:
    quick = {
        SMALL: Made(cpu_ms=1, length=50, ssim=0.90),
        LARGE: Made(cpu_ms=400, length=1000, ssim=0.95),
    }
    slow = {
        SMALL: Made(cpu_ms=4, length=100, ssim=0.91),
        LARGE: Made(cpu_ms=400, length=1000, ssim=0.91),
    }
    found = compare(quick, slow, [SMALL, LARGE])
    assert found.time == pytest.approx(0.5)
    assert found.length == pytest.approx(0.5**0.5)
    assert found.ssim_mean == pytest.approx(0.015)
    assert found.ssim_worst == pytest.approx(-0.01)
    assert found.cases == 2


def test_only_the_cases_asked_for_count() -> None:
    side = {SMALL: Made(cpu_ms=1, length=1, ssim=1), LARGE: Made(cpu_ms=9, length=9, ssim=0)}
    to = {case: Made(cpu_ms=1, length=1, ssim=1) for case in side}
    assert compare(side, to, [LARGE]).time == pytest.approx(9)
