from collections.abc import Callable

import pytest

from tools.bench.images import FORMATS, SIZES, Measurements
from tools.bench.ratios import Measurement


@pytest.fixture
def measurements() -> Callable[..., Measurements]:
    """Make measurements of a photograph in all sizes and formats, from each side's time (ms) and bytes."""

    def make(photograph: str = "sunset.jpg", **sides: tuple[float, int]) -> Measurements:
        names = {name.replace("_original", " original"): side for name, side in sides.items()}
        return {
            name: {
                (photograph, size, output_format): Measurement(cpu_ms=cpu_ms, size_bytes=size_bytes, ssim=0.9)
                for size in SIZES
                for output_format in FORMATS
            }
            for name, (cpu_ms, size_bytes) in names.items()
        }

    return make
