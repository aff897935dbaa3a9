"""Names of derivatives. Names of canonical queries are in test_vectors.py."""

import pytest
from image_url import (
    DerivativeNameError,
    Fit,
    Gravity,
    ImageOptions,
    OutputFormat,
    derivative_name,
    parse_derivative_name,
)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (ImageOptions(), "v2_clean"),
        (ImageOptions(format=OutputFormat.JSON), "v2_info.json"),
        (ImageOptions(show_exif=True), "v2_exif.json"),
        (
            ImageOptions(640, 400, Fit.COVER, Gravity(30, 70), OutputFormat.WEBP, 80),
            "v2_w640_h400_cover_g30x70_q80.webp",
        ),
        (
            ImageOptions(1200, 628, format=OutputFormat.AUTO_AVIF, quality=80, swap_for_portrait=True),
            "v2_w1200_h628_box_q80.auto-avif",
        ),
        (ImageOptions(640, 400, quality=80), "v2_w640_h400_inside_q80"),
        (ImageOptions(width=640, format=OutputFormat.PNG), "v2_w640.png"),
        (ImageOptions(format=OutputFormat.GIF), "v2.gif"),
        (ImageOptions(quality=7), "v2_q7"),
    ],
)
def test_names(options: ImageOptions, name: str) -> None:
    assert derivative_name(options, 2) == name
    assert parse_derivative_name(name) == (options, 2)


def test_the_output_version() -> None:
    assert parse_derivative_name("v17_clean") == (ImageOptions(), 17)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "v2",
        "v2_",
        "clean",
        "v_clean",
        "v0_clean",
        "v02_clean",
        "V2_clean",
        "v-2_clean",
        "v\u0662_clean",
        "v2_clean.jpg",
        "v2_clean_q80",
        "v2_info",
        "v2_info.jpg",
        "v2_w640.json",
        "v2.json",
        "v2_w640",
        "v2_w640.webp",
        "v2_w640_q80.png",
        "v2_w0_q80",
        "v2_w16384_q80",
        "v2_w0640_q80",
        "v2_w_q80",
        "v2_w640_q0",
        "v2_w640_q101",
        "v2_w640_q080",
        "v2_h400_w640_inside_q80",
        "v2_w640_h400_q80",
        "v2_w640_cover_q80",
        "v2_h640_box_q80",
        "v2_w640_h400_crop_q80",
        "v2_w640_h400_box_g50x50_q80",
        "v2_w640_h400_fill_g50x50_q80",
        "v2_w640_h400_cover_g101x0_q80",
        "v2_w640_h400_cover_g050x0_q80",
        "v2_w640_h400_cover_g0.5x0_q80",
        "v2_w640_h400_cover_g50_q80",
        "v2_w640_q80.jpeg",
        "v2_w640_q80.",
        "v2_w640_q80.auto-jpg",
        "v2_w640_q80.WEBP",
        "v2_w640_q80.webp\n",
        " v2_w640_q80.webp",
        "v2_w640_q80.webp/x",
        "v2_w640_q80.webp.webp",
        "v2__w640_q80",
        "v2_w640_q\u0668\u0660",
    ],
)
def test_other_names(name: str) -> None:
    with pytest.raises(DerivativeNameError, match="is not the name of a derivative"):
        parse_derivative_name(name)
