"""Transform every kind of file to every format and size: decoded pixels against those that the test drew.

One test is one cell; the summary of the run has their number. Results are decoded by libvips if libvips has a
decoder for the format, else by Pillow.
"""

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import pyvips
from image_core import Box, Format, Options, transform
from PIL import Image, ImageChops

from tests.libs.image_core import files
from tests.libs.image_core.images import clearing, file_of, frames_of, gradient, half_clear, load
from tests.libs.image_core.oracles import Pixels, decode_frames, on_page, render_srgb

IMAGES = Path(__file__).parents[2] / "images"
SIZE = (96, 64)

# Factor by which a side shrinks, and the box for it. The last box is larger than the image.
SIZES: dict[str, tuple[int, Box | None]] = {
    "quarter": (4, Box(width=24, height=16)),
    "half": (2, Box(width=48, height=32)),
    "whole": (1, None),
    "larger": (1, Box(width=500, height=500)),
}

# Maximum mean difference, in steps of 255.
TOLERANCE = {
    Format.JPEG: 3.5,
    Format.PNG: 1.5,
    Format.GIF: 4.0,
    Format.BMP: 1.5,
    Format.WEBP: 3.5,
    Format.AVIF: 3.5,
}


def derive(data: bytes, box: Box | None, output: Format | None) -> bytes:
    """Return the derivative, after checking its declared size and format."""
    derivative = transform(data, Options(box=box, output_format=output, quality=95))
    frames = decode_frames(derivative.data)
    assert frames[0].shape[:2] == (derivative.height, derivative.width)
    assert derivative.format == (output or derivative.format)
    return derivative.data


def shrunk(pixels: Pixels, factor: int) -> Pixels:
    """Return the mean of each block of pixels."""
    height, width, bands = pixels.shape
    blocks = pixels.reshape(height // factor, factor, width // factor, factor, bands)
    return np.asarray(blocks.mean(axis=(1, 3)))


def off(one: Pixels, other: Pixels) -> float:
    """Return the mean absolute difference."""
    assert one.shape == other.shape
    return float(np.abs(one - other).mean())


# ---- modes -------------------------------------------------------------------------------------------------


def grey() -> Image.Image:
    return gradient(*SIZE).convert("L")


def colour() -> Image.Image:
    return gradient(*SIZE)


def alpha() -> Image.Image:
    return clearing(*SIZE)


def draw_keyed() -> Image.Image:
    return half_clear(*SIZE)


def wide(image: Image.Image) -> bytes:
    """Return 16-bit samples, big endian, whose upper 8 bits are the image."""
    return (np.asarray(image).astype(">u2") * 257).tobytes()


def palette() -> Image.Image:
    return colour().quantize(64)


def bilevel() -> Image.Image:
    """Return an image that is black on the left and white on the right."""
    sides = np.tile((np.arange(SIZE[0]) // 48 * 255).astype(np.uint8), (SIZE[1], 1))
    return Image.fromarray(sides).convert("1")


def bilevel_half_clear() -> Image.Image:
    """Return an image that is black on the left and transparent on the right."""
    return Image.merge("LA", (Image.new("L", SIZE), ImageChops.invert(bilevel().convert("L"))))


def keyed_grey() -> Image.Image:
    """Return three shades of grey, of which the second is transparent."""
    steps = np.tile((np.arange(SIZE[0]) // 32 * 40).astype(np.uint8), (SIZE[1], 1))
    image = Image.fromarray(steps).convert("LA")
    image.putalpha(Image.fromarray(np.where(steps == 40, 0, 255).astype(np.uint8)))
    return image


def keyed_rgb() -> Image.Image:
    """Return the three shades tinted."""
    image = keyed_grey()
    level = image.getchannel("L")
    return Image.merge("RGBA", (level, level, ImageChops.invert(level), image.getchannel("A")))


def cmyk() -> Image.Image:
    return colour().convert("CMYK")


def ycck_file() -> bytes:
    # Pillow writes C, M and Y inverted, but does not convert them to YCbCr.
    ycc = ImageChops.invert(colour()).convert("YCbCr").split()
    stored = [*(ImageChops.invert(band) for band in ycc), Image.new("L", SIZE)]
    return files.with_adobe_transform(
        file_of(Image.merge("CMYK", stored), "JPEG", quality=95), files.ADOBE_YCCK
    )


type Row = tuple[Callable[[], bytes], Callable[[], Image.Image]]

MODES: dict[str, Row] = {
    "JPEG L": (lambda: file_of(grey(), "JPEG", quality=95), grey),
    "JPEG RGB": (lambda: file_of(colour(), "JPEG", quality=95), colour),
    "JPEG RGB progressive": (lambda: file_of(colour(), "JPEG", quality=95, progressive=True), colour),
    "JPEG CMYK": (lambda: file_of(cmyk(), "JPEG", quality=95), colour),
    "JPEG CMYK without Adobe's mark": (
        lambda: files.with_adobe_transform(file_of(cmyk(), "JPEG", quality=95), None),
        colour,
    ),
    "JPEG YCCK": (ycck_file, colour),
    "PNG 1": (lambda: file_of(bilevel(), "PNG"), bilevel),
    "PNG 1 with tRNS": (lambda: file_of(bilevel(), "PNG", transparency=1), bilevel_half_clear),
    "PNG L": (lambda: file_of(grey(), "PNG"), grey),
    "PNG L with tRNS": (
        lambda: file_of(keyed_grey().getchannel("L"), "PNG", transparency=40),
        keyed_grey,
    ),
    "PNG LA": (lambda: file_of(alpha().convert("LA"), "PNG"), lambda: alpha().convert("LA")),
    "PNG P": (lambda: file_of(palette(), "PNG"), palette),
    "PNG P with one clear": (lambda: file_of(keyed_rgb().quantize(64), "PNG"), keyed_rgb),
    "PNG P with alphas": (lambda: file_of(alpha().quantize(256), "PNG"), lambda: alpha().quantize(256)),
    "PNG RGB": (lambda: file_of(colour(), "PNG"), colour),
    "PNG RGB with tRNS": (
        lambda: file_of(keyed_rgb().convert("RGB"), "PNG", transparency=(40, 40, 215)),
        keyed_rgb,
    ),
    "PNG RGBA": (lambda: file_of(alpha(), "PNG"), alpha),
    "PNG 16-bit L": (lambda: files.png(SIZE, 16, 0, wide(grey())), grey),
    "PNG 16-bit L with tRNS": (
        lambda: files.png(SIZE, 16, 0, wide(keyed_grey().getchannel("L")), (b"tRNS", (40 * 257).to_bytes(2))),
        keyed_grey,
    ),
    "PNG 16-bit LA": (
        lambda: files.png(SIZE, 16, 4, wide(alpha().convert("LA"))),
        lambda: alpha().convert("LA"),
    ),
    "PNG 16-bit RGB": (lambda: files.png(SIZE, 16, 2, wide(colour())), colour),
    "PNG 16-bit RGBA": (lambda: files.png(SIZE, 16, 6, wide(alpha())), alpha),
    "GIF L": (lambda: file_of(grey(), "GIF"), grey),
    "GIF P": (lambda: file_of(palette(), "GIF"), palette),
    "GIF P with one clear": (lambda: file_of(keyed_rgb(), "GIF"), keyed_rgb),
    "BMP 1": (lambda: file_of(bilevel(), "BMP"), bilevel),
    "BMP L": (lambda: file_of(grey(), "BMP"), grey),
    "BMP P": (lambda: file_of(palette(), "BMP"), palette),
    "BMP RGB": (lambda: file_of(colour(), "BMP"), colour),
    "BMP RGBA": (lambda: files.bmp_with_alpha(alpha()), alpha),
    "WebP RGB": (lambda: file_of(colour(), "WEBP", quality=95), colour),
    "WebP RGBA": (lambda: file_of(alpha(), "WEBP", lossless=True), alpha),
    "AVIF L": (lambda: file_of(grey(), "AVIF", quality=95, speed=9), grey),
    "AVIF RGB": (lambda: file_of(colour(), "AVIF", quality=95, speed=9), colour),
    "AVIF RGBA": (lambda: file_of(alpha(), "AVIF", quality=95, speed=9), alpha),
    "WebP with clear half": (lambda: file_of(draw_keyed(), "WEBP", lossless=True), draw_keyed),
}


def expect(image: Image.Image, output: Format, page: float, factor: int) -> Pixels:
    """Return the expected look on a grey page: alpha weights colours, a GIF is transparent or opaque."""
    rgba = np.asarray(image.convert("RGBA"), dtype=np.float64)
    weighed = np.concatenate([rgba[..., :3] * rgba[..., 3:] / 255, rgba[..., 3:]], axis=-1)
    weighed = shrunk(weighed, factor)
    cover = weighed[..., 3:] / 255
    if output is Format.GIF:
        own = weighed[..., :3] / np.maximum(cover, 1e-6)
        return np.where(cover >= 128 / 255, own, page)
    return np.asarray(weighed[..., :3] + (255 if output is Format.JPEG else page) * (1 - cover))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("output", Format)
@pytest.mark.parametrize("name", MODES)
def test_mode(name: str, output: Format, size: str) -> None:
    make, truth = MODES[name]
    factor, box = SIZES[size]

    (result,) = decode_frames(derive(make(), box, output))

    for page in (0, 255):
        # A small image consists largely of edges, where bicubic rings and JPEG and WebP smear colours.
        allowed = TOLERANCE[output] * (2 if factor > 2 else 1)
        assert off(on_page(result, page), expect(truth(), output, page, factor)) < allowed


@pytest.mark.parametrize(
    ("depth", "colour_type", "samples", "shade"),
    [
        (1, 0, (b"\0", b"\xff", b"\0\0"), 255),
        (2, 0, (b"\xaa", b"\x55", b"\0\2"), 85),
        (4, 0, (b"\x77", b"\x33", b"\0\7"), 51),
        (8, 0, (b"\x60", b"\x40", b"\0\x60"), 64),
        (16, 0, (b"\x60\x33", b"\x40\x40", b"\x60\x33"), 64),
        (8, 2, (b"\x60", b"\x40", b"\0\x60" * 3), 64),
        (16, 2, (b"\x60\x33", b"\x40\x40", b"\x60\x33" * 3), 64),
    ],
)
def test_a_clear_colour_of_any_depth(
    depth: int, colour_type: int, samples: tuple[bytes, bytes, bytes], shade: int
) -> None:
    clear, opaque, key = samples
    half = SIZE[0] * SIZE[1] * depth * (3 if colour_type else 1) // 8 // 2
    rows = clear * (half // len(clear)) + opaque * (half // len(opaque))
    data = files.png(SIZE, depth, colour_type, rows, (b"tRNS", key))

    (result,) = decode_frames(derive(data, Box(width=48, height=32), None))

    top, bottom = result[:14], result[18:]
    assert top[..., 3].max() == 0
    assert bottom[..., 3].min() == 255
    assert np.abs(bottom[..., :3] - shade).max() <= 1


@pytest.mark.parametrize("given", ["PNG", "WEBP"])
@pytest.mark.parametrize("hidden", [(0, 0, 0), (255, 255, 255), (0, 255, 0)])
@pytest.mark.parametrize("output", [Format.PNG, Format.WEBP, Format.JPEG, Format.BMP])
def test_no_fringe_of_what_was_clear(given: str, hidden: tuple[int, int, int], output: Format) -> None:
    # A white disc on a white page: the colours of transparent pixels must not become visible.
    disc = Image.radial_gradient("L").point(lambda value: 255 if value < 120 else 0)
    image = Image.merge("RGBA", (*Image.new("RGB", disc.size, hidden).split(), disc))
    image.paste((255, 255, 255, 255), mask=disc)
    data = file_of(image, given, lossless=True, exact=True)

    derivative = transform(data, Options(box=Box(width=61, height=61), output_format=output, quality=95))

    (result,) = decode_frames(derivative.data)
    assert on_page(result, 255).min() > 247


# ---- orientation -------------------------------------------------------------------------------------------

RED, GREEN, BLUE, WHITE = (230, 20, 20), (20, 200, 20), (20, 20, 230), (250, 250, 250)

type Array = npt.NDArray[np.uint8]

# Position of the first row and column for each orientation (EXIF 2.32, 4.6.4).
STORED: dict[int, Callable[[Array], Array]] = {
    1: lambda pixels: pixels,
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.transpose(1, 0, 2),
    6: np.rot90,
    7: lambda pixels: pixels[::-1, ::-1].transpose(1, 0, 2),
    8: lambda pixels: np.rot90(pixels, -1),
}


def quarters(width: int, height: int) -> Array:
    """Return quarters in red, green / blue, white."""
    pixels = np.full((height, width, 3), WHITE, dtype=np.uint8)
    pixels[: height // 2, : width // 2] = RED
    pixels[: height // 2, width // 2 :] = GREEN
    pixels[height // 2 :, : width // 2] = BLUE
    return pixels


def corners(pixels: Pixels) -> Pixels:
    """Return the colour in the middle of each quarter."""
    height, width = pixels.shape[:2]
    places = [(y, x) for y in (height // 4, height * 3 // 4) for x in (width // 4, width * 3 // 4)]
    return np.array([pixels[place][:3] for place in places])


def exif(orientation: int) -> bytes:
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


def with_other(image: Image.Image, file_format: str, orientation: int) -> bytes:
    other = [Image.new("RGB", image.size)]
    return file_of(image, file_format, quality=95, save_all=True, append_images=other, exif=exif(orientation))


CONTAINERS: dict[str, Callable[[Image.Image, int], bytes]] = {
    "JPEG": lambda image, number: file_of(image, "JPEG", quality=95, exif=exif(number)),
    "MPO": lambda image, number: with_other(image, "MPO", number),
    "PNG": lambda image, number: file_of(image, "PNG", exif=exif(number)),
    "PNG with late eXIf": lambda image, number: files.with_png_chunk(
        file_of(image, "PNG"), b"eXIf", exif(number)[6:], before=b"IEND"
    ),
    "WebP": lambda image, number: file_of(image, "WEBP", quality=95, exif=exif(number)),
    "WebP animation": lambda image, number: with_other(image, "WEBP", number),
    "AVIF": lambda image, number: file_of(image, "AVIF", quality=90, speed=9, exif=exif(number)),
}


@pytest.mark.parametrize("box", [Box(width=40, height=20), None], ids=["smaller", "whole"])
@pytest.mark.parametrize("size", [(64, 32), (32, 64)], ids=["wide", "tall"])
@pytest.mark.parametrize("output", [None, Format.PNG, Format.GIF])
@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("container", CONTAINERS)
def test_orientation(
    container: str, orientation: int, output: Format | None, size: tuple[int, int], box: Box | None
) -> None:
    stored = np.ascontiguousarray(STORED[orientation](quarters(*size)))
    data = CONTAINERS[container](Image.fromarray(stored), orientation)

    result = derive(data, box, output)

    first = decode_frames(result)[0]
    boxed = {(64, 32): (40, 20), (32, 64): (20, 40)}[size]
    assert first.shape[1::-1] == (boxed if box else size)
    assert "exif-data" not in pyvips.Image.new_from_buffer(result, "").get_fields()
    assert np.abs(corners(first) - [RED, GREEN, BLUE, WHITE]).max() < 25


# ---- ICC profiles ------------------------------------------------------------------------------------------


def profile_in(name: str) -> bytes:
    """Return the ICC profile of a sample."""
    profile = files.icc_profile_of((IMAGES / name).read_bytes())
    assert profile
    return profile


def corrupt(profile: bytes) -> bytes:
    """Return a profile with a valid header and invalid tags."""
    return profile[:128] + b"\xff" * (len(profile) - 128)


PROFILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "none": ("RGB", lambda: b""),
    "sRGB": ("RGB", lambda: files.SRGB),
    "Display P3": ("RGB", lambda: profile_in("coffee-display-p3.jpg")),
    "grey": ("L", lambda: files.grey_profile(gamma=1.0)),
    "CMYK": ("CMYK", lambda: profile_in("coffee-cmyk.jpg")),
    "grey on colour": ("RGB", lambda: files.grey_profile(gamma=1.0)),
    "colour on grey": ("L", lambda: files.SRGB),
    "cut off": ("RGB", lambda: files.SRGB[:100]),
    "text": ("RGB", lambda: b"no profile" * 20),
}
MEANT = {"sRGB", "Display P3", "grey", "CMYK"}


def mute(mode: str) -> Image.Image:
    """Return colours that every profile and every ink can reproduce."""
    image = gradient(*SIZE).point(lambda value: 70 + value * 100 // 255)
    return image if mode == "RGB" else image.convert(mode)


def keeps(profile: str, output: Format) -> bool:
    """Return True if the file keeps the profile: not for CMYK, and not for grey that is decoded as RGB."""
    can = output in {Format.JPEG, Format.PNG, Format.WEBP, Format.AVIF} and profile in MEANT - {"CMYK"}
    return can and not (profile == "grey" and output in {Format.WEBP, Format.AVIF})


@pytest.mark.parametrize("size", ["half", "whole"])
@pytest.mark.parametrize("output", Format)
@pytest.mark.parametrize(
    ("given", "profile"),
    [
        *((Format.JPEG, profile) for profile in PROFILES),
        *((Format.PNG, profile) for profile in PROFILES if profile != "CMYK"),
        *((Format.WEBP, profile) for profile in PROFILES if PROFILES[profile][0] == "RGB"),
    ],
)
def test_profile(profile: str, given: Format, output: Format, size: str) -> None:
    mode, icc = PROFILES[profile][0], PROFILES[profile][1]()
    factor, box = SIZES[size]
    options = {"quality": 100, "lossless": True} if given is Format.WEBP else {"quality": 100}
    if given is Format.JPEG and mode == "RGB":
        options |= {"subsampling": 0}
    data = file_of(mute(mode), given, icc_profile=icc, **options)

    result = derive(data, box, output)

    kept = files.icc_profile_of(result)
    if profile not in {"none", *MEANT} and given is output and size == "whole":
        # The file is unchanged. A profile for another colour space may remain, which viewers ignore.
        assert kept in {None, icc}
        assert off(decode_frames(result)[0], decode_frames(data)[0]) == 0
        return
    as_it_was = given is output and size == "whole"
    # An image without a profile is sRGB, so an sRGB profile is omitted.
    assert kept == (icc if keeps(profile, output) and (profile != "sRGB" or as_it_was) else None)
    plain = mute(mode).convert("RGB").convert("RGBA")
    wanted = render_srgb(data) if profile in MEANT else np.asarray(plain, dtype=np.float64)
    assert off(render_srgb(result)[..., :3], shrunk(wanted, factor)[..., :3]) < TOLERANCE[output]


# ---- animation ---------------------------------------------------------------------------------------------

MOVING = [Format.GIF, Format.PNG, Format.WEBP]
CANVAS = (32, 32)
WHOLE, LEFT, RIGHT = (0, 0, 32, 32), (0, 0, 16, 32), (16, 0, 16, 32)
COLOURS = {"red": (230, 20, 20), "green": (20, 200, 20), "blue": (20, 20, 230), "clear": (0, 255, 255)}
R, G, B, CLEAR = range(4)
KEEP, BACKGROUND, PREVIOUS = 1, 2, 3

type Step = tuple[tuple[int, int, int, int], int, int, int | None]

# Box, colour, disposal and transparency of the frames; and the expected look of both halves.
DISPOSALS: dict[str, tuple[list[Step], list[tuple[str, str]]]] = {
    "kept": (
        [(WHOLE, R, KEEP, None), (LEFT, G, KEEP, None), (RIGHT, B, KEEP, None)],
        [("red", "red"), ("green", "red"), ("green", "blue")],
    ),
    "unspecified is kept": (
        [(WHOLE, R, 0, None), (LEFT, G, 0, None), (RIGHT, B, 0, None)],
        [("red", "red"), ("green", "red"), ("green", "blue")],
    ),
    "cleared": (
        [(WHOLE, R, KEEP, None), (LEFT, G, BACKGROUND, None), (RIGHT, B, KEEP, None)],
        [("red", "red"), ("green", "red"), ("clear", "blue")],
    ),
    "cleared whole": (
        [(WHOLE, R, BACKGROUND, None), (LEFT, G, BACKGROUND, None), (RIGHT, B, KEEP, None)],
        [("red", "red"), ("green", "clear"), ("clear", "blue")],
    ),
    "restored": (
        [(WHOLE, R, KEEP, None), (LEFT, G, PREVIOUS, None), (RIGHT, B, KEEP, None)],
        [("red", "red"), ("green", "red"), ("red", "blue")],
    ),
    "restored to nothing": (
        [(LEFT, R, PREVIOUS, None), (RIGHT, G, KEEP, None), (LEFT, B, KEEP, None)],
        [("red", "clear"), ("clear", "green"), ("blue", "green")],
    ),
    "clear pixels let through": (
        [(LEFT, R, KEEP, None), (WHOLE, CLEAR, KEEP, CLEAR), (RIGHT, B, KEEP, None)],
        [("red", "clear"), ("red", "clear"), ("red", "blue")],
    ),
    "a first frame smaller than the canvas": (
        [(LEFT, R, KEEP, None), (RIGHT, G, KEEP, None), (LEFT, B, KEEP, None)],
        [("red", "clear"), ("red", "green"), ("blue", "green")],
    ),
    "beyond the canvas": (
        [(WHOLE, R, KEEP, None), ((16, 0, 90, 90), G, BACKGROUND, None), (LEFT, B, KEEP, None)],
        [("red", "red"), ("red", "green"), ("blue", "clear")],
    ),
    "one frame": ([(WHOLE, R, KEEP, None)], [("red", "red")]),
    "hundreds": (
        [(WHOLE, number % 3, KEEP, None) for number in range(200)],
        [
            (name, name)
            for _, name in zip(range(200), itertools.cycle(["red", "green", "blue"]), strict=False)
        ],
    ),
}


def gif_of(steps: list[Step]) -> bytes:
    frames = (files.gif_frame(box, colour, disposal=after, clear=key) for box, colour, after, key in steps)
    return files.gif(CANVAS, list(COLOURS.values()), *frames, loop=0)


def png_of(steps: list[Step]) -> bytes:
    """Return a frame with a palette whose last colour is transparent."""
    disposals = {0: 0, KEEP: 0, BACKGROUND: 1, PREVIOUS: 2}
    frames = [
        files.ApngFrame(box, (colour,), disposal=disposals[after], blend_over=True)
        for box, colour, after, _ in steps
    ]
    palette = b"".join(map(bytes, COLOURS.values()))
    return files.apng(CANVAS, 3, *frames, extra=[(b"PLTE", palette), (b"tRNS", b"\xff\xff\xff\0")])


def name_of(pixel: Pixels) -> str:
    """Return the name of the nearest colour, or "clear"."""
    if pixel[3] < 128:
        return "clear"
    return min(COLOURS, key=lambda name: float(np.abs(pixel[:3] - COLOURS[name]).sum()))


def sides(frame: Pixels) -> tuple[str, str]:
    """Return the colours in the middle of the left and the right half."""
    height, width = frame.shape[:2]
    return name_of(frame[height // 2, width // 4]), name_of(frame[height // 2, width * 3 // 4])


def count_frames(data: bytes) -> tuple[Pixels, ...]:
    """Return all frames: of an APNG by Pillow, since libvips decodes only the first."""
    if data[:4] != b"\x89PNG":
        return decode_frames(data)
    return tuple(np.asarray(frame, dtype=np.float64) for frame, _ in frames_of(data))


@pytest.mark.parametrize("size", ["half", "whole"])
@pytest.mark.parametrize("output", MOVING)
@pytest.mark.parametrize(
    ("given", "case"),
    # In a PNG no frame may extend beyond the canvas.
    [(gif_of, case) for case in DISPOSALS] + [(png_of, case) for case in DISPOSALS if "beyond" not in case],
)
def test_animation(given: Callable[[list[Step]], bytes], case: str, output: Format, size: str) -> None:
    steps, wanted = DISPOSALS[case]
    box = Box(width=16, height=16) if size == "half" else None

    result = derive(given(steps), box, output)

    if (given, output, size) in {(gif_of, Format.GIF, "whole"), (png_of, Format.PNG, "whole")}:
        # The file is unchanged: its frames are partial, and decoders other than browsers differ on them.
        result = derive(result, None, Format.WEBP)
    looks = [look for look, _ in itertools.groupby(map(sides, count_frames(result)))]
    assert looks == [look for look, _ in itertools.groupby(wanted)]


def moving(file_format: Format, durations: list[int], loop: int | None) -> bytes:
    """Return frames that all differ, with these durations and this loop count as the format encodes it."""
    frames = [gradient(64, 48).rotate(angle * 20) for angle in range(len(durations))]
    options = {} if loop is None else {"loop": loop}
    return file_of(
        frames[0], file_format, save_all=True, append_images=frames[1:], duration=durations, **options
    )


@pytest.mark.parametrize("output", MOVING)
@pytest.mark.parametrize("given", MOVING)
def test_every_frame_keeps_its_time(given: Format, output: Format) -> None:
    durations = [20, 500, 100, 70, 3000]
    derivative = transform(
        moving(given, durations, 0), Options(box=Box(width=16, height=16), output_format=output)
    )
    assert [duration for _, duration in frames_of(derivative.data)] == durations
    assert derivative.frames == 5


# Loop count (0: forever), and its encoding in each format.
LOOP_COUNTS: dict[Format, dict[int, int | None]] = {
    Format.GIF: {0: 0, 1: None, 2: 1, 4: 3, 65_536: 65_535},
    Format.PNG: {0: 0, 1: 1, 2: 2, 4: 4, 65_536: 65_536},
    Format.WEBP: {0: 0, 1: 1, 2: 2, 4: 4},
}


@pytest.mark.parametrize("output", MOVING)
@pytest.mark.parametrize("given", MOVING)
@pytest.mark.parametrize("loop_count", [0, 1, 2, 4])
def test_it_is_shown_as_often_as_before(loop_count: int, given: Format, output: Format) -> None:
    data = moving(given, [100, 100], LOOP_COUNTS[given][loop_count])
    derivative = transform(data, Options(box=Box(width=16, height=16), output_format=output))
    assert load(derivative.data).info.get("loop") == LOOP_COUNTS[output][loop_count]
