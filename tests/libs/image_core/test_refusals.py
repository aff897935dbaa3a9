"""Each refused file has its own error, and no other exception ever leaves the library."""

import itertools
import struct
import traceback
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from image_core import (
    Box,
    EncodedImage,
    Format,
    ImageError,
    Limits,
    NotAnImage,
    Options,
    TooManyBytes,
    TooManyPixels,
    TransformTooSlow,
    transform,
)
from PIL import Image

from tests.libs.image_core import bombs, files
from tests.libs.image_core.images import OPTIONS, clearing, file_of, gradient, half_clear, load

BROKEN = Path(__file__).parents[2] / "images" / "broken"
SMALL = Box(width=20, height=20)


def still(file_format: str) -> bytes:
    image = gradient(64, 48)
    return file_of(image.quantize(64) if file_format == "GIF" else image, file_format)


def moving(file_format: str) -> bytes:
    frames = [half_clear(48, 32).rotate(60 * step) for step in range(4)]
    return file_of(frames[0], file_format, save_all=True, append_images=frames[1:], duration=50, loop=0)


EXIF = Image.Exif()
EXIF[0x0112] = 6

WHOLE = {
    **{file_format.value: still(file_format) for file_format in Format},
    "JPEG progressive": file_of(gradient(64, 48), "JPEG", progressive=True, exif=EXIF),
    "JPEG CMYK": file_of(gradient(64, 48).convert("CMYK"), "JPEG"),
    "PNG with alpha": file_of(clearing(64, 48), "PNG", exif=EXIF),
    "PNG palette": file_of(half_clear(64, 48).quantize(16), "PNG"),
    "PNG 16-bit": files.png((16, 16), 16, 0, bytes(range(256)) * 2),
    "BMP palette": file_of(gradient(64, 48).quantize(16), "BMP"),
    "BMP with alpha": files.bmp_with_alpha(clearing(64, 48)),
    "WebP lossless": file_of(clearing(64, 48), "WEBP", lossless=True, exif=EXIF, icc_profile=b"x" * 200),
    **{f"{name} animation": moving(name) for name in ("GIF", "PNG", "WEBP")},
}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        b"GIF89a",
        b"BM",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x04\0\0\0WEBP",
        b"RIFF\x0c\0\0\0WEBPVP8X",
        b"RIFF\x0c\0\0\0WAVEfmt ",
        b"hello, this is text",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"II*\0\x08\0\0\0\0\0",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"8BPS\0\1" + bytes(40),
        b"GIF89a\1\0\1\0\0\0\0;",
        bytes(5000),
    ],
)
def test_no_image(data: bytes) -> None:
    with pytest.raises(NotAnImage) as caught:
        transform(data, OPTIONS)
    assert caught.value.reason.endswith(".")
    assert len(caught.value.reason) < 80


def moving_png(old: bytes = b"", new: bytes = b"") -> bytes:
    """Return three frames with some bytes exchanged and valid checksums."""
    frames = [files.ApngFrame((0, 0, 8, 8), (shade,)) for shade in (0, 90, 200)]
    data = files.apng((8, 8), 0, *frames)
    assert old in data
    return files.with_right_check_sums(data.replace(old, new, 1))


SECOND_FRAME = struct.pack(">IIIII", 1, 8, 8, 0, 0)


@pytest.mark.parametrize(
    "data",
    [
        moving_png(SECOND_FRAME, struct.pack(">IIIII", 7, 8, 8, 0, 0)),
        moving_png(SECOND_FRAME, struct.pack(">IIIII", 1, 8, 8, 1, 0)),
        moving_png(SECOND_FRAME, struct.pack(">IIIII", 1, 0, 8, 0, 0)),
        moving_png().replace(struct.pack(">HHBB", 1, 10, 0, 0), struct.pack(">HHBB", 2, 10, 0, 0)),
        moving_png()[: moving_png().rindex(b"fcTL") - 4],
        moving_png(b"acTL\0\0\0\3", b"acTL\0\0\0\2"),
    ],
    ids=["out of order", "beyond the canvas", "without pixels", "check sum", "cut short", "one too many"],
)
def test_an_animated_png_that_is_not_as_it_must_be(data: bytes) -> None:
    assert transform(moving_png(), Options(box=None)).frames == 3
    with pytest.raises(NotAnImage):
        transform(data, Options(box=None))


def test_a_png_whose_pixels_are_interrupted() -> None:
    whole = files.png((8, 8), 8, 0, bytes(range(64)))
    start = whole.index(b"IDAT") + 4
    pixels = whole[start:-16]
    between = (b"IDAT", pixels[:9]), (b"tEXt", b"a\0b"), (b"IDAT", pixels[9:]), (b"IEND", b"")
    data = whole[: start - 8] + b"".join(files.png_chunk(*chunk) for chunk in between)
    with pytest.raises(NotAnImage):
        transform(data, Options(box=None))


@pytest.mark.parametrize("name", ["empty.jpg", "text.jpg", "truncated.jpg"])
def test_broken_files(name: str) -> None:
    with pytest.raises(NotAnImage):
        transform((BROKEN / name).read_bytes(), OPTIONS)


@pytest.mark.parametrize("output", [None, Format.WEBP])
def test_a_gif_may_end_between_its_frames_only(output: Format | None) -> None:
    first, second = (files.gif_frame((0, 0, 8, 8), colour) for colour in (0, 1))
    comment = b"!\xfe\7comment\0"
    whole = files.gif((8, 8), [(0, 0, 0), (200, 0, 0)], first, comment, second, loop=0)
    options = Options(box=None, output_format=output)
    frame_at = whole.index(comment)
    control_at = frame_at + len(comment)
    # Between frames, and without a trailer, the file may end.
    for end, frames in ((frame_at, 1), (control_at, 1), (len(whole) - 1, 2)):
        assert transform(whole[:end], options).frames == frames
    for end in (*range(frame_at + 1, control_at), *range(control_at + 1, control_at + 9)):
        with pytest.raises(NotAnImage):
            transform(whole[:end], options)
        assert transform(whole[:end], Options(box=None, output_format=Format.JPEG))


def test_nine_hundred_million_pixels() -> None:
    with pytest.raises(TooManyPixels):
        transform((BROKEN / "30000x30000.png").read_bytes(), OPTIONS)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.8])
@pytest.mark.parametrize("name", [name for name in WHOLE if "CMYK" not in name])
def test_a_part_of_a_file(name: str, share: float) -> None:
    data = WHOLE[name]
    for options in (Options(box=SMALL), Options(box=None)):
        with pytest.raises(NotAnImage) as caught:
            transform(data[: int(len(data) * share)], options)
        assert caught.value.reason == "The image is damaged or incomplete."


@pytest.mark.parametrize("name", WHOLE)
def test_bytes(name: str) -> None:
    data = WHOLE[name]
    assert transform(data, Options(box=SMALL, limits=Limits(max_bytes=len(data))))
    with pytest.raises(TooManyBytes) as caught:
        transform(data, Options(box=SMALL, limits=Limits(max_bytes=len(data) - 1)))
    assert caught.value.reason.startswith(f"The file has {len(data):,} bytes")


@pytest.mark.parametrize("name", WHOLE)
def test_pixels(name: str) -> None:
    data = WHOLE[name]
    derivative = transform(data, Options(box=None))
    pixels = derivative.width * derivative.height if derivative.frames == 1 else derivative.frames * 4096
    assert transform(data, Options(box=None, limits=Limits(max_pixels=pixels)))
    with pytest.raises(TooManyPixels):
        transform(data, Options(box=None, limits=Limits(max_pixels=pixels - 1)))


@pytest.mark.parametrize("progressive", [False, True])
def test_of_a_large_jpeg_the_decoded_pixels_count(*, progressive: bool) -> None:
    data = file_of(Image.new("RGB", (1600, 1200)), "JPEG", progressive=progressive)
    options = Options(box=Box(width=100, height=100), limits=Limits(max_pixels=200 * 150))
    if progressive:
        with pytest.raises(TooManyPixels):
            transform(data, options)
    else:
        assert transform(data, options).width == 100


def oversized_gif() -> bytes:
    """Return a canvas of one pixel with a second frame of four thousand million pixels."""
    return files.gif((1, 1), [(0, 0, 0)], files.gif_frame((0, 0, 1, 1), 0))[:-1] + (
        struct.pack("<B4HBB", 0x2C, 0, 0, 65_535, 65_535, 0, 7) + b"\2\x80\x81\0;"
    )


def oversized_webp() -> bytes:
    """Return a header that declares 9,000 x 9,000 pixels, to be refused before any allocation."""
    side = (9_000 - 1).to_bytes(3, "little")
    return b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + side + side + bytes(8)


def oversized_apng() -> bytes:
    return files.apng((60_000, 60_000), 0, *[files.ApngFrame((0, 0, 1, 1), (0,))] * 2)


def a_million_frames() -> bytes:
    """Return frames of one pixel: few bytes, few pixels, many decoders."""
    return files.gif((1, 1), [(0, 0, 0)], files.gif_frame((0, 0, 1, 1), 0) * 100_000)


def oversized_bmp() -> bytes:
    data = file_of(gradient(2, 2), "BMP")
    return data[:18] + struct.pack("<ii", 60_000, 60_000) + data[26:]


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (oversized_gif, TooManyPixels),
        (oversized_webp, TooManyPixels),
        (oversized_apng, TooManyPixels),
        (a_million_frames, TooManyPixels),
        (lambda: files.png((30_000, 30_000), 1, 0, bytes(30_000)), TooManyPixels),
        (oversized_bmp, TooManyPixels),
    ],
)
def test_bombs(make: object, error: type[ImageError]) -> None:
    assert callable(make)
    with pytest.raises(error):
        transform(make(), OPTIONS)


@pytest.mark.parametrize("output", [None, Format.PNG, Format.WEBP])
@pytest.mark.parametrize("name", WHOLE)
def test_whenever_the_time_is_over_it_ends(name: str, output: Format | None) -> None:
    options = Options(box=SMALL, output_format=output)
    places = []

    def remaining_seconds() -> float:
        places.append(tuple((frame.f_code, line) for frame, line in traceback.walk_stack(None)))
        return 60.0

    derivative = transform(WHOLE[name], options, remaining_seconds)
    assert derivative == transform(WHOLE[name], options)
    readings: dict[tuple[object, ...], list[int]] = {}
    for number, place in enumerate(places):
        readings.setdefault(place, []).append(number)
    # The first, the middle and the last time that the clock is read in each place of the code.
    chosen = {numbers[at] for numbers in readings.values() for at in (0, len(numbers) // 2, -1)}
    too_slow = 0
    for number in sorted(chosen):
        seconds = itertools.chain(itertools.repeat(60.0, number), itertools.repeat(0.0))
        try:
            hurried = transform(WHOLE[name], options, seconds.__next__)
        except TransformTooSlow as error:
            assert error.transient  # noqa: PT017 - the error is what the loop is about
            too_slow += 1
        else:
            # Only optional steps were left, which do not improve the result.
            assert hurried == derivative
            break
    assert too_slow > 2


def test_the_clock_is_looked_at_while_frames_are_counted() -> None:
    data, looks = bombs.gif_of_sub_blocks(100_000), itertools.count()
    assert transform(data, Options(box=None), lambda: 60.0 + next(looks)).frames == 2
    assert next(looks) > 50_000  # once for each sub-block, which decoding skips


def test_what_takes_long_in_one_call_is_not_begun() -> None:
    data = file_of(gradient(2000, 1000), "PNG")
    small, large = (Options(box=box, output_format=Format.WEBP) for box in (SMALL, None))
    assert transform(data, small, lambda: 0.3)
    with pytest.raises(TransformTooSlow):
        transform(data, large, lambda: 0.3)


ALL_OPTIONS = [
    Options(box=box, output_format=output, limits=Limits(max_pixels=200_000))
    for box in (SMALL, None)
    for output in (None, *Format)
]


@settings(max_examples=800, deadline=None, derandomize=True)
@given(st.data())
def test_a_damaged_file_gives_an_image_or_a_named_error(data: st.DataObject) -> None:
    original = WHOLE[data.draw(st.sampled_from(sorted(WHOLE)))]
    damaged = bytearray(original)
    # The first bytes decide most.
    place = st.integers(0, min(120, len(original) - 1)) | st.integers(0, len(original) - 1)
    for at, value in data.draw(st.lists(st.tuples(place, st.integers(0, 255)), min_size=1, max_size=6)):
        damaged[at] = value
    cut = data.draw(st.none() | st.integers(0, len(original)))
    try:
        derivative = transform(bytes(damaged[:cut]), data.draw(st.sampled_from(ALL_OPTIONS)))
    except ImageError:
        return
    assert_sound(derivative)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"RIFF\xff\0\0\0WEBPVP8X"]),
    st.binary(max_size=300),
)
def test_noise_behind_a_signature(signature: bytes, noise: bytes) -> None:
    try:
        derivative = transform(signature + noise, OPTIONS)
    except ImageError:
        return
    assert_sound(derivative)


def assert_sound(derivative: EncodedImage) -> None:
    result = load(derivative.data)
    assert result.format == derivative.format
    assert result.size == (derivative.width, derivative.height)
