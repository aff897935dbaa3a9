"""The four fits, judged by decoded pixels."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from image_core import Box, EncodedImage, Fit, Format, ImageError, Limits, Options, TooManyPixels, transform
from image_core.fit import compute_layout
from PIL import Image, ImageOps

from tests.libs.image_core.images import clearing, error, file_of, frames_of, gradient, load

UNBOUNDED = 2**31
FILLING = [Fit.COVER, Fit.CONTAIN, Fit.FILL]
sides = st.integers(min_value=1, max_value=100_000)


def make(data: bytes, size: tuple[int, int], fit: Fit, *, swap_for_portrait: bool = False) -> EncodedImage:
    box = Box(width=size[0], height=size[1], swap_for_portrait=swap_for_portrait)
    return transform(data, Options(box=box, fit=fit, quality=95))


@pytest.mark.parametrize(
    ("fit", "size", "scaled", "canvas"),
    [
        (Fit.COVER, (4000, 3000), (400, 300), (300, 300)),
        (Fit.COVER, (3000, 4000), (300, 400), (300, 300)),
        (Fit.COVER, (100, 50), (600, 300), (300, 300)),
        (Fit.COVER, (300, 300), (300, 300), (300, 300)),
        (Fit.CONTAIN, (4000, 3000), (300, 225), (300, 300)),
        (Fit.CONTAIN, (3000, 4000), (225, 300), (300, 300)),
        (Fit.CONTAIN, (100, 50), (300, 150), (300, 300)),
        (Fit.CONTAIN, (30_000, 1), (300, 1), (300, 300)),
        (Fit.FILL, (4000, 3000), (300, 300), (300, 300)),
        (Fit.FILL, (10, 1000), (300, 300), (300, 300)),
        (Fit.INSIDE, (4000, 3000), (300, 225), (300, 225)),
        (Fit.INSIDE, (100, 50), (100, 50), (100, 50)),
    ],
)
def test_layout(fit: Fit, size: tuple[int, int], scaled: tuple[int, int], canvas: tuple[int, int]) -> None:
    layout = compute_layout(size, Options(box=Box(width=300, height=300), fit=fit), UNBOUNDED)
    assert (layout.scaled, layout.canvas) == (scaled, canvas)


@given(sides, sides, sides, sides, st.sampled_from(FILLING))
def test_the_box_is_filled(width: int, height: int, box_width: int, box_height: int, fit: Fit) -> None:
    box = Box(width=box_width, height=box_height, swap_for_portrait=False)
    layout = compute_layout((width, height), Options(box=box, fit=fit), UNBOUNDED)

    assert layout.canvas == (box_width, box_height)
    if fit is Fit.COVER:
        assert layout.visible == layout.canvas
    else:
        assert layout.visible == layout.scaled


@pytest.mark.parametrize(
    ("swap_for_portrait", "fit", "canvas"),
    [
        (True, Fit.COVER, (120, 160)),
        (False, Fit.COVER, (160, 120)),
        (True, Fit.INSIDE, (100, 160)),
        (False, Fit.INSIDE, (75, 120)),
    ],
)
def test_a_box_turns_for_a_tall_image_if_it_may(
    *, swap_for_portrait: bool, fit: Fit, canvas: tuple[int, int]
) -> None:
    derivative = make(
        file_of(gradient(200, 320), "PNG"), (160, 120), fit, swap_for_portrait=swap_for_portrait
    )
    assert (derivative.width, derivative.height) == canvas


# Pillow's own functions for the same fits, with another kernel.
EXPECTED: dict[Fit, Callable[[Image.Image, tuple[int, int]], Image.Image]] = {
    Fit.COVER: lambda image, size: ImageOps.fit(image, size, Image.Resampling.LANCZOS),
    Fit.CONTAIN: lambda image, size: ImageOps.pad(image, size, Image.Resampling.LANCZOS, "white"),
    Fit.FILL: lambda image, size: image.resize(size, Image.Resampling.LANCZOS),
    Fit.INSIDE: lambda image, size: ImageOps.contain(image, size, Image.Resampling.LANCZOS),
}


@pytest.mark.parametrize("fit", Fit)
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "BMP"])
@pytest.mark.parametrize("size", [(64, 64), (120, 40), (48, 120)])
@pytest.mark.parametrize("original", [(640, 400), (300, 1000)])
def test_pixels(fit: Fit, file_format: str, size: tuple[int, int], original: tuple[int, int]) -> None:
    image = gradient(*original)
    derivative = make(file_of(image, file_format), size, fit)
    result = load(derivative.data)

    expected = EXPECTED[fit](image, size)
    assert result.size == (derivative.width, derivative.height) == expected.size
    assert error(result, expected) < 3.5


@pytest.mark.parametrize("fit", FILLING)
@pytest.mark.parametrize("file_format", Format)
def test_small_images_are_enlarged_to_the_box(fit: Fit, file_format: Format) -> None:
    image = gradient(30, 20)
    result = load(make(file_of(image, file_format), (90, 90), fit).data)
    assert result.size == (90, 90)
    assert error(result, EXPECTED[fit](image, (90, 90))) < 8


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("fit", Fit)
def test_what_is_cut_off_is_where_the_eye_sees_it(fit: Fit, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = file_of(gradient(640, 320), "JPEG", exif=exif, quality=95)
    upright = ImageOps.exif_transpose(load(data))
    assert upright is not None

    result = load(make(data, (96, 60), fit).data)

    assert error(result, EXPECTED[fit](upright, (96, 60))) < 4


@pytest.mark.parametrize("file_format", [Format.PNG, Format.GIF, Format.WEBP])
@pytest.mark.parametrize("image", [gradient(100, 50), gradient(100, 50).convert("L"), clearing(100, 50)])
def test_around_a_contained_image_it_is_clear(file_format: Format, image: Image.Image) -> None:
    result = load(make(file_of(image, file_format), (80, 80), Fit.CONTAIN).data).convert("RGBA")
    alpha = result.getchannel("A")
    assert alpha.crop((0, 0, 80, 20)).getextrema() == alpha.crop((0, 60, 80, 80)).getextrema() == (0, 0)
    assert alpha.getpixel((70, 40)) == 255 or image.mode == "RGBA"


@pytest.mark.parametrize("file_format", [Format.JPEG, Format.BMP])
def test_around_a_contained_image_it_is_white(file_format: Format) -> None:
    data = file_of(Image.new("RGB", (100, 50), "navy"), file_format)
    result = load(make(data, (80, 80), Fit.CONTAIN).data).convert("RGB")
    corner, middle = result.getpixel((2, 2)), result.getpixel((40, 40))
    assert isinstance(corner, tuple)
    assert isinstance(middle, tuple)
    assert min(corner) > 250
    assert max(middle[:2]) < 10


@pytest.mark.parametrize("fit", FILLING)
@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "PNG"])
def test_all_frames_of_an_animation(fit: Fit, file_format: str) -> None:
    images = [gradient(60, 30), gradient(60, 30).transpose(Image.Transpose.FLIP_LEFT_RIGHT)]
    data = file_of(images[0], file_format, save_all=True, append_images=images[1:], duration=[70, 130])

    frames = frames_of(make(data, (40, 40), fit).data)

    assert [duration for _, duration in frames] == [70, 130]
    for (frame, _), image in zip(frames, images, strict=True):
        assert error(frame, EXPECTED[fit](image, (40, 40))) < 12


def test_an_image_of_the_requested_size_keeps_its_pixels() -> None:
    data = file_of(gradient(300, 300), "JPEG", quality=95)
    for fit in Fit:
        assert error(load(make(data, (300, 300), fit).data), load(data)) == 0


@pytest.mark.parametrize("fit", FILLING)
@pytest.mark.parametrize("frames", [1, 3])
def test_what_is_written_counts_against_the_limit(fit: Fit, frames: int) -> None:
    images = [Image.new("RGB", (4, 4), colour) for colour in ("navy", "red", "green")][:frames]
    data = file_of(images[0], "GIF", save_all=True, append_images=images[1:], duration=50)
    options = Options(box=Box(width=200, height=200), fit=fit, limits=Limits(max_pixels=40_000 * frames - 1))
    with pytest.raises(TooManyPixels):
        transform(data, options)


def test_a_box_larger_than_the_format_can_hold() -> None:
    data = file_of(Image.new("L", (4, 4)), "WEBP")
    derivative = transform(data, Options(box=Box(width=20_000, height=2), fit=Fit.COVER))
    assert (derivative.width, derivative.height) == (16_383, 2)


@pytest.mark.parametrize("fit", Fit)
def test_nothing_but_our_errors(fit: Fit) -> None:
    with pytest.raises(ImageError):
        make(b"no image", (10, 10), fit)


@pytest.mark.parametrize(
    ("fit", "size", "scaled", "canvas"),
    [
        (Fit.COVER, (100, 50), (100, 50), (50, 50)),
        (Fit.COVER, (400, 200), (400, 200), (200, 200)),
        (Fit.COVER, (4000, 3000), (400, 300), (300, 300)),
        (Fit.CONTAIN, (100, 50), (100, 50), (100, 100)),
        (Fit.CONTAIN, (400, 200), (300, 150), (300, 300)),
        (Fit.CONTAIN, (301, 300), (300, 299), (300, 300)),
        (Fit.FILL, (100, 50), (50, 50), (50, 50)),
        (Fit.FILL, (400, 200), (200, 200), (200, 200)),
        (Fit.FILL, (4000, 3000), (300, 300), (300, 300)),
        (Fit.INSIDE, (100, 50), (100, 50), (100, 50)),
    ],
)
def test_an_image_is_not_enlarged_unless_allowed(
    fit: Fit, size: tuple[int, int], scaled: tuple[int, int], canvas: tuple[int, int]
) -> None:
    options = Options(box=Box(width=300, height=300), fit=fit, enlarge=False)
    layout = compute_layout(size, options, UNBOUNDED)
    assert (layout.scaled, layout.canvas) == (scaled, canvas)


@given(sides, sides, sides, sides, st.sampled_from(Fit))
def test_no_side_is_enlarged_unless_allowed(
    width: int, height: int, box_width: int, box_height: int, fit: Fit
) -> None:
    box = Box(width=box_width, height=box_height, swap_for_portrait=False)
    layout = compute_layout((width, height), Options(box=box, fit=fit, enlarge=False), UNBOUNDED)
    assert layout.scaled[0] <= width
    assert layout.scaled[1] <= height
    assert fit is Fit.CONTAIN or layout.visible == layout.canvas


coordinates = st.floats(min_value=0, max_value=1)


@given(st.tuples(sides, sides), st.tuples(sides, sides), st.tuples(coordinates, coordinates))
def test_the_kept_part_lies_within_the_image(
    size: tuple[int, int], box: tuple[int, int], gravity: tuple[float, float]
) -> None:
    options = Options(box=Box(*box, swap_for_portrait=False), fit=Fit.COVER, gravity=gravity)
    layout = compute_layout(size, options, UNBOUNDED)
    for cut, part, scaled, focus in zip(
        layout.cut, layout.visible, layout.scaled, layout.gravity, strict=True
    ):
        assert 0 <= cut <= 1 - part / scaled
        assert cut - 1e-9 <= focus <= cut + part / scaled + 1e-9


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("box", "gravity", "kept"),
    [
        ((100, 100), (0.0, 0.0), (0, 0, 200, 200)),
        ((100, 100), (1.0, 0.5), (200, 0, 400, 200)),
        ((100, 100), (0.3, 0.9), (20, 0, 220, 200)),
        ((100, 100), (0.5, 0.5), (100, 0, 300, 200)),
        ((160, 40), (0.2, 0.0), (0, 0, 400, 100)),
        ((160, 40), (0.2, 0.6), (0, 70, 400, 170)),
        ((160, 40), (0.2, 1.0), (0, 100, 400, 200)),
    ],
)
def test_gravity_is_where_a_viewer_sees_it(
    orientation: int, box: tuple[int, int], gravity: tuple[float, float], kept: tuple[int, int, int, int]
) -> None:
    upright = gradient(400, 200)
    stored = upright if orientation == 1 else upright.transpose(UNDO[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = Options(box=Box(*box, swap_for_portrait=False), fit=Fit.COVER, quality=95, gravity=gravity)

    result = load(transform(file_of(stored, "PNG", exif=exif), options).data)

    assert error(result, upright.resize(box, Image.Resampling.BICUBIC, box=kept)) < 2


UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "PNG"])
def test_gravity_holds_for_all_frames(file_format: str) -> None:
    images = [gradient(200, 100), gradient(200, 100).transpose(Image.Transpose.ROTATE_180)]
    data = file_of(images[0], file_format, save_all=True, append_images=images[1:], duration=70)
    options = Options(box=Box(width=50, height=50), fit=Fit.COVER, gravity=(0.0, 0.5))

    frames = frames_of(transform(data, options).data)

    for (frame, _), image in zip(frames, images, strict=True):
        assert error(frame, image.resize((50, 50), Image.Resampling.BICUBIC, box=(0, 0, 100, 100))) < 12


@pytest.mark.parametrize("gravity", [(-0.1, 0.5), (0.5, 1.1), (float("nan"), 0.5)])
def test_gravity_beyond_the_image_is_refused(gravity: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="gravity has coordinates from 0 to 1"):
        transform(file_of(gradient(4, 4), "PNG"), Options(box=None, gravity=gravity))
