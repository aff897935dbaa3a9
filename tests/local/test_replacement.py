"""Replaced originals and invalidations."""

from collections.abc import Callable

import pytest

from tests.local.viewer import Viewer

pytestmark = pytest.mark.xdist_group("stack")


def test_an_invalidation_delivers_the_new_image(
    viewer: Viewer, put: Callable[..., str], invalidate: Callable[[str], None]
) -> None:
    put("replaced.png", "cat.png", content_type="image/png")
    old = viewer.get("replaced.png", "size=SS").image()
    put("replaced.png", "astronaut-square.png", content_type="image/png")
    assert viewer.get("replaced.png", "size=SS").image().size == old.size
    invalidate("/replaced.png*")
    new = viewer.get("replaced.png", "size=SS")
    assert (new.x_cache, new.image().size) == ("Miss", (360, 360))
    assert old.size != (360, 360)
    assert viewer.get("replaced.png", "size=SS").body == new.body


def test_an_invalidation_of_one_size_keeps_the_others(
    viewer: Viewer, put: Callable[..., str], invalidate: Callable[[str], None]
) -> None:
    put("one-size.jpg", "cat.jpg")
    for query in ("size=S", "size=M", ""):
        viewer.get("one-size.jpg", query)
    invalidate("/one-size.jpg?size=S")
    x_cache = [viewer.get("one-size.jpg", query).x_cache for query in ("size=S", "size=M", "")]
    assert x_cache == ["Miss", "Hit", "Hit"]


def test_images_of_one_name_in_two_formats_stay_distinct(viewer: Viewer) -> None:
    """`cat.jpg` shows a rocket, `cat.png` a cat."""
    query = "size=SS&to_webp=1"
    from_jpg, from_png = (viewer.get(name, query).image() for name in ("cat.jpg", "cat.png"))
    assert (from_jpg.format, from_png.format) == ("WEBP", "WEBP")
    assert from_jpg.tobytes() != from_png.tobytes()
    assert viewer.get("cat.jpg", query).image().tobytes() == from_jpg.tobytes()
