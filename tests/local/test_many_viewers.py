"""Many concurrent viewers."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.local.s3_proxy import S3Proxy
from tests.local.test_images import SIZES
from tests.local.viewer import Response, Viewer

pytestmark = pytest.mark.xdist_group("stack")

VIEWERS = 50
OBJECTS = 20


def test_each_cold_size_is_transformed_once_for_fifty_viewers(
    viewer: Viewer, put: Callable[..., str], s3_proxy: S3Proxy
) -> None:
    put("crowd-a.jpg", "wine-tall.jpg")
    put("crowd-b.jpg", "cat.jpg")
    derivatives = [
        (key, size, webp) for key in ("crowd-a.jpg", "crowd-b.jpg") for size in SIZES for webp in (0, 1)
    ][:OBJECTS]
    start = threading.Barrier(VIEWERS, timeout=30)

    def fetch(number: int) -> Response:
        key, size, webp = derivatives[number % OBJECTS]
        start.wait()
        return viewer.get(key, f"size={size}&to_webp={webp}")

    with ThreadPoolExecutor(VIEWERS) as viewers:
        responses = list(viewers.map(fetch, range(VIEWERS)))
    seen: dict[int, bytes] = {}
    for number, response in enumerate(responses):
        _, size, webp = derivatives[number % OBJECTS]
        image = response.image()
        assert image.format == ("WEBP" if webp else "JPEG")
        assert max(image.size) <= max(SIZES[size])
        assert seen.setdefault(number % OBJECTS, response.body) == response.body
    assert (
        sorted(response.x_cache for response in responses)
        == ["Hit"] * (VIEWERS - OBJECTS) + ["Miss"] * OBJECTS
    )
    requests = s3_proxy.requests_for("crowd-")
    puts = {key: count for (method, key), count in requests.items() if method == "PUT"}
    assert (len(puts), set(puts.values())) == (OBJECTS, {1})
    gets = sum(count for (method, _), count in requests.items() if method == "GET")
    assert gets == OBJECTS
