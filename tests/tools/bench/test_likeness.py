import math
from collections.abc import Callable

import pytest

from tools.bench.likeness import Trial, find_equal


def make_encoder(ssim: Callable[[int], float]) -> tuple[Callable[[int], Trial], list[int]]:
    """Return an encoder and the qualities it was asked for. Sizes and times grow by 3 % with each quality."""
    asked: list[int] = []

    def attempt(quality: int) -> Trial:
        asked.append(quality)
        growth = 1.03**quality
        return Trial(quality=quality, size_bytes=1000 * growth, ssim=ssim(quality), cpu_ms=growth)

    return attempt, asked


@pytest.mark.parametrize("start", [1, 40, 58, 62, 80, 100])
@pytest.mark.parametrize("target", [0.02, 0.57, 0.60, 0.605, 0.999])
def test_size_and_quality_at_exactly_the_ssim(start: int, target: float) -> None:
    attempt, asked = make_encoder(lambda quality: quality / 100)
    found = find_equal(target, start, attempt)
    assert found.ssim == target
    assert abs(found.quality - 100 * target) <= 1
    assert found.size_bytes == pytest.approx(1000 * math.exp(100 * target * math.log(1.03)))
    assert found.cpu_ms == pytest.approx(found.size_bytes / 1000)
    assert len(asked) == len(set(asked)) <= 12


def test_a_near_start_takes_few_trials() -> None:
    attempt, asked = make_encoder(lambda quality: quality / 100)
    find_equal(0.795, 78, attempt)
    assert asked == [78, 80]


@pytest.mark.parametrize(("target", "quality"), [(0.99, 100), (0.1, 1)])
def test_the_nearest_quality_if_the_ssim_is_out_of_reach(target: float, quality: int) -> None:
    attempt, _ = make_encoder(lambda quality: 0.5 + quality / 500)
    found = find_equal(target, 80, attempt)
    assert found == attempt(quality)


def test_qualities_with_the_same_file_end_the_search() -> None:
    attempt, _ = make_encoder(lambda quality: 0.8 if quality < 50 else 0.9)
    assert find_equal(0.9, 40, attempt).ssim == 0.9
