from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.libs.lambda_runtime.processes import needs_proc
from tools.bench.processes import measure_cpu_seconds
from tools.bench.s3_stand_in import serve
from tools.bench.service import get, run_object_lambda
from tools.build import build
from tools.console import ToolError
from tools.paths import SAMPLES

pytestmark = needs_proc


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the zip of object_lambda."""
    folder = tmp_path_factory.mktemp("dist")
    build(["object_lambda"], builder="host", out=folder)
    return folder


@pytest.mark.parametrize(
    ("output", "box", "size"), [("JPEG", (480, 854), (480, 719)), ("WEBP", (540, 540), (360, 540))]
)
def test_a_derivative_through_a_function_url(
    output: str, box: tuple[int, int], size: tuple[int, int], dist: Path, tmp_path: Path
) -> None:
    name = "wine-tall.jpg"
    with serve(delay_seconds=0) as s3:
        s3.put(f"/photographs/{name}", (SAMPLES / name).read_bytes(), {"Content-Type": "image/jpeg"})
        with run_object_lambda(dist, s3.endpoint_url, tmp_path) as service:
            before = measure_cpu_seconds(service.pid)
            image = Image.open(BytesIO(get(service, name, box, output)))
            assert (image.format, image.size) == (output, size)
            assert measure_cpu_seconds(service.pid) > before
            with pytest.raises(ToolError, match=r"missing\.jpg with 404"):
                get(service, "missing.jpg", box, output)


def test_a_missing_zip_is_reported(tmp_path: Path) -> None:
    with (
        pytest.raises(ToolError, match=r"dist/object_lambda\.zip is missing; run: \./invokew build"),
        run_object_lambda(tmp_path, "http://127.0.0.1:9", tmp_path),
    ):
        pass
