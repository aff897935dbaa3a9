"""ICC profiles: the part that littleCMS gets is bounded, and converts like the whole profile."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from image_core.icc import convert_to_srgb, read_profile
from image_core.limits import TimeLimit
from PIL import Image, ImageCms

from tests.libs.image_core import files
from tests.libs.image_core.images import file_of, gradient
from tools.fuzz import profiles
from tools.fuzz.profiles import Tag
from tools.paths import PACKAGES

PROJECT = Path(__file__).parents[3]
CASES = PROJECT / "tests" / "cases"

# A hundred times the usual time, after which the kernel ends the process.
CPU_SECONDS = 10
MEMORY_MB = 150
CODE = """
import json, re, resource, sys
from pathlib import Path
from image_core import Format, Options, transform

resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[1]), int(sys.argv[1])))
told = []
for path in sys.argv[2:]:
    image = transform(Path(path).read_bytes(), Options(box=None, output_format=Format.BMP))
    told.append(f"{image.width} x {image.height}")
# Not ru_maxrss, which starts at the peak of the parent process.
peak = re.search(r"^VmHWM:\\s+(\\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
print(json.dumps([told, int(peak[1]) // 1024]))
"""

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="the peak of memory is read from /proc"
)


def transform_all(paths: list[Path]) -> tuple[list[str], int]:
    """Return the sizes of the images, and the peak memory of the process in MB."""
    run = subprocess.run(  # noqa: S603 - this Python, this code
        [sys.executable, "-c", CODE, str(CPU_SECONDS), *map(str, paths)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, PACKAGES))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, f"ended with {run.returncode}: {run.stderr}"
    told, peak_mb = json.loads(run.stdout)
    return told, peak_mb


@needs_proc
@pytest.mark.parametrize("name", ["icc-time-bomb-cmyk.jpg", "icc-memory-bomb-cmyk.jpg"])
def test_a_profile_that_burns_time_or_memory_is_left_out(name: str) -> None:
    told, peak_mb = transform_all([CASES / name])
    assert told == ["8 x 8"]
    assert peak_mb < MEMORY_MB


@needs_proc
def test_crafted_profiles_cost_little(tmp_path: Path) -> None:
    paths = []
    for number, (_, data) in enumerate(profiles.costly(36)):
        mode = {b"GRAY": "L", b"RGB ": "RGB", b"CMYK": "CMYK"}[data[16:20]]
        path = tmp_path / f"{number}.jpg"
        path.write_bytes(file_of(gradient(64, 64).convert(mode), "JPEG", icc_profile=data[:16_000_000]))
        paths.append(path)
    told, peak_mb = transform_all(paths)
    assert told == ["64 x 64"] * len(paths)
    assert peak_mb < MEMORY_MB + 64


CURVE = profiles.curve(563)
TABLE = profiles.table_of_16_bits(4, 3, 9)
BACK = profiles.table_of_16_bits(3, 4, 9)
SET = CURVE * 4


def inks(*tags: Tag) -> bytes:
    return profiles.profile(b"CMYK", *tags, kind=b"prtr", connection=b"Lab ")


@pytest.mark.parametrize(
    ("data", "accepted"),
    [
        (profiles.profile(b"RGB ", *profiles.matrix(CURVE, CURVE, CURVE)), True),
        (profiles.profile(b"GRAY", Tag(b"kTRC", profiles.formula(0, 0x20000))), True),
        (inks(Tag(b"A2B0", TABLE), Tag(b"B2A0", BACK)), True),
        (inks(Tag(b"A2B0", profiles.table_of_8_bits(4, 3, 9))), True),
        (inks(Tag(b"A2B0", profiles.elements(4, [9] * 4, 2, SET))), True),
        (inks(Tag(b"A2B0", TABLE), Tag(b"D2B1", profiles.one_place_many_times(4, 5_000, TABLE))), True),
        (inks(Tag(b"D2B1", profiles.one_place_many_times(4, 5_000, TABLE))), False),
        (inks(Tag(b"A2B0", profiles.one_place_many_times(4, 5_000, TABLE))), False),
        (inks(Tag(b"A2B1", TABLE)), False),
        (inks(Tag(b"A2B0", TABLE), Tag(b"B2A0", TABLE)), False),
        (inks(Tag(b"A2B0", TABLE[:-1])), False),
        (inks(Tag(b"A2B0", profiles.table_of_16_bits(4, 3, 255, length=5_000))), False),
        (inks(Tag(b"A2B0", profiles.table_of_16_bits(4, 3, 2, entries=40_000))), False),
        (inks(Tag(b"A2B0", profiles.table_of_8_bits(4, 3, 9)[:-1])), False),
        (inks(Tag(b"A2B0", profiles.elements(4, [9] * 4, 2, SET)[:-1])), False),
        (inks(Tag(b"A2B0", profiles.elements(4, [255] * 4, 0, SET))), False),
        (inks(Tag(b"A2B0", profiles.elements(3, [9] * 3, 2, SET))), False),
        (inks(Tag(b"A2B0", TABLE), Tag(b"A2B1", b"", (200, 10**9))), False),
        (inks(*[Tag(b"A2B0", TABLE)] * 101), False),
        (profiles.profile(b"GRAY", Tag(b"kTRC", profiles.curve(*[0] * 0x8000))), False),
        (profiles.profile(b"GRAY", Tag(b"kTRC", profiles.curve(0, declared=100_000))), False),
        (profiles.profile(b"GRAY", Tag(b"kTRC", b"text")), False),
        (profiles.profile(b"RGB ", *profiles.matrix(CURVE, CURVE, CURVE)[1:]), False),
        (profiles.profile(b"RGB ", *profiles.matrix(CURVE, CURVE, CURVE), kind=b"link"), False),
        (profiles.profile(b"Lab ", *profiles.matrix(CURVE, CURVE, CURVE)), False),
        (files.SRGB[:131], False),
        (b"", False),
    ],
    ids=[
        "matrix",
        "grey",
        "tables of inks",
        "table of 8 bits",
        "table of elements",
        "floats beside a table",
        "floats alone",
        "floats instead of a table",
        "no table for perceptual",
        "table of the wrong side",
        "table cut short",
        "grid longer than the tag",
        "curves of a table too long",
        "table of 8 bits cut short",
        "elements cut short",
        "grid of no sample size",
        "wrong channels",
        "beyond the end",
        "101 tags",
        "curve too long",
        "curve longer than the tag",
        "no curve",
        "without red",
        "device link",
        "another space",
        "cut in the header",
        "empty",
    ],
)
def test_limits(data: bytes, *, accepted: bool) -> None:
    assert (read_profile(data) is not None) is accepted


# Made by the test: each worker of pytest-xdist imports this module and would keep the profiles to its end.
@pytest.mark.parametrize(
    ("make", "accepted"),
    [
        (lambda: inks(*[Tag(b"A2B%d" % (turn % 2), TABLE + bytes(2 << 20)) for turn in range(4)]), True),
        (lambda: inks(*[Tag(b"A2B0", TABLE + bytes((2 << 20) + number)) for number in range(4)]), False),
        (lambda: files.SRGB + bytes(17 << 20), False),
    ],
    ids=["one place twice", "too long together", "16 MB"],
)
def test_limits_of_the_length(make: Callable[[], bytes], *, accepted: bool) -> None:
    assert (read_profile(make()) is not None) is accepted


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("images/coffee-cmyk.jpg", "CMYK"),
        ("images/coffee-display-p3.jpg", "RGB"),
        ("images/astronaut-square.png", "RGB"),
        ("cases/icc-v4-60kB.jpg", "RGB"),
    ],
)
def test_what_is_left_of_a_profile_gives_the_same_colours(name: str, mode: str) -> None:
    with Image.open(PROJECT / "tests" / name) as file:
        data = file.info["icc_profile"]
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, len(mode)), dtype=np.uint8)
    image = Image.fromarray(noise, mode)
    profile = read_profile(data)
    assert profile is not None

    wanted = ImageCms.profileToProfile(
        image,
        BytesIO(data),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )

    found = convert_to_srgb(image, profile, TimeLimit(None))
    assert found is not None
    assert wanted is not None
    assert found.tobytes() == wanted.tobytes()


def test_what_lies_behind_a_profile_is_no_part_of_it() -> None:
    profile = read_profile(files.SRGB + b"secret")
    assert profile is not None
    assert profile.data == files.SRGB


def test_nothing_else_reaches_littlecms() -> None:
    sources = [path for folder in ("libs", "functions") for path in (PROJECT / folder).rglob("*.py")]
    reaching = {
        path.name
        for path in sources
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Name | ast.Attribute | ast.alias | ast.Constant)
        and {"ImageCms", "_imagingcms"} & set(ast.unparse(node).replace("'", ".").split("."))
    }
    assert len(sources) > 50
    assert reaching == {"icc.py"}
