"""Derivatives over the limit of Lambda for the result of a function."""

import json
import os
import subprocess
import sys
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from tests.functions.regional_resize.conftest import path_of
from tests.libs.lambda_runtime.processes import needs_proc
from tools.paths import PACKAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.functions.regional_resize.conftest import Region

MISS = ["GET original", "HEAD derivative", "HEAD original", "HEAD original", "PUT derivative"]
PATH = path_of("large.png", "")


def noise(width: int, height: int) -> bytes:
    """Return a PNG whose pixels cannot be compressed."""
    pixels = np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=0)
    return file.getvalue()


@pytest.fixture(scope="module")
def large() -> bytes:
    """A PNG of 5.4 MB: 7.2 MB in base64."""
    return noise(1500, 1200)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_redirect_to_the_url_of_the_viewer(region: "Region", large: bytes, method: str) -> None:
    region.upload("large.png", large)
    response = region.request(PATH, method=method, viewer_url="/large.png?utm=%20&x=//")
    assert (response.status, response.body) == (302, b"")
    assert response.headers == {"location": "/large.png?utm=%20&x=//", "cache-control": "no-store"}
    assert len(region.stored(PATH)["Data"]) > 5_000_000
    assert region.calls() == MISS
    assert [(line["outcome"], line["status"]) for line in region.log()] == [("made", 302)]
    # Another invocation that was slower redirects, too, without reading the derivative.
    assert region.request(PATH, method=method, viewer_url="/large.png").status == 302
    assert region.calls() == ["GET original", "HEAD derivative"]


@pytest.mark.parametrize("status", [200, 302])
def test_conditions_and_ranges_are_left_to_s3(
    region: "Region", large: bytes, cat: bytes, status: int
) -> None:
    """The viewer gets the whole image, or repeats the request for the stored object."""
    region.upload("large.png", cat if status == 200 else large)
    first = region.request(PATH)
    etag = region.stored(PATH)["ETag"]
    for headers in (
        {"if-none-match": etag},
        {"if-match": '"x"'},
        {"range": "bytes=0-9"},
        {"if-none-match": "*"},
    ):
        assert region.request(PATH, headers=headers) == first
    assert first.status == status


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "//evil.example/a.png",
        "/\\evil.example/a.png",
        "https://evil.example/",
        "large.png",
        "/a b",
        "/a\r\nSet-Cookie: a=b",
        "/\u00e9.png",
        "/a\tb",
    ],
)
def test_no_redirect_to_another_host(region: "Region", large: bytes, url: str | None) -> None:
    region.upload("large.png", large)
    response = region.request(PATH, viewer_url=url)
    assert (response.status, response.code) == (503, "ServiceUnavailable")
    assert response.headers["cache-control"] == "no-store"
    assert "location" not in response.headers
    assert response.message.endswith("send the request once more.")
    assert region.listing() == [PATH]


def test_no_loop_if_cloudfront_cannot_read_the_derivative(
    region: "Region", large: bytes, cat: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A derivative that S3 holds for more than a minute would have been found there."""
    region.upload("large.png", large)
    region.upload("cat.jpg", cat)
    small = path_of("cat.jpg")
    expected = region.request(small)
    region.request(PATH)
    region.log()
    real = __import__("time").time
    monkeypatch.setattr("regional_resize.handler.time.time", lambda: real() + 120)
    response = region.request(PATH)
    assert (response.status, response.headers["cache-control"]) == (503, "no-store")
    assert region.request(small) == expected
    for line in region.log():
        assert (line["outcome"], line["level"]) == ("found", "WARNING")
        assert line["reason"].startswith("CloudFront did not read the derivative, which S3 has had since ")


CODE = """
import json, sys
from regional_resize.handler import lambda_handler

class Context:
    def get_remaining_time_in_millis(self):
        return 300_000

result = lambda_handler(json.load(sys.stdin), Context())
peaks = {}
for name in ("RUSAGE_SELF", "RUSAGE_CHILDREN"):
    import resource
    peaks[name] = resource.getrusage(getattr(resource, name)).ru_maxrss * 1024
print(json.dumps({"status": result["statusCode"], "peaks": peaks}))
"""


@needs_proc
@pytest.mark.parametrize(
    ("size", "query", "stored_bytes"),
    [((2600, 2600), "", (20_000_000, 21_000_000)), ((4500, 4480), "width=2340", (14_000_000, 16_000_000))],
    ids=["20 MB at full size", "60 MB in and 15 MB out"],
)
def test_the_largest_files(
    region: "Region",
    size: tuple[int, int],
    query: str,
    stored_bytes: tuple[int, int],
    record_property: "Callable[[str, object], None]",
) -> None:
    data = noise(*size)
    region.upload("large.png", data)
    path = path_of("large.png", query)
    result = subprocess.run(  # noqa: S603 - this Python, this code
        [sys.executable, "-c", CODE],
        input=json.dumps(region.event(path)),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, PACKAGES))},
        capture_output=True,
        text=True,
        check=True,
    )
    last = json.loads(result.stdout.splitlines()[-1])
    assert last["status"] == 302
    length = len(region.stored(path)["Data"])
    assert stored_bytes[0] <= length <= stored_bytes[1]
    peak_bytes = sum(last["peaks"].values())
    assert peak_bytes < 1_769 * 2**20
    record_property(
        "measured",
        f"regional_resize, {len(data) / 1e6:.0f} MB in and {length / 1e6:.0f} MB out: at most "
        f"{peak_bytes / 1e6:.0f} MB of memory in both processes",
    )
