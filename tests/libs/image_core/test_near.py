"""Colours of an animated GIF that are near the exact ones."""

import itertools
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pytest
from image_core import Format, Options, TransformTooSlow, transform
from image_core.limits import TimeLimit
from image_core.near import repeat_indices
from image_core.palette import quantize_with_shared_palette
from PIL import Image, ImageDraw

from tests.libs.image_core.images import file_of, frames_of, gradient

NO_LIMIT = TimeLimit(None)
SIZE = (160, 120)
AS_GIF = Options(box=None, output_format=Format.GIF)


def noisy(levels: int, count: int = 8) -> list[Image.Image]:
    """Return frames of a gradient, with noise of up to so many levels and a square that moves."""
    random = np.random.default_rng(3)
    frames = []
    for number in range(count):
        image = gradient(*SIZE)
        ImageDraw.Draw(image).rectangle((number * 16, 40, number * 16 + 20, 60), "white")
        noise = random.integers(-levels, levels + 1, (SIZE[1], SIZE[0], 3))
        frames.append(Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8)))
    return frames


def animation(frames: list[Image.Image]) -> bytes:
    return file_of(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=100)


def with_palette(images: list[Image.Image], greys: Iterable[int]) -> list[Image.Image]:
    palette = Image.new("P", (1, 1))
    palette.putpalette([band for grey in greys for band in (grey, grey, grey)])
    return [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]


def distance(image: Image.Image, indexed: Image.Image) -> npt.NDArray[np.int64]:
    """Return the largest difference of red, green and blue of each pixel."""
    difference = np.asarray(image.convert("RGB"), dtype=np.int64) - np.asarray(indexed.convert("RGB"))
    return np.asarray(np.abs(difference).max(axis=-1))


def test_noise_does_not_repeat_a_still_background() -> None:
    frames = noisy(levels=2)
    one = len(transform(file_of(frames[0], "PNG"), AS_GIF).data)

    made = transform(animation(frames), AS_GIF)

    # 4.4 with an index for each pixel of each frame.
    assert len(made.data) < 2.5 * one
    assert made.frames == len(frames)


def test_frames_of_nearly_one_colour_keep_their_durations() -> None:
    """The field for the duration of a frame ends at 655.35 seconds."""
    frames = [
        gradient(*SIZE).point([max(0, level - number % 2) for level in range(256)] * 3)
        for number in range(16)
    ]
    minutes = file_of(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=60_000)

    made = frames_of(transform(minutes, AS_GIF).data)

    assert sum(duration for _, duration in made) == 16 * 60_000


def panning(width: int, count: int = 6) -> list[Image.Image]:
    """Return frames of a gradient with coarse texture that pans by 7 pixels."""
    random = np.random.default_rng(4)
    texture = Image.fromarray(random.integers(0, 256, (30, 60, 3), dtype=np.uint8)).resize((480, 240))
    wide = Image.blend(gradient(480, 240), texture, 0.2)
    return [wide.crop((number * 7, 0, number * 7 + width, 120)) for number in range(count)]


@pytest.mark.parametrize(
    "images",
    [
        *(noisy(levels) for levels in (1, 3, 6, 40)),
        *(panning(width) for width in (1, 3, 4, 7, 8, 13, 160)),
        [image.convert("L") for image in panning(21)],
    ],
)
def test_no_colour_is_much_worse_than_the_nearest_one(images: list[Image.Image]) -> None:
    indexed = quantize_with_shared_palette(images)

    for repeated in repeat_indices(images, indexed, NO_LIMIT):
        for image, nearest, frame in zip(images, indexed, repeated, strict=True):
            least = distance(image, nearest)
            assert (distance(image, frame) <= np.where(least, np.maximum(4, least + 2), 0)).all()


def test_runs_keep_transparent_pixels() -> None:
    """The grey that stands for transparency is near the visible one."""
    columns = np.random.default_rng(5).integers(0, 2, (6, 120, 160), dtype=np.uint8) * 255
    images = []
    for alpha in columns:
        image = Image.new("RGBA", SIZE, (2, 2, 2, 255))
        image.putalpha(Image.fromarray(alpha))
        images.append(image)
    indexed = quantize_with_shared_palette(images)

    for repeated in repeat_indices(images, indexed, NO_LIMIT):
        for image, frame in zip(images, repeated, strict=True):
            assert frame.convert("RGBA").getchannel("A").tobytes() == image.getchannel("A").tobytes()


def test_a_slow_change_does_not_add_up() -> None:
    images = [Image.new("RGB", SIZE, (level, level, level)) for level in range(101, 161, 2)]
    indexed = with_palette(images, range(100, 160, 2))

    held, *_ = repeat_indices(images, indexed, NO_LIMIT)

    assert {distance(image, frame).max() for image, frame in zip(images, held, strict=True)} == {1, 3}


def test_colours_of_the_palette_stay_exact() -> None:
    """Two greys that differ by less than what is held elsewhere."""
    images = [Image.new("RGB", SIZE, (246, 246, 246)) for _ in range(3)]
    ImageDraw.Draw(images[1]).rectangle((20, 20, 60, 60), (249, 249, 249))
    indexed = with_palette(images, [246, 249])

    held, *_ = repeat_indices(images, indexed, NO_LIMIT)

    assert [frame.tobytes() for frame in held] == [frame.tobytes() for frame in indexed]


GROWING = [10, 40, 90, 160]


@pytest.mark.parametrize(
    "widths", [GROWING, GROWING[::-1], [90, 90, 90], [0, 160, 0, 160], [160, 90, 120, 120]]
)
@pytest.mark.parametrize("grey", [0, 1, 255])
def test_transparency_comes_and_goes_where_it_did(widths: list[int], grey: int) -> None:
    """The palette's index of transparency has a grey of its own, which must not be taken for a colour."""
    frames = []
    for number, width in enumerate(widths):
        image = Image.new("RGBA", SIZE)
        image.paste((grey, grey, grey, 255), (0, 0, width, SIZE[1]))
        image.paste((number, 0, 200, 255), (0, 0, min(width, 8), 8))
        frames.append(image)

    made = frames_of(transform(animation(frames), AS_GIF).data)

    assert sum(duration for _, duration in made) == 100 * len(frames)
    shown = list(itertools.chain.from_iterable([image] * (duration // 100) for image, duration in made))
    for image, frame in zip(shown, frames, strict=True):
        assert image.getchannel("A").tobytes() == frame.getchannel("A").tobytes()
        assert distance(Image.alpha_composite(frame, image), frame).max() <= 16


def test_frames_that_only_grow_keep_the_one_before() -> None:
    """A photograph appears column by column: cleared, each frame would repeat all columns before."""
    photograph = gradient(*SIZE).convert("RGBA")
    frames = []
    for width in range(16, SIZE[0] + 1, 16):
        image = Image.new("RGBA", SIZE)
        image.paste(photograph.crop((0, 0, width, SIZE[1])))
        frames.append(image)
    last = len(transform(file_of(frames[-1], "PNG"), AS_GIF).data)

    # 5.4 if each frame is cleared.
    assert len(transform(animation(frames), AS_GIF).data) < 2.5 * last


def test_the_search_ends_with_the_time() -> None:
    images = noisy(levels=1)
    indexed = quantize_with_shared_palette(images)

    with pytest.raises(TransformTooSlow):
        repeat_indices(images, indexed, TimeLimit(lambda: -1.0))
