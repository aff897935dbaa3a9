"""Animations: frames, durations and loop counts as a viewer displays them."""

import shutil
import struct
import subprocess
import time
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from image_core import Box, Format, Limits, Options, TransformTooSlow, transform
from image_core.libavif import encode_avif
from image_core.limits import TimeLimit
from image_core.source import Frame
from image_format.avif import read_header
from PIL import Image, ImageSequence

from tests.libs.image_core import files
from tests.libs.image_core.images import file_of, frames_of, gradient, half_clear, load, pixels
from tests.libs.image_core.test_matrix import LOOP_COUNTS, moving
from tools.fuzz.animations import apng_of_noise

CASES = Path(__file__).parents[2] / "cases"
IMAGES = Path(__file__).parents[2] / "images"
MOVING = [Format.GIF, Format.PNG, Format.WEBP]
CANVAS = (32, 32)
WHOLE = (0, 0, 32, 32)
LEFT, RIGHT = (0, 0, 16, 32), (16, 0, 16, 32)
HALF = Box(width=16, height=16)

COLOURS = {"red": (230, 20, 20), "green": (20, 200, 20), "blue": (20, 20, 230), "clear": (0, 255, 255)}
RED, GREEN, BLUE, CLEAR = range(4)
KEEP, BACKGROUND, PREVIOUS = 1, 2, 3


def name_of(pixel: tuple[int, ...]) -> str:
    """Return the name of the nearest colour, or "clear"."""
    if pixel[3] < 128:
        return "clear"
    return min(COLOURS, key=lambda name: sum(abs(a - b) for a, b in zip(COLOURS[name], pixel, strict=False)))


def sides(image: Image.Image) -> tuple[str, str]:
    """Return the colours in the middle of the left and the right half."""
    width, height = image.size
    places = [(width // 4, height // 2), (width * 3 // 4, height // 2)]
    return name_of(rgba(image, places[0])), name_of(rgba(image, places[1]))


def rgba(image: Image.Image, place: tuple[int, int]) -> tuple[int, ...]:
    pixel = image.convert("RGBA").getpixel(place)
    assert isinstance(pixel, tuple)
    return pixel


def gif(*frames: bytes, canvas: tuple[int, int] = CANVAS, loop: int | None = 0) -> bytes:
    return files.gif(canvas, list(COLOURS.values()), *frames, loop=loop)


@pytest.mark.parametrize("output", [Format.JPEG, Format.BMP, Format.PNG, Format.WEBP, Format.GIF])
def test_the_first_image_of_a_gif_may_leave_the_canvas_bare(output: Format) -> None:
    data = gif(files.gif_frame(LEFT, RED))
    result = load(transform(data, Options(box=HALF, output_format=output)).data)
    if output is Format.JPEG:
        assert min(rgba(result, (14, 8))) > 245
    else:
        assert sides(result) == ("red", "clear")


@pytest.mark.parametrize(
    ("given", "output"), [(Format.GIF, Format.WEBP), (Format.PNG, Format.WEBP), (Format.PNG, Format.GIF)]
)
def test_more_often_than_a_format_can_count(given: Format, output: Format) -> None:
    number = LOOP_COUNTS[given][65_536]
    assert number is not None
    data = moving(given, [100, 100], number)
    derivative = transform(data, Options(box=HALF, output_format=output))
    assert load(derivative.data).info["loop"] == 65_535


def test_a_gif_that_names_the_size_of_a_buffer_keeps_its_loop_count() -> None:
    buffer_size = b"!\xff\x0bNETSCAPE2.0\5\2\0\0\1\0\0"
    frames = files.gif_frame(LEFT, RED), files.gif_frame(LEFT, GREEN)
    image = transform(gif(*frames, buffer_size, loop=3), Options(box=HALF, output_format=Format.WEBP))
    assert load(image.data).info["loop"] == 4


@pytest.mark.parametrize(
    ("output", "longest"), [(Format.GIF, 655_350), (Format.WEBP, 16_777_215), (Format.PNG, 65_535_000)]
)
def test_a_time_too_long_for_the_format_is_the_longest(output: Format, longest: int) -> None:
    # 65,535 seconds, twice, of two frames that look the same.
    image = gradient(64, 48)
    frames = [image, image.rotate(20), image.rotate(20), image.rotate(40)]
    data = file_of(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=65_535_000, blend=0)
    derivative = transform(data, Options(box=HALF, output_format=output))
    durations = [duration for _, duration in frames_of(derivative.data)]
    assert durations[0] == durations[-1] == longest


def test_a_webp_is_shown_for_no_longer_than_its_encoder_can_count() -> None:
    # 65,535 seconds for each of 130 frames.
    frames = [files.ApngFrame((0, 0, 4, 4), (number % 2 * 200,)) for number in range(130)]
    data = files.apng((4, 4), 0, *frames)
    data = files.with_right_check_sums(
        data.replace(struct.pack(">HHBB", 1, 10, 0, 0), struct.pack(">HHBB", 65_535, 1, 0, 0))
    )
    derivative = transform(data, Options(box=None, output_format=Format.WEBP))
    durations = [duration for _, duration in frames_of(derivative.data)]
    assert durations[0] == 16_777_215
    assert sum(durations) == 2**31 - 1


@pytest.mark.parametrize("output", MOVING)
def test_a_webp_that_is_shown_for_longer_than_its_decoder_can_count(output: Format) -> None:
    # Durations have 24 bits each, their sum in the decoder 31.
    image = Image.new("RGB", (4, 4))
    others = [Image.new("RGB", (4, 4), COLOURS["red"]), image] * 65
    data = file_of(image, "WEBP", save_all=True, append_images=others, duration=10_000, minimize_size=True)
    assert data.count((10_000).to_bytes(3, "little")) == 131
    data = data.replace((10_000).to_bytes(3, "little"), b"\xff\xff\xff")
    derivative = transform(data, Options(box=Box(width=2, height=2), output_format=output))
    longest = {Format.GIF: 655_350, Format.PNG: 16_777_000, Format.WEBP: 16_777_215}[output]
    durations = [duration for _, duration in frames_of(derivative.data)]
    assert set(durations[:128]) == {longest}
    assert output is Format.WEBP or set(durations) == {longest}


@pytest.mark.parametrize("duration", [0, 1, 33, 1234, 65_535, 65_536, 70_001, 655_350, 655_360, 700_001])
@pytest.mark.parametrize("output", MOVING)
def test_odd_times_are_rounded(output: Format, duration: int) -> None:
    derivative = transform(moving(Format.WEBP, [duration] * 2, 0), Options(box=HALF, output_format=output))
    step = {Format.GIF: 10, Format.PNG: 100 if duration > 655_350 else 10, Format.WEBP: 1}[output]
    longest = 655_350 if output is Format.GIF else duration
    for _, shown in frames_of(derivative.data):
        assert abs(shown - min(duration, longest)) <= step / 2


@pytest.mark.parametrize("output", [Format.JPEG, Format.BMP])
@pytest.mark.parametrize("given", MOVING)
def test_the_first_frame_where_nothing_can_move(given: Format, output: Format) -> None:
    derivative = transform(moving(given, [100] * 5, 0), Options(box=HALF, output_format=output))
    assert derivative.frames == 1
    assert load(derivative.data).format == output


@pytest.mark.parametrize("output", MOVING)
@pytest.mark.parametrize("given", MOVING)
def test_an_animation_of_one_frame_is_an_image(given: Format, output: Format) -> None:
    data = file_of(gradient(64, 48), given, save_all=True, duration=100, loop=0)
    derivative = transform(data, Options(box=HALF, output_format=output))
    assert derivative.frames == getattr(load(derivative.data), "n_frames", 1) == 1


@pytest.mark.parametrize("output", MOVING)
def test_the_image_for_viewers_that_cannot_animate_is_no_frame(output: Format) -> None:
    frames = [Image.new("RGB", (64, 48), COLOURS[name]) for name in ("red", "green", "blue")]
    data = file_of(
        frames[0], "PNG", save_all=True, append_images=frames[1:], default_image=True, duration=100
    )

    moving_image = transform(data, Options(box=HALF, output_format=output))
    still = transform(data, Options(box=HALF, output_format=Format.JPEG))

    assert [sides(frame)[0] for frame, _ in frames_of(moving_image.data)] == ["green", "blue"]
    assert sides(load(still.data))[0] == "red"


@pytest.mark.parametrize(("blend_over", "wanted"), [(True, (123, 20, 127, 255)), (False, (20, 20, 230, 130))])
def test_a_frame_of_a_png_is_laid_over_or_replaces(*, blend_over: bool, wanted: tuple[int, ...]) -> None:
    data = files.apng(
        CANVAS,
        6,
        files.ApngFrame(WHOLE, (*COLOURS["red"], 255)),
        files.ApngFrame(WHOLE, (*COLOURS["blue"], 130), blend_over=blend_over),
    )
    derivative = transform(data, Options(box=HALF, output_format=Format.PNG))
    _, (last, _) = frames_of(derivative.data)
    assert np.abs(np.subtract(rgba(last, (8, 8)), wanted)).max() <= 3


@pytest.mark.parametrize("output", MOVING)
def test_soft_edges_of_a_moving_webp(output: Format) -> None:
    frames = [
        Image.new("RGBA", (64, 48), (*COLOURS[name], alpha)) for name, alpha in (("red", 255), ("blue", 130))
    ]
    data = file_of(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True, duration=100)
    derivative = transform(data, Options(box=HALF, output_format=output))
    _, (last, _) = frames_of(derivative.data)
    alpha = rgba(last, (8, 6))[3]
    assert alpha == 255 if output is Format.GIF else abs(alpha - 130) < 3


def test_an_animated_webp_of_equal_frames_has_no_header_for_the_flag_of_alpha() -> None:
    frame = Image.new("RGBA", (8, 24))
    frame.paste((0, 0, 255, 255), (0, 0, 4, 24))
    other = frame.copy()
    other.putpixel((0, 0), (0, 0, 0, 0))
    data = file_of(frame, "GIF", save_all=True, append_images=[other], duration=100)
    derivative = transform(data, Options(box=None, output_format=Format.WEBP))
    assert rgba(load(derivative.data), (2, 12)) == (0, 0, 255, 255)


@pytest.mark.parametrize("output", [None, Format.BMP])
@pytest.mark.parametrize(
    "behind", [[], [(b"acTL", struct.pack(">II", 1, 0))]], ids=["no-animation", "too-late"]
)
def test_a_frame_that_is_not_announced_is_none(
    behind: list[tuple[bytes, bytes]], output: Format | None
) -> None:
    size, colour = (16, 16), (20, 200, 20)
    control = struct.pack(">IIIIIHHBB", 0, 8, 8, 0, 0, 1, 10, 0, 0)
    rows = bytes(colour) * 256
    still = files.png(size, 8, 2, rows)
    odd = files.png(size, 8, 2, rows, (b"fcTL", control))
    odd = odd.replace(
        files.png_chunk(b"IEND", b""), b"".join(files.png_chunk(*part) for part in [*behind, (b"IEND", b"")])
    )
    derivative = transform(odd, Options(box=None, output_format=output))
    assert derivative == transform(still, Options(box=None, output_format=output))


def test_an_animation_of_no_frames_is_an_image() -> None:
    still = files.png((8, 8), 8, 0, bytes(64))
    odd = files.with_png_chunk(still, b"acTL", bytes(8), before=b"IDAT")
    assert transform(odd, Options(box=None)) == transform(still, Options(box=None))


@pytest.mark.parametrize("output", [None, Format.WEBP])
def test_an_animation_announced_behind_the_pixels_is_none(output: Format | None) -> None:
    still = files.png((8, 8), 8, 0, bytes([20]) * 64)
    control = struct.pack(">IIIIHHBB", 8, 8, 0, 0, 1, 10, 0, 0)
    pixels = zlib.compress((b"\0" + bytes([220]) * 8) * 8)
    late = still[:-12]
    for name, content in (
        (b"acTL", struct.pack(">II", 2, 0)),
        (b"fcTL", struct.pack(">I", 0) + control),
        (b"fdAT", struct.pack(">I", 1) + pixels),
        (b"fcTL", struct.pack(">I", 2) + control),
        (b"fdAT", struct.pack(">I", 3) + pixels),
        (b"IEND", b""),
    ):
        late += files.png_chunk(name, content)
    options = Options(box=None, output_format=output)
    assert transform(late, options) == transform(still, options)


def test_what_stays_the_same_costs_next_to_nothing() -> None:
    # A dot moves over a photograph, of which each frame would take 5 kB.
    frames = []
    for step in range(20):
        image = gradient(128, 96).convert("RGB")
        image.paste((255, 255, 255), (step * 4, 40, step * 4 + 8, 48))
        frames.append(image)
    data = file_of(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=100)
    one = transform(file_of(frames[0], "PNG"), Options(box=None, output_format=Format.GIF))
    many = transform(data, Options(box=None, output_format=Format.GIF))
    assert many.frames == 20
    assert len(many.data) < 2 * len(one.data)


@pytest.mark.parametrize("disposal", [PREVIOUS, 4])
def test_disposal_4_of_a_gif_restores_as_disposal_3_does(disposal: int) -> None:
    frames = [(WHOLE, RED, KEEP), (LEFT, GREEN, disposal), (RIGHT, BLUE, KEEP)]
    data = gif(*(files.gif_frame(box, colour, disposal=after) for box, colour, after in frames))
    derivative = transform(data, Options(box=HALF, output_format=Format.WEBP))
    shown = [("red", "red"), ("green", "red"), ("red", "blue")]
    assert [sides(frame) for frame, _ in frames_of(derivative.data)] == shown


def test_a_grey_table_beside_a_coloured_one() -> None:
    data = gif(files.gif_frame(WHOLE, RED), files.gif_frame(WHOLE, 100, clear=3, grey=True))
    derivative = transform(data, Options(box=HALF, output_format=Format.PNG))
    _, (last, _) = frames_of(derivative.data)
    assert rgba(last, (8, 8)) == (100, 100, 100, 255)


def test_a_gif_whose_canvas_is_too_small_grows_for_its_first_frame() -> None:
    data = gif(files.gif_frame(WHOLE, RED), files.gif_frame(LEFT, GREEN), canvas=(1, 1))
    derivative = transform(data, Options(box=HALF))
    assert (derivative.width, derivative.height) == (16, 16)
    assert [sides(frame) for frame, _ in frames_of(derivative.data)] == [("red", "red"), ("green", "red")]


def test_frames_count_where_they_are_decoded() -> None:
    data = moving(Format.GIF, [100] * 5, 0)
    limits = Limits(max_pixels=64 * 48 * 4)
    still = transform(data, Options(box=HALF, output_format=Format.JPEG, limits=limits))
    assert Image.open(BytesIO(still.data)).size == (16, 12)
    assert np.asarray(load(still.data)).mean() > 10


def test_a_gif_that_blinks_is_one_file() -> None:
    clear = Image.new("RGBA", (48, 32))
    frames = [half_clear(48, 32), clear, half_clear(48, 32)]
    data = file_of(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=200, lossless=True)

    derivative = transform(data, Options(box=None, output_format=Format.GIF))

    assert derivative.frames == 3
    assert derivative.data.count(b"GIF89a") == 1
    with Image.open(BytesIO(derivative.data)) as image:
        visible = [
            frame.convert("RGBA").getchannel("A").getextrema()[1] for frame in ImageSequence.Iterator(image)
        ]
    assert visible == [255, 0, 255]


def test_an_extension_is_no_image_whatever_its_label() -> None:
    red, green = files.gif_frame(WHOLE, RED), files.gif_frame(WHOLE, GREEN)
    labelled_as_an_image = b"!" + red[8:]
    derivative = transform(gif(red, labelled_as_an_image, green), Options(box=HALF))
    assert derivative.data == transform(gif(red, green), Options(box=HALF)).data


def test_an_animated_webp_is_given_up_within_its_deadline() -> None:
    """The clock runs 40 times faster than the CPU works, so that encoding takes longer than its estimate."""
    data = apng_of_noise(300, 300)
    began = time.process_time()

    with pytest.raises(TransformTooSlow):
        transform(
            data,
            Options(box=None, output_format=Format.WEBP),
            lambda: 20 - 40 * (time.process_time() - began),
        )

    # All frames take 1 to 3 s.
    assert time.process_time() - began < 2


@pytest.mark.parametrize("loop_count", [0, 1, 3])
def test_an_avif_keeps_times_and_loop_count(loop_count: int) -> None:
    durations = [40, 250, 1_000]
    data = moving(Format.WEBP, durations, loop_count)

    made = transform(data, Options(box=HALF, output_format=Format.AVIF))
    again = load(transform(made.data, Options(box=HALF, output_format=Format.WEBP)).data)

    assert made.frames == 3
    assert read_header(made.data).loop_count == again.info["loop"] == loop_count
    assert [duration_of(frame) for frame in ImageSequence.Iterator(again)] == durations


def test_an_avif_with_more_loops_than_its_duration_can_hold_plays_forever() -> None:
    """The loops take five times as many milliseconds as 64 bits can state."""
    frames = [
        Frame(image=Image.new("RGB", CANVAS, colour), profile=None, duration_ms=2**31 - 1)
        for colour in COLOURS.values()
        for _ in range(5)
    ]
    data = encode_avif(frames, 2**31 - 1, 50, TimeLimit(None, 1.0))
    assert read_header(data).loop_count == 0


def duration_of(frame: Image.Image) -> int:
    frame.load()
    return int(frame.info["duration"])


def make_with_gifsicle(path: Path, side: int, folder: Path) -> bytes:
    """Return the animation within a square, by gifsicle with its default method of resizing."""
    made = folder / "made.gif"
    command: list[str | Path] = [
        "gifsicle",
        "-O3",
        "--no-warnings",
        "--resize-fit",
        f"{side}x{side}",
        path,
        "-o",
        made,
    ]
    subprocess.run(command, check=True)  # noqa: S603 - the peer, on a file of the project
    return made.read_bytes()


@pytest.mark.parametrize(
    ("path", "side", "max_bytes", "gifsicle_bytes"),
    [
        # Bytes of gifsicle 1.93 of Debian 12, for machines without it.
        (CASES / "gif-lossy-pan.gif", 240, 56_000, 88_226),
        (CASES / "gif-lossy-pan.gif", 180, 33_000, 49_255),
        (IMAGES / "coffee-animated.gif", 240, 268_000, 286_258),
    ],
)
def test_an_animated_gif_is_shorter_than_by_gifsicle(
    path: Path, side: int, max_bytes: int, gifsicle_bytes: int, tmp_path: Path
) -> None:
    if shutil.which("gifsicle"):
        gifsicle_bytes = len(make_with_gifsicle(path, side, tmp_path))

    made = transform(path.read_bytes(), Options(box=Box(width=side, height=side)))

    assert len(made.data) < min(max_bytes, gifsicle_bytes)


@pytest.mark.skipif(not shutil.which("gifsicle"), reason="gifsicle is not installed")
def test_an_animated_photograph_is_more_like_the_original_than_by_gifsicle(tmp_path: Path) -> None:
    path = IMAGES / "coffee-animated.gif"
    original = [frame for frame, _ in frames_of(path.read_bytes())]

    made = transform(path.read_bytes(), Options(box=Box(width=240, height=240))).data

    # 11 and 22.
    assert squared_error(made, original) < squared_error(make_with_gifsicle(path, 240, tmp_path), original)


def squared_error(data: bytes, original: list[Image.Image]) -> float:
    """Return the mean squared difference to the frames of the original, reduced by LANCZOS."""
    frames = [frame for frame, _ in frames_of(data)]
    differences = [
        pixels(frame) - pixels(like.resize(frame.size, Image.Resampling.LANCZOS))
        for frame, like in zip(frames, original, strict=True)
    ]
    return float(np.mean(np.square(differences)))
