import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from tools.bench.environment import Peers
from tools.bench.sides.protocol import Options
from tools.bench.worker import (
    DOCUMENTED,
    FLOOR,
    IMAGE_CORE,
    PYVIPS,
    Worker,
    list_side_commands,
)
from tools.console import ToolError
from tools.paths import SAMPLES

HERE = Peers(python=Path(sys.executable), packages=None, thumbor=Path(sys.executable))
SMALL = Options(width=120, height=162, format="WEBP", quality=80)


@pytest.mark.parametrize(
    ("side", "size"),
    [(IMAGE_CORE, (108, 162)), (PYVIPS, (108, 162)), (DOCUMENTED, (162, 108)), (FLOOR, (162, 108))],
)
def test_a_side_fits_the_image_into_its_box(side: str, size: tuple[int, int], tmp_path: Path) -> None:
    made = tmp_path / "made"
    with Worker(list_side_commands(HERE)[side]) as worker:
        costs = [worker.transform(SAMPLES / "wine-tall.jpg", SMALL, made) for _ in range(2)]
    with Image.open(made) as image:
        assert image.format == "WEBP"
        assert image.size == size
    assert {cost.size_bytes for cost in costs} == {made.stat().st_size}
    assert all(cost.cpu_ms > 0 for cost in costs)


@pytest.mark.parametrize("output", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_sides_write_every_format_and_keep_frames(output: str, tmp_path: Path) -> None:
    made = tmp_path / "made"
    options = replace(SMALL, format=output, animated=output in {"WEBP", "GIF"}, palette=output == "PNG")
    original = SAMPLES / ("logo-animated.gif" if options.animated else "logo-palette.png")
    for side in (IMAGE_CORE, PYVIPS):
        with Worker(list_side_commands(HERE)[side]) as worker:
            worker.transform(original, options, made)
        with Image.open(made) as image:
            assert image.format == output
            assert getattr(image, "n_frames", 1) == (12 if options.animated else 1)


def test_the_error_of_a_side_is_reported() -> None:
    with (
        Worker(list_side_commands(HERE)[DOCUMENTED]) as worker,
        pytest.raises(ToolError, match="cannot identify image file"),
    ):
        worker.transform(SAMPLES / "README.md", SMALL)


def test_without_npm_there_is_no_sharp() -> None:
    assert "sharp" not in list_side_commands(HERE)


def test_a_side_may_print_many_warnings() -> None:
    program = """
import sys
for line in sys.stdin:
    sys.stderr.write("warning\\n" * 50_000)
    print('{"tall": true}', flush=True)
"""
    with Worker([sys.executable, "-c", program]) as worker:
        assert worker.request(tall="x") == {"tall": True}
