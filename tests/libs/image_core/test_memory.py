"""The estimate of memory is no less than the memory that a transform takes."""

import struct
import zlib
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from image_core import Box, Fit, Format, Limits, Options, TooMuchMemory, transform
from PIL import Image

from tests.libs.image_core import bombs, files
from tests.libs.image_core.conftest import Measure, needs_proc
from tests.libs.image_core.images import file_of
from tests.libs.image_core.test_matrix import exif

SIDE = 1600


def noise(bands: int) -> Image.Image:
    """Return noise, for which encoders need most memory."""
    samples = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE, bands), dtype=np.uint8)
    return Image.fromarray(samples)


@cache
def png_of_noise(mode: str) -> bytes:
    """Return a PNG without compression."""
    return file_of(noise(4).convert(mode), "PNG", compress_level=0)


def indexed(colours: int) -> Image.Image:
    """Return noise with a palette. Pillow would take three seconds to find a palette for noise."""
    generator = np.random.default_rng(1)
    image = Image.fromarray(generator.integers(0, colours, (SIDE, SIDE), dtype=np.uint8), "P")
    image.putpalette(generator.integers(0, 256, 3 * colours, dtype=np.uint8).tobytes())
    return image


def small() -> Image.Image:
    """Return noise that takes little memory itself."""
    return noise(3).crop((0, 0, SIDE // 4, SIDE // 4))


def lying() -> Image.Image:
    return noise(3).resize((SIDE * 2, SIDE // 4), Image.Resampling.NEAREST)


def make_keyed(mode: str) -> bytes:
    """Return a PNG of one colour, which is transparent."""
    image = Image.new(mode, (SIDE, SIDE))
    return file_of(image, "PNG", transparency=image.getpixel((0, 0)))


def large(icc_profile: bytes) -> bytes:
    """Return a profile that is too large to be kept."""
    length = 100_000
    return length.to_bytes(4) + icc_profile[4:].ljust(length - 4, b"\0")


def animation(file_format: str, mode: str = "RGBA") -> bytes:
    image = noise(4).resize((SIDE // 4, SIDE // 4), Image.Resampling.NEAREST).convert(mode)
    frames = [image.rotate(90 * turn) for turn in range(16)]
    return file_of(frames[0], file_format, save_all=True, append_images=frames[1:], duration=70, method=0)


@cache
def avif_of_noise() -> bytes:
    return file_of(noise(4), "AVIF", quality=50, subsampling="4:4:4", speed=10, max_threads=1)


def small_animated_avif() -> bytes:
    """Return frames with alpha that are small beside the buffers of the encoder."""
    frames = [noise(4).crop((0, 0, 100, 100)).rotate(90 * turn) for turn in range(5)]
    options = {"speed": 10, "max_threads": 1, "duration": 70}
    return file_of(frames[0], "AVIF", save_all=True, append_images=frames[1:], **options)


def graphic() -> bytes:
    """Return an image that is half noise and half flat."""
    image = Image.new("RGB", (SIDE, SIDE))
    image.paste(noise(3).resize((SIDE * 2 // 5, SIDE)))
    return file_of(image, "PNG", compress_level=0)


def small_graphic_with_alpha() -> bytes:
    """Return half noise in grey and alpha, half white, in almost as many tiles as WebP encodes."""
    image = Image.new("LA", (400, 400), (255, 255))
    image.paste(noise(4).convert("LA").crop((0, 0, 160, 400)))
    return file_of(image, "PNG", compress_level=0)


def few_colours() -> bytes:
    """Return noise of 200 colours beside a flat area, in full colour."""
    image = indexed(200).convert("RGB")
    image.paste(0, (SIDE // 3, 0, SIDE, SIDE))
    return file_of(image, "PNG", compress_level=0)


def many_frames_with_a_profile() -> bytes:
    """Return small frames with one large profile for all."""
    # sRGB with red and blue swapped, which has to be kept.
    profile = files.SRGB.replace(b"rXYZ", b"swap").replace(b"bXYZ", b"rXYZ").replace(b"swap", b"bXYZ")
    profile = struct.pack(">I", 60_000) + profile[4:].ljust(60_000 - 4, b"\1")
    packed = (b"iCCP", b"icc\0\0" + zlib.compress(profile))
    frames = [files.ApngFrame((0, 0, 48, 48), (number % 2 * 200,) * 3) for number in range(600)]
    return files.apng((48, 48), 2, *frames, extra=[packed])


# Output format, original, and side of the box (0: none).
CASES: dict[str, tuple[Callable[[], bytes], Format, int]] = {
    "RGBA to WebP": (lambda: png_of_noise("RGBA"), Format.WEBP, 0),
    "LA to WebP by a profile": (
        lambda: file_of(noise(4).convert("LA"), "PNG", icc_profile=files.grey_profile(1.0)),
        Format.WEBP,
        0,
    ),
    "LA larger by a profile": (
        lambda: file_of(noise(4).convert("LA"), "PNG", icc_profile=large(files.grey_profile(1.0))),
        Format.JPEG,
        1700,
    ),
    "LA smaller": (lambda: png_of_noise("LA"), Format.PNG, 1500),
    "LA far smaller": (lambda: png_of_noise("LA"), Format.PNG, 20),
    "CMYK smaller": (lambda: file_of(noise(4).convert("CMYK"), "JPEG"), Format.JPEG, 1500),
    "16 bits with a clear colour smaller": (lambda: make_keyed("I;16"), Format.PNG, 1500),
    "PNG animation of LA smaller": (lambda: animation("PNG", "LA"), Format.PNG, SIDE // 4 - 9),
    "PNG animation to GIF": (lambda: animation("PNG", "RGB"), Format.GIF, 0),
    "runs of grey": (lambda: bombs.rle_bmp(4000, 1000, 250, grey=True), Format.WEBP, 200),
    "graphic to WebP": (graphic, Format.WEBP, 0),
    "small graphic with alpha to WebP": (small_graphic_with_alpha, Format.WEBP, 0),
    "few colours to WebP": (few_colours, Format.WEBP, 0),
    "few colours to PNG": (few_colours, Format.PNG, 0),
    "1 bit to WebP": (lambda: file_of(noise(3).convert("1"), "PNG"), Format.WEBP, SIDE - 9),
    "graphic to AVIF": (graphic, Format.AVIF, 1400),
    "RGB to AVIF": (lambda: png_of_noise("RGB"), Format.AVIF, 0),
    "RGB to WebP": (lambda: png_of_noise("RGB"), Format.WEBP, 0),
    "RGB to GIF": (lambda: png_of_noise("RGB"), Format.GIF, 0),
    "RGB to GIF, enlarged": (lambda: file_of(small(), "BMP"), Format.GIF, 700),
    "palette to PNG, enlarged": (
        lambda: file_of(small().quantize(256, Image.Quantize.FASTOCTREE), "PNG"),
        Format.PNG,
        700,
    ),
    "RGBA to JPEG": (lambda: png_of_noise("RGBA"), Format.JPEG, 0),
    "RGBA smaller": (lambda: png_of_noise("RGBA"), Format.PNG, 300),
    "RGB half": (lambda: png_of_noise("RGB"), Format.JPEG, SIDE // 2),
    "palette to BMP": (lambda: file_of(indexed(64), "PNG"), Format.BMP, 0),
    "L with a clear colour": (lambda: make_keyed("L"), Format.PNG, 1200),
    "L with a clear colour smaller": (lambda: make_keyed("L"), Format.JPEG, 100),
    "1 bit with a clear colour smaller": (lambda: make_keyed("1"), Format.JPEG, 100),
    "RGB with a clear colour": (lambda: make_keyed("RGB"), Format.JPEG, 0),
    "RGB with a clear colour smaller": (lambda: make_keyed("RGB"), Format.JPEG, 100),
    "16 bits with a clear colour": (lambda: make_keyed("I;16"), Format.PNG, 0),
    "progressive JPEG smaller": (
        lambda: file_of(noise(3), "JPEG", quality=50, subsampling=0, progressive=True),
        Format.JPEG,
        200,
    ),
    "CMYK to GIF": (lambda: file_of(noise(4).convert("CMYK"), "JPEG"), Format.GIF, 0),
    "WebP with alpha smaller": (lambda: file_of(noise(4), "WEBP", method=0), Format.JPEG, 200),
    "WebP smaller": (lambda: file_of(noise(3), "WEBP", method=0), Format.JPEG, 200),
    "lossless WebP smaller": (
        lambda: file_of(noise(4), "WEBP", lossless=True, quality=0, method=0),
        Format.JPEG,
        200,
    ),
    "WebP animation to JPEG": (lambda: animation("WEBP"), Format.JPEG, 0),
    "WebP with alpha to GIF": (lambda: file_of(noise(4), "WEBP", method=0), Format.GIF, 0),
    "AVIF with alpha smaller": (avif_of_noise, Format.JPEG, 200),
    "AVIF with alpha to GIF": (avif_of_noise, Format.GIF, 0),
    "WebP of groups of codes": (lambda: bombs.webp_of_groups(512), Format.JPEG, 100),
    "WebP with alpha of groups of codes": (lambda: bombs.webp_of_alpha_groups(512), Format.JPEG, 100),
    "GIF to WebP": (lambda: file_of(indexed(256), "GIF"), Format.WEBP, 0),
    "GIF animation to PNG": (lambda: animation("GIF"), Format.PNG, 0),
    "PNG animation to WebP": (lambda: animation("PNG"), Format.WEBP, 0),
    "small AVIF animation to AVIF": (small_animated_avif, Format.AVIF, 90),
    "WebP animation to PNG": (lambda: animation("WEBP"), Format.PNG, 0),
    "a line of L": (lambda: bombs.png_of_zeros(1, 2_000_000, 0), Format.JPEG, 100),
    "a line of RGBA": (lambda: bombs.png_of_zeros(1, 2_000_000, 6), Format.JPEG, 100),
    "a line to a line": (lambda: bombs.png_of_zeros(1, 1_000_000, 0), Format.BMP, 0),
    "a line of AVIF to AVIF": (
        lambda: file_of(noise(4).crop((0, 0, SIDE, 8)), "AVIF", speed=10, max_threads=1),
        Format.AVIF,
        1,
    ),
    "PNG animation with a profile": (many_frames_with_a_profile, Format.PNG, 24),
    "a line to a square": (
        lambda: file_of(noise(3).resize((1, 60_000)), "PNG"),
        Format.JPEG,
        SIDE,
    ),
}


# A landscape image and a portrait box, which only the transposed image fills.
TRANSPOSED: dict[str, Callable[[], bytes]] = {
    "PNG transposed": lambda: file_of(lying(), "PNG", exif=exif(6), compress_level=1),
    "PNG transposed behind the pixels": lambda: files.with_png_chunk(
        file_of(lying(), "PNG", compress_level=1), b"eXIf", exif(8)[6:], before=b"IEND"
    ),
    "PNG animation transposed": lambda: file_of(
        lying(),
        "PNG",
        exif=exif(6),
        save_all=True,
        append_images=[lying().rotate(180)],
        compress_level=1,
    ),
    "JPEG transposed": lambda: file_of(lying(), "JPEG", exif=exif(6)),
    "WebP transposed": lambda: file_of(lying(), "WEBP", exif=exif(5), method=0),
}


@needs_proc
@pytest.mark.parametrize("name", CASES)
def test_the_estimate_is_no_less_than_the_peak(
    name: str, measure: Measure, record_property: Callable[[str, object], None]
) -> None:
    make, output, side = CASES[name]
    box = Box(width=side, height=side) if side else None
    options = Options(box=box, fit=Fit.FILL, output_format=output)

    record_property("measured", f"{name:36} {peak_and_refusal(make(), options, measure)}")


@needs_proc
@pytest.mark.parametrize("name", TRANSPOSED)
def test_the_estimate_knows_how_large_a_turned_image_becomes(
    name: str, measure: Measure, record_property: Callable[[str, object], None]
) -> None:
    lies = lying()
    box = Box(width=lies.height, height=lies.width, swap_for_portrait=False)
    options = Options(box=box, output_format=Format.WEBP)

    record_property("measured", f"{name:36} {peak_and_refusal(TRANSPOSED[name](), options, measure)}")


def test_the_refusal_names_the_remedy() -> None:
    options = Options(box=None, output_format=Format.WEBP, limits=Limits(max_memory_bytes=SIDE))

    with pytest.raises(
        TooMuchMemory, match=r"bytes of memory, .*: use a smaller width or a smaller original\.$"
    ):
        transform(file_of(noise(3), "PNG"), options)


def peak_and_refusal(data: bytes, options: Options, measure: Measure) -> str:
    """Return the peak memory of a transform, after checking that this limit refuses the file."""
    peak_bytes = measure(data, options).own_bytes

    with pytest.raises(TooMuchMemory) as caught:
        transform(data, options._replace(limits=Limits(max_memory_bytes=max(1, peak_bytes))))
    return f"{peak_bytes:>12,} B at the peak. {caught.value.reason}"


def test_a_short_alpha_channel_of_a_long_webp_counts_little() -> None:
    derivative = noise(3)
    derivative.putalpha(128)
    options = Options(
        box=Box(width=100, height=100),
        output_format=Format.JPEG,
        limits=Limits(max_memory_bytes=16 * SIDE * SIDE),
    )

    assert transform(file_of(derivative, "WEBP", quality=90, method=0), options).width == 100
