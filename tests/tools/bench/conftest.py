from collections.abc import Callable

import pytest

from tools.bench.pictures import FORMATS, SIZES, Results
from tools.bench.ratios import Made


@pytest.fixture
def results() -> Callable[..., Results]:
    """Results of one photograph in all sizes and formats, from each side's processor time (ms) and bytes."""

    def make(photograph: str = "sunset.jpg", **sides: tuple[float, int]) -> Results:
        names = {name.replace("_original", " original"): made for name, made in sides.items()}
        return {
            name: {
                (photograph, size, output_format): Made(cpu_ms=cpu_ms, length=length, ssim=0.9)
                for size in SIZES
                for output_format in FORMATS
            }
            for name, (cpu_ms, length) in names.items()
        }

    return make
