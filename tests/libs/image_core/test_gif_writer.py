"""Animated GIFs play back as the frames that they were written from."""

import itertools
import shutil
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from image_core import TransformTooSlow
from image_core.gif_writer import write_animation
from image_core.limits import TimeLimit
from image_format import gif
from PIL import Image

from tests.libs.image_core.images import frames_of, load

type Frames = npt.NDArray[np.uint8]

NO_LIMIT = TimeLimit(None)
COUNT, HEIGHT, WIDTH = 8, 24, 40
CLEAR = 5
KEEP, BACKGROUND, PREVIOUS = 1, 2, 3


def blank(index: int = CLEAR) -> Frames:
    return np.full((COUNT, HEIGHT, WIDTH), index, dtype=np.uint8)


def noise(colours: int = CLEAR, seed: int = 1) -> Frames:
    return np.random.default_rng(seed).integers(0, colours, (COUNT, HEIGHT, WIDTH), dtype=np.uint8)


def moving_sprite(background: Frames) -> Frames:
    """Return the background alone, then with 8 x 8 pixels that move over it."""
    frames = background.copy()
    for number, frame in enumerate(frames[1:]):
        frame[6:14, number * 4 : number * 4 + 8] = noise()[0, :8, :8]
    return frames


def growing() -> Frames:
    frames = blank()
    for number, frame in enumerate(frames):
        frame[:, : 5 * number + 5] = noise()[0, :, : 5 * number + 5]
    return frames


def still_noise() -> Frames:
    return np.repeat(noise()[:1], COUNT, axis=0)


def blinking() -> Frames:
    frames = moving_sprite(still_noise())
    frames[1::2] = CLEAR
    return frames


def shrinking_over_sprite() -> Frames:
    """Pixels become transparent in one place and change in another, so that the box grows."""
    frames = blank()
    for number, frame in enumerate(frames):
        frame[2:6, : 5 * (COUNT - number)] = 1
        frame[18:, number : number + 4] = 2
        frame[10, 20] = number % 2
    return frames


ANIMATIONS: dict[str, Callable[[], Frames]] = {
    "sprite": lambda: moving_sprite(blank()),
    "sprite over background": lambda: moving_sprite(still_noise()),
    "growing": growing,
    "shrinking": lambda: growing()[::-1],
    "blinking": blinking,
    "box that grows": shrinking_over_sprite,
    "noise": noise,
    "noise with holes": lambda: noise(CLEAR + 1),
    "one pixel": lambda: noise(CLEAR + 1)[:, :1, :1],
    **{
        f"few pixels {seed}": lambda seed=seed: noise(CLEAR + 1, seed)[:, :2, :2]  # type: ignore[misc]
        for seed in range(20)
    },
    "first frame is transparent": lambda: np.roll(blinking(), 1, axis=0),
    "opaque, then transparent": lambda: np.stack([still_noise()[0], *growing()[:3]]),
}


def images_of(frames: Frames, colours: int = CLEAR + 1) -> list[Image.Image]:
    """Return the frames as P, without those that equal the one before."""
    distinct = [
        frames[0],
        *(image for before, image in itertools.pairwise(frames) if (before != image).any()),
    ]
    images = [Image.fromarray(frame) for frame in distinct]
    for image in images:
        image.putpalette(
            [level for index in range(colours) for level in (index, 255 - index, 3 * index % 256)]
        )
        image.info["transparency"] = CLEAR
    return images


def write(images: list[Image.Image], repeats: int | None = 0) -> bytes:
    return write_animation(images, [10 * (number + 1) for number in range(len(images))], repeats, NO_LIMIT)


def visible(image: Image.Image) -> npt.NDArray[np.uint8]:
    """Return RGBA, with zeros for transparent pixels."""
    pixels = np.array(image.convert("RGBA"))
    pixels[pixels[..., 3] == 0] = 0
    return pixels


def disposals(data: bytes) -> list[int]:
    return [block.whole[3] >> 2 & 7 for block in gif.blocks(data) if block.kind == gif.Kind.GRAPHIC_CONTROL]


@pytest.mark.parametrize("name", ANIMATIONS)
def test_frames_play_back_as_they_were(name: str) -> None:
    images = images_of(ANIMATIONS[name]())

    shown = frames_of(write(images))

    assert [duration for _, duration in shown] == [10 * (number + 1) for number in range(len(images))]
    for (frame, _), image in zip(shown, images, strict=True):
        assert (visible(frame) == visible(image)).all()


@pytest.mark.skipif(not shutil.which("gifsicle"), reason="gifsicle is not installed")
def test_gifsicle_plays_the_same_frames(tmp_path: Path) -> None:
    """All animations in one file, so that the program starts once."""
    images = images_of(np.concatenate([make() for make in ANIMATIONS.values() if make().shape[1] == HEIGHT]))
    command = ["gifsicle", "--unoptimize", "--explode", "--no-warnings", "--output", str(tmp_path / "frame")]

    subprocess.run(command, input=write(images), check=True)  # noqa: S603 - the peer, on a file of the test

    files = sorted(tmp_path.iterdir())
    for file, image in zip(files, images, strict=True):
        assert (visible(load(file.read_bytes())) == visible(image)).all()


@pytest.mark.parametrize(
    ("name", "used"),
    [
        ("growing", {KEEP}),
        ("sprite over background", {KEEP, PREVIOUS}),
        ("shrinking", {KEEP, BACKGROUND}),
        ("box that grows", {KEEP, BACKGROUND}),
    ],
)
def test_disposal_is_chosen_for_each_frame(name: str, used: set[int]) -> None:
    assert set(disposals(write(images_of(ANIMATIONS[name]())))) == used


@pytest.mark.parametrize("name", ["sprite", "sprite over background"])
def test_a_thing_that_moves_costs_its_own_pixels(name: str) -> None:
    images = images_of(ANIMATIONS[name]())

    # 8 x 8 pixels of noise in 6 colours, and 18 bytes for the blocks of a frame.
    assert len(write(images)) - len(write(images[:1])) < (COUNT - 1) * 60


def corners() -> Frames:
    """Return noise, of which two pixels in opposite corners change."""
    frames = still_noise()
    frames[1::2, 0, 0] = frames[1::2, -1, -1] = CLEAR - 1
    frames[::2, 0, 0] = frames[::2, -1, -1] = 0
    return frames


@pytest.mark.parametrize(
    "frames", [corners(), np.stack([noise()[0], blank(index=1)[0]])], ids=["corners", "plain"]
)
def test_unchanged_pixels_are_transparent_where_that_is_shorter(frames: Frames) -> None:
    images = images_of(frames)

    assert len(write(images)) - len(write(images[:1])) < (len(images) - 1) * 120


@pytest.mark.parametrize("colours", [6, 8, 9, 128, 129, 256])
def test_codes_are_as_short_as_the_palette_allows(colours: int) -> None:
    images = images_of(noise(colours), colours)

    data = write(images)

    assert (Image.open(BytesIO(data)).getpalette() or [])[: 3 * colours] == images[0].getpalette()
    assert gif.header_bytes(data) == 13 + 3 * 2 ** (colours - 1).bit_length()
    for (frame, _), image in zip(frames_of(data), images, strict=True):
        opaque = np.asarray(image) != CLEAR
        assert (visible(frame)[opaque] == visible(image)[opaque]).all()


def test_writing_ends_with_the_time() -> None:
    times = iter([1.0] * 8)

    with pytest.raises(TransformTooSlow):
        write_animation(
            images_of(noise()), [10] * COUNT, repeats=0, time_limit=TimeLimit(lambda: next(times, -1.0))
        )
