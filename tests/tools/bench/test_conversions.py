from pathlib import Path

import pytest

from tools.bench.conversions import Conversion, Derivative, choose, list_cases
from tools.bench.originals import ANIMATION, PHOTOGRAPH, Kind
from tools.bench.sides.protocol import Options

ORIGINALS = [Path("a"), Path("b"), Path("c")]


@pytest.mark.parametrize(
    ("content", "original_format", "output", "cases"),
    [
        (PHOTOGRAPH, "WEBP", "WEBP", ["a L", "a SM", "b L", "b SM", "c L", "c SM"]),
        (PHOTOGRAPH, "JPEG", "AVIF", ["a SM", "b L", "c SM"]),
        (PHOTOGRAPH, "WEBP", "AVIF", ["a SM", "b SM", "c SM"]),
        (ANIMATION, "WEBP", "WEBP", ["a XS", "a SXS", "b XS", "b SXS", "c XS", "c SXS"]),
        (ANIMATION, "WEBP", "GIF", ["a SXS", "b XS", "c SXS"]),
    ],
)
def test_every_original_is_measured_in_boxes_for_its_kind(
    content: str, original_format: str, output: str, cases: list[str]
) -> None:
    conversion = Conversion(original=Kind(content=content, format=original_format), output=output)
    assert [f"{path} {box}" for path, box in list_cases(conversion, ORIGINALS)] == cases


LOSSY, LOSSLESS = (
    Options(width=9, height=9, format="WEBP", quality=70, lossless=lossless) for lossless in (False, True)
)


@pytest.mark.parametrize(
    ("lossy", "lossless_bytes", "chosen"),
    [
        ((100, 0.97), 90, LOSSLESS),
        ((100, 0.97), 110, LOSSY),
        ((100, 0.95), 110, LOSSLESS),  # no lossy file has the SSIM
    ],
)
def test_a_graphic_is_lossless_where_that_is_smaller_or_alone_equal(
    lossy: tuple[float, float], lossless_bytes: float, chosen: Options
) -> None:
    size_bytes, ssim = lossy
    found = choose(
        Derivative(options=LOSSY, size_bytes=size_bytes, ssim=ssim, cpu_ms=1),
        Derivative(options=LOSSLESS, size_bytes=lossless_bytes, ssim=1.0, cpu_ms=1),
        target=0.97,
    )
    assert found.options == chosen
