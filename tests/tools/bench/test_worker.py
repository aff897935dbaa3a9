import sys
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tools.bench.environment import Peers
from tools.bench.worker import DOCUMENTED, FLOOR, IMAGE_CORE, Worker, list_side_commands
from tools.console import ToolError
from tools.paths import SAMPLES

HERE = Peers(python=Path(sys.executable), packages=None)


@pytest.mark.parametrize(
    ("side", "size"), [(IMAGE_CORE, (108, 162)), (DOCUMENTED, (162, 108)), (FLOOR, (162, 108))]
)
def test_a_side_fits_the_image_into_its_box(side: str, size: tuple[int, int], tmp_path: Path) -> None:
    parameters = {"width": 120, "height": 162, "format": "WEBP", "quality": 80, "to": str(tmp_path / "made")}
    with Worker(list_side_commands(HERE)[side]) as worker:
        responses = [worker.request(path=str(SAMPLES / "wine-tall.jpg"), **parameters) for _ in range(2)]
    data = (tmp_path / "made").read_bytes()
    assert Image.open(BytesIO(data)).format == "WEBP"
    assert Image.open(BytesIO(data)).size == size
    assert {response["bytes"] for response in responses} == {len(data)}
    assert all(response["cpu_ms"] > 0 for response in responses)


def test_the_error_of_a_side_is_reported() -> None:
    parameters = {"width": 9, "height": 9, "format": "JPEG", "quality": 80, "to": None}
    with (
        Worker(list_side_commands(HERE)[DOCUMENTED]) as worker,
        pytest.raises(ToolError, match="cannot identify image file"),
    ):
        worker.request(path=str(SAMPLES / "README.md"), **parameters)


def test_without_npm_there_is_no_sharp() -> None:
    assert "sharp" not in list_side_commands(HERE)
