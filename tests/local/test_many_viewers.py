"""Many viewers at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.local.s3_proxy import S3Proxy
from tests.local.test_images import SIZES
from tests.local.viewer import Reply, Viewer

pytestmark = pytest.mark.xdist_group("stack")

VIEWERS = 50
OBJECTS = 20


def test_fifty_viewers_of_twenty_cold_sizes_cause_one_derivation_each(
    viewer: Viewer, put: Callable[..., str], s3_proxy: S3Proxy
) -> None:
    put("crowd-a.jpg", "wine-tall.jpg")
    put("crowd-b.jpg", "cat.jpg")
    wishes = [
        (key, size, webp) for key in ("crowd-a.jpg", "crowd-b.jpg") for size in SIZES for webp in (0, 1)
    ][:OBJECTS]
    start = threading.Barrier(VIEWERS, timeout=30)

    def ask(number: int) -> Reply:
        key, size, webp = wishes[number % OBJECTS]
        start.wait()
        return viewer.get(key, f"size={size}&to_webp={webp}")

    with ThreadPoolExecutor(VIEWERS) as viewers:
        replies = list(viewers.map(ask, range(VIEWERS)))
    seen: dict[int, bytes] = {}
    for number, reply in enumerate(replies):
        _, size, webp = wishes[number % OBJECTS]
        picture = reply.picture()
        assert picture.format == ("WEBP" if webp else "JPEG")
        assert max(picture.size) <= max(SIZES[size])
        assert seen.setdefault(number % OBJECTS, reply.body) == reply.body
    assert sorted(reply.x_cache for reply in replies) == ["Hit"] * (VIEWERS - OBJECTS) + ["Miss"] * OBJECTS
    requests = s3_proxy.requests_for("crowd-")
    puts = {key: count for (method, key), count in requests.items() if method == "PUT"}
    assert (len(puts), set(puts.values())) == (OBJECTS, {1})
    gets = sum(count for (method, _), count in requests.items() if method == "GET")
    assert gets == OBJECTS
