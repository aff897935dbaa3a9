from collections.abc import Callable

import pytest

from tools.bench.conversions import Conversion, ConversionResult
from tools.bench.images import FORMATS, SIZES, Measurements
from tools.bench.originals import PHOTOGRAPH, Kind
from tools.bench.ratios import Measurement


@pytest.fixture
def measurements() -> Callable[..., Measurements]:
    """Make measurements of a photograph in all sizes and formats, from each side's time (ms) and bytes."""

    def make(photograph: str = "sunset.jpg", **sides: tuple[float, int]) -> Measurements:
        names = {name.replace("_original", " original"): side for name, side in sides.items()}
        return {
            name: {
                (photograph, size, output_format): Measurement(
                    cpu_ms=cpu_ms, size_bytes=size_bytes, ssim=0.9, quality=80
                )
                for size in SIZES
                for output_format in FORMATS
            }
            for name, (cpu_ms, size_bytes) in names.items()
        }

    return make


@pytest.fixture
def conversion_result() -> Callable[..., ConversionResult]:
    """Make the result of a conversion, with two cases, from each side's time (ms), bytes and SSIM."""

    def make(output: str = "WEBP", **sides: tuple[float, int, float]) -> ConversionResult:
        return ConversionResult(
            conversion=Conversion(original=Kind(content=PHOTOGRAPH, format="JPEG"), output=output),
            originals=["rose.jpg"],
            measurements={
                name: {
                    ("rose.jpg", size, output): Measurement(
                        cpu_ms=cpu_ms, size_bytes=size_bytes, ssim=ssim, quality=80
                    )
                    for size in ("L", "SM")
                }
                for name, (cpu_ms, size_bytes, ssim) in sides.items()
            },
            peak_mib=dict.fromkeys(sides, 12.4),
        )

    return make
