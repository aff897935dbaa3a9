"""Convolution in vector instructions, judged by Pillow's, and inputs that must not reach the extension."""

import hashlib
import json
import math
import platform
import random
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from cykooz_resizer import FilterType
from image_core import Box, Format, Options, transform
from image_core.convolution import Kernel, convolve
from PIL import Image

from tests.libs.image_core.images import file_of, frames_of

PROJECT = Path(__file__).parents[3]
LIBRARIES = [str(path) for path in (PROJECT / "libs").iterdir() if path.is_dir()]
MODES = ["L", "LA", "RGB", "RGBA", "CMYK"]
PILLOW_KERNELS = {
    Kernel.CATMULL_ROM: Image.Resampling.BICUBIC,
    Kernel.LANCZOS: Image.Resampling.LANCZOS,
}
# The major versions that were checked with each other. The extension reads a private structure of Pillow.
CHECKED_MAJORS = {"cykooz-resizer": 4, "pillow": 13}


def make_image(mode: str, size: tuple[int, int], seed: int = 1, *, contrast: float = 1.0) -> Image.Image:
    """Return a gradient with blocks of noise, in any mode."""
    bands = len(mode)
    noise = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], bands))
    smooth = np.linspace(0, 255, size[0])[None, :, None]
    samples = np.where(noise > 200, noise, smooth)
    samples = (127.5 + (samples - 127.5) * contrast).astype(np.uint8)
    return Image.frombytes(mode, size, samples.tobytes())


def premultiply(image: Image.Image) -> np.ndarray:
    """Return the samples as floats; colours by their alpha, because those of clear pixels are arbitrary."""
    samples = np.asarray(image, dtype=np.float64).reshape(image.height, image.width, -1).copy()
    if image.mode in {"LA", "RGBA"}:
        samples[:, :, :-1] *= samples[:, :, -1:] / 255
    return samples


class Resize(NamedTuple):
    """Arguments of a resize, and the seed of its image."""

    mode: str
    size: tuple[int, int]
    target: tuple[int, int]
    box: tuple[float, float, float, float]
    kernel: Kernel
    seed: int


def random_resizes() -> list[Resize]:
    """Return 200 resizes: to larger and smaller sizes, also of one pixel, a third with a box at an edge."""
    chosen = random.Random(11)  # noqa: S311 - reproducible
    resizes = []
    for number in range(200):
        size = (chosen.randint(1, 160), chosen.randint(1, 160))
        target = (chosen.randint(1, 120), chosen.randint(1, 120))
        match number % 16:
            case 0:
                size = (1, size[1])
            case 1:
                size = (size[0], 1)
            case 2:
                target = (1, target[1])
            case 3:
                target = (target[0], 1)
        left, top, right, bottom = 0.0, 0.0, float(size[0]), float(size[1])
        if number % 3 > 0:
            left, top = chosen.random() * right, chosen.random() * bottom
        if number % 3 > 1:
            right, bottom = left + chosen.random() * (right - left), top + chosen.random() * (bottom - top)
        kernel = chosen.choice(list(Kernel))
        box = (left, top, right, bottom)
        resizes.append(Resize(MODES[number % len(MODES)], size, target, box, kernel, number))
    return resizes


def digest_resizes() -> str:
    """Return the SHA-256 of the pixels of all resizes."""
    digest = hashlib.sha256()
    for each in random_resizes():
        image = make_image(each.mode, each.size, each.seed)
        digest.update(convolve(image, each.target, each.box, each.kernel).tobytes())
    return digest.hexdigest()


@pytest.mark.parametrize(
    ("contrast", "max_difference", "max_mean"),
    [
        (0.4, 3, 0.4),  # nothing is clipped, so only rounding differs
        (1.0, 64, 0.6),  # Pillow clips overshoot after the horizontal pass, the extension after the vertical
    ],
)
@pytest.mark.parametrize("mode", MODES)
def test_pixels_are_those_of_pillow(
    mode: str, contrast: float, max_difference: float, max_mean: float
) -> None:
    total, samples = 0.0, 0
    for each in (each for each in random_resizes() if each.mode == mode):
        image = make_image(mode, each.size, each.seed, contrast=contrast)
        resized = convolve(image, each.target, each.box, each.kernel)
        expected = image.resize(each.target, PILLOW_KERNELS[each.kernel], box=each.box)

        assert (resized.mode, resized.size, resized.info) == (mode, each.target, {})
        difference = np.abs(premultiply(resized) - premultiply(expected))
        assert difference.max() <= max_difference, each
        total, samples = total + difference.sum(), samples + difference.size
    assert total / samples <= max_mean


# The pixels of one version of cykooz-resizer. Other pixels need a higher OUTPUT_VERSION.
PIXELS_SHA256 = "0a4b8baeb31a0c95cd8ccafd934cac1d7891d8491e98e94cb97fe4e00bf144c4"
# Sets of instructions with their numbers in cykooz-resizer, and the flags of a CPU that has them.
INSTRUCTIONS: dict[str, tuple[int, set[str]]] = {
    "none": (1, set()),
    "SSE4.1": (2, {"sse4_1"}),
    "AVX2": (3, {"avx2"}),
}
# The extension executes any instructions that it is told to, so a process of its own chooses them.
DIGEST = """
import json, sys
sys.path[:0] = json.loads(sys.argv[2])
from image_core import convolution
from tests.libs.image_core.test_convolution import digest_resizes

make_resizer = convolution.RustResizer

def make_limited_resizer():
    resizer = make_resizer()
    resizer.set_cpu_extensions(int(sys.argv[1]))
    assert resizer.get_cpu_extensions() == int(sys.argv[1])
    return resizer

convolution.RustResizer = make_limited_resizer
print(digest_resizes())
"""


def test_pixels_change_only_with_the_version_of_the_output() -> None:
    assert digest_resizes() == PIXELS_SHA256


@pytest.mark.skipif(platform.machine() != "x86_64", reason="these are instructions of x86-64")
@pytest.mark.parametrize("name", INSTRUCTIONS)
def test_pixels_are_the_same_on_every_cpu(name: str) -> None:
    number, flags = INSTRUCTIONS[name]
    cpu = Path("/proc/cpuinfo")
    if not cpu.exists() or not flags <= set(cpu.read_text(encoding="utf-8").split()):
        pytest.skip(f"this CPU is not known to have {name}")
    command = [sys.executable, "-c", DIGEST, str(number), json.dumps([str(PROJECT), *LIBRARIES])]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - this Python, this code
    assert done.stdout.strip() == PIXELS_SHA256


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kernel", Kernel)
@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (2, 3), (7, 5)])
@pytest.mark.parametrize("target", [(1, 1), (1, 200), (200, 1), (3, 2), (60, 90)])
def test_one_colour_stays_one_colour(
    mode: str, kernel: Kernel, size: tuple[int, int], target: tuple[int, int]
) -> None:
    colour = (200, 100, 50, 255)[: len(mode)] if mode != "LA" else (200, 255)
    image = Image.new(mode, size, colour)
    resized = convolve(image, target, (0, 0, *size), kernel)
    assert resized.getcolors() == [(target[0] * target[1], colour if len(mode) > 1 else colour[0])]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("target", [(40, 700), (70, 333), (700, 65), (5, 701)])
def test_strips_join_without_a_seam(
    mode: str, target: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    image = make_image(mode, (90, 620))
    box = (3.3, 1.7, 90, 617.2)
    whole = convolve(image, target, box, Kernel.LANCZOS)
    monkeypatch.setattr("image_core.convolution._STRIP_PIXELS", 1)
    strips = convolve(image, target, box, Kernel.LANCZOS)
    assert np.abs(np.asarray(strips).astype(int) - np.asarray(whole)).max() <= 1
    assert np.mean(np.asarray(strips) != np.asarray(whole)) < 0.01


@pytest.mark.parametrize("kernel", Kernel)
@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_clear_pixels_have_no_colour(mode: str, kernel: Kernel) -> None:
    """The clear half is white: if colours were averaged without their alpha, the edge would get brighter."""
    image = Image.new(mode, (64, 64), (40, 255) if mode == "LA" else (40, 40, 40, 255))
    image.paste((255, 0) if mode == "LA" else (255, 255, 255, 0), (32, 0, 64, 64))
    resized = np.asarray(convolve(image, (13, 13), (0, 0, 64, 64), kernel)).astype(int)
    visible = resized[resized[:, :, -1] > 8]
    assert len(visible) >= 7 * 13
    assert np.abs(visible[:, :-1] - 40).max() <= 3


@pytest.mark.parametrize(
    "box",
    [
        (0, 0, 0, 10),
        (5, 5, 5, 10),
        (0, 7, 10, 3),
        (-0.1, 0, 10, 10),
        (0, -1, 10, 10),
        (0, 0, 20.01, 10),
        (0, 0, 20, 10.01),
        (20, 0, 21, 10),
        (math.nan, 0, 20, 10),
        (0, math.nan, 20, 10),
        (0, 0, math.nan, 10),
        (0, 0, 20, math.nan),
        (0, 0, math.inf, 10),
        (-math.inf, 0, 20, 10),
    ],
)
def test_a_box_beyond_the_image_is_refused(box: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="is not within an image of 20 x 10"):
        convolve(Image.new("L", (20, 10)), (5, 5), box, Kernel.LANCZOS)


@pytest.mark.parametrize("size", [(0, 5), (5, 0), (-1, 5)])
def test_a_size_without_pixels_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="sides of 1 pixel or more"):
        convolve(Image.new("L", (20, 10)), size, (0, 0, 20, 10), Kernel.LANCZOS)


@pytest.mark.parametrize("mode", ["1", "P", "PA", "I", "F", "I;16", "YCbCr", "La", "RGBa", "RGBX", "HSV"])
def test_a_mode_without_averages_is_refused(mode: str) -> None:
    with pytest.raises(ValueError, match=f"mode {mode} cannot be resized"):
        convolve(Image.new(mode, (20, 10)), (5, 5), (0, 0, 20, 10), Kernel.LANCZOS)


@pytest.mark.parametrize("mode", MODES)
def test_the_image_itself_is_not_changed(mode: str) -> None:
    made = make_image(mode, (40, 30))
    # The pixels of this image are the bytes themselves in the modes with four bytes a pixel.
    image = Image.frombuffer(mode, made.size, made.tobytes(), "raw", mode, 0, 1)
    resized = convolve(image, (13, 7), (0, 0, 40, 30), Kernel.LANCZOS)
    assert image.tobytes() == made.tobytes()
    assert not resized.readonly
    same = convolve(image, made.size, (0, 0, 40, 30), Kernel.LANCZOS)
    same.paste(0, (0, 0, 40, 30))
    assert image.tobytes() == made.tobytes()


def test_a_child_process_of_another_thread_resizes() -> None:
    """As in edge_resize: a thread imports the extension, and a forked child of the main thread calls it."""
    code = """
import sys, threading
sys.path[:0] = sys.argv[1:]
from lambda_runtime import Deadline, run_in_child

def resize():
    from image_core.convolution import Kernel, convolve
    from PIL import Image
    image = Image.new("RGB", (900, 700), "red")
    return convolve(image, (90, 70), (0, 0, 900, 700), Kernel.LANCZOS).getpixel((4, 4))

thread = threading.Thread(target=resize)
thread.start()
thread.join()
print(run_in_child(resize, Deadline.after(60)), resize())
"""
    command = [sys.executable, "-c", code, *LIBRARIES]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)  # noqa: S603 - this Python, this code
    assert done.stdout == "(255, 0, 0) (255, 0, 0)\n"


def test_frames_of_an_animation_are_resized_one_by_one() -> None:
    images = [make_image("RGBA", (60, 40), seed) for seed in range(3)]
    data = file_of(images[0], "PNG", save_all=True, append_images=images[1:], duration=70)
    derivative = transform(data, Options(box=Box(width=30, height=20), output_format=Format.PNG))
    frames = frames_of(derivative.data)
    assert len(frames) == 3
    for (frame, _), image in zip(frames, images, strict=True):
        expected = convolve(image, (30, 20), (0, 0, 60, 40), Kernel.CATMULL_ROM)
        assert np.abs(premultiply(frame) - premultiply(expected)).max() <= 1


def test_kernels_have_the_numbers_of_the_library() -> None:
    assert (FilterType.catmull_rom.value, FilterType.lanczos3.value) == (Kernel.CATMULL_ROM, Kernel.LANCZOS)


def test_the_installed_major_versions_were_checked_with_each_other() -> None:
    installed = {name: int(version(name).partition(".")[0]) for name in CHECKED_MAJORS}
    assert installed == CHECKED_MAJORS, "compare both again: struct ImagingMemoryInstance, pixels and memory"


LOCKS = ["requirements-bench.txt", "requirements-dev.txt"]
LOCKS += [f"functions/{name}/requirements.txt" for name in ("edge_resize", "object_lambda", "s3_trigger")]


@pytest.mark.parametrize("lock", LOCKS)
def test_both_are_pinned_by_hash_in_each_lock(lock: str) -> None:
    text = (PROJECT / lock).read_text(encoding="utf-8")
    for name, major in CHECKED_MAJORS.items():
        assert re.search(rf"^{name}=={major}\.[\d.]+ \\\n    --hash=sha256:", text, re.MULTILINE)


def test_another_major_version_of_pillow_is_refused_before_a_pixel_is_read() -> None:
    code = "import sys; sys.path[:0] = sys.argv[1:]; import PIL.Image; PIL.__version__ = '14.0.0'\n"
    code += "import image_core.convolution"
    command = [sys.executable, "-c", code, *LIBRARIES]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - this Python, this code
    assert (
        "ImportError: cykooz-resizer 4 was checked with Pillow 13, and this is Pillow 14.0.0" in done.stderr
    )
