import sys
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tools.bench.environment import Peers
from tools.bench.worker import DOCUMENTED, FLOOR, IMAGE_CORE, Worker, commands
from tools.console import ToolError

IMAGES = Path(__file__).parents[2] / "images"
HERE = Peers(python=Path(sys.executable), packages=None)


@pytest.mark.parametrize(
    ("side", "size"), [(IMAGE_CORE, (108, 162)), (DOCUMENTED, (162, 108)), (FLOOR, (162, 108))]
)
def test_a_side_makes_the_picture_in_its_box(side: str, size: tuple[int, int], tmp_path: Path) -> None:
    order = {"width": 120, "height": 162, "format": "WEBP", "quality": 80, "to": str(tmp_path / "made")}
    with Worker(commands(HERE)[side]) as worker:
        answers = [worker.ask(path=str(IMAGES / "wine-tall.jpg"), **order) for _ in range(2)]
    data = (tmp_path / "made").read_bytes()
    assert Image.open(BytesIO(data)).format == "WEBP"
    assert Image.open(BytesIO(data)).size == size
    assert {answer["bytes"] for answer in answers} == {len(data)}
    assert all(answer["cpu_ms"] > 0 for answer in answers)


def test_a_side_that_fails_says_why() -> None:
    order = {"width": 9, "height": 9, "format": "JPEG", "quality": 80, "to": None}
    with (
        Worker(commands(HERE)[DOCUMENTED]) as worker,
        pytest.raises(ToolError, match="cannot identify image file"),
    ):
        worker.ask(path=str(IMAGES / "README.md"), **order)


def test_without_npm_there_is_no_sharp() -> None:
    assert "sharp" not in commands(HERE)
