import pytest

from tools.bench.ratios import Case, Measurement, compare, geometric_mean

SMALL: Case = ("a.jpg", "S", "JPEG")
LARGE: Case = ("a.jpg", "L", "JPEG")


@pytest.mark.parametrize(
    ("ratios", "mean"), [([1.0], 1.0), ([0.5, 2.0], 1.0), ([0.25, 1.0], 0.5), ([2.0, 2.0, 2.0], 2.0)]
)
def test_half_and_twice_cancel_out(ratios: list[float], mean: float) -> None:
    assert geometric_mean(ratios) == pytest.approx(mean)


@pytest.mark.parametrize("ratios", [[], [0.0], [1.0, -1.0]])
def test_invalid_ratios_have_no_mean(ratios: list[float]) -> None:
    with pytest.raises(ValueError, match=r"."):
        geometric_mean(ratios)


def test_every_case_has_the_same_weight() -> None:
    quick = {
        SMALL: Measurement(cpu_ms=1, size_bytes=50, ssim=0.90, quality=80),
        LARGE: Measurement(cpu_ms=400, size_bytes=1000, ssim=0.95, quality=80),
    }
    slow = {
        SMALL: Measurement(cpu_ms=4, size_bytes=100, ssim=0.91, quality=80),
        LARGE: Measurement(cpu_ms=400, size_bytes=1000, ssim=0.91, quality=80),
    }
    found = compare(quick, slow, [SMALL, LARGE])
    assert found.time == pytest.approx(0.5)
    assert found.size == pytest.approx(0.5**0.5)
    assert found.ssim_mean == pytest.approx(0.015)
    assert found.ssim_worst == pytest.approx(-0.01)


def test_only_the_given_cases_count() -> None:
    side = {
        SMALL: Measurement(cpu_ms=1, size_bytes=1, ssim=1, quality=80),
        LARGE: Measurement(cpu_ms=9, size_bytes=9, ssim=0, quality=80),
    }
    to = {case: Measurement(cpu_ms=1, size_bytes=1, ssim=1, quality=80) for case in side}
    assert compare(side, to, [LARGE]).time == pytest.approx(9)
