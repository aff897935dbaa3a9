"""One scale of quality for JPEG, WebP and AVIF, and no derivative that is longer than its original."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from image_core import AutoFormat, Box, Format, Options, transform
from image_core.formats import CODECS
from image_core.quality import encoder_setting

from tests.libs.image_core.images import file_of, gradient, load

IMAGES = Path(__file__).parents[2] / "images"
# None of them was used to choose the settings.
PHOTOGRAPHS = ("sunset.jpg", "wine-tall.jpg", "cat.jpg", "camera-grey.jpg", "astronaut-square.png")


def luma(data: bytes) -> npt.NDArray[np.float64]:
    return np.asarray(load(data).convert("L"), dtype=np.float64)


def ssim(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    """Return the mean SSIM over blocks of 8 x 8 pixels (Wang et al., 2004)."""
    height, width = (side // 8 * 8 for side in one.shape)
    a, b = (
        image[:height, :width].reshape(height // 8, 8, width // 8, 8).swapaxes(1, 2).reshape(-1, 64)
        for image in (one, other)
    )
    mean_a, mean_b = a.mean(axis=1), b.mean(axis=1)
    covariance = (a * b).mean(axis=1) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    likeness = (2 * mean_a * mean_b + c1) * (2 * covariance + c2)
    return float(np.mean(likeness / ((mean_a**2 + mean_b**2 + c1) * (a.var(axis=1) + b.var(axis=1) + c2))))


@pytest.mark.parametrize(("quality", "tolerance"), [(50, 0.012), (80, 0.006), (90, 0.005)])
@pytest.mark.parametrize("output", [Format.WEBP, Format.AVIF])
def test_the_same_quality_looks_the_same_in_every_format(
    output: Format, quality: int, tolerance: float
) -> None:
    differences = []
    for name in PHOTOGRAPHS:
        original = (IMAGES / name).read_bytes()
        box = Box(width=400, height=400)
        exact = luma(transform(original, Options(box=box, output_format=Format.BMP)).data)
        jpeg, other = (
            ssim(exact, luma(transform(original, Options(box=box, output_format=each, quality=quality)).data))
            for each in (Format.JPEG, output)
        )
        differences.append(other - jpeg)
    assert abs(np.median(differences)) < tolerance


@pytest.mark.parametrize("output", Format)
def test_settings_rise_with_the_quality_and_stay_in_range(output: Format) -> None:
    settings = [encoder_setting(quality, CODECS[output].settings) for quality in range(1, 101)]
    assert settings == sorted(settings)
    assert settings[0] >= 0
    assert settings[-1] == 100


def test_the_default_quality_of_webp_has_hardly_changed() -> None:
    assert encoder_setting(80, CODECS[Format.WEBP].settings) == 80


@pytest.mark.parametrize("output", [Format.WEBP, Format.AVIF])
@pytest.mark.parametrize("quality", [15, 40, 60])
def test_no_derivative_of_the_same_size_is_longer_than_a_lossy_original(output: Format, quality: int) -> None:
    photograph = load((IMAGES / "cat.jpg").read_bytes())
    original = file_of(photograph, "JPEG", quality=quality, optimize=True)
    result = transform(original, Options(box=None, output_format=output, quality=95))
    assert len(result.data) <= len(original)
    # Another size has the quality that was requested.
    smaller = Options(box=Box(width=600, height=600), output_format=output, quality=95)
    assert len(transform(original, smaller).data) > len(original)


@pytest.mark.parametrize("output", [*AutoFormat, Format.JPEG, Format.WEBP])
def test_every_byte_of_a_lossy_original_is_used_for_another_format(output: Format | AutoFormat) -> None:
    original = (IMAGES / "cat.avif").read_bytes()
    result = transform(original, Options(box=None, output_format=output))
    assert 0.85 * len(original) < len(result.data) <= len(original)


@pytest.mark.parametrize("name", ["3.jpg", "6.jpg"])
def test_a_photograph_on_its_side_does_not_become_longer(name: str) -> None:
    data = (IMAGES / "orientation" / name).read_bytes()
    assert len(transform(data, Options(box=None, quality=95)).data) <= len(data)


def test_a_lossless_original_keeps_the_requested_quality() -> None:
    original = file_of(gradient(), "PNG")
    full = transform(original, Options(box=None, output_format=Format.JPEG, quality=95)).data
    assert len(full) > len(original)
