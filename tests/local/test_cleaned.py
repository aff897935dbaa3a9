"""The stack with `originals = "cleaned"`: no URL returns an image with metadata."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functions.edge_resize.keys import derived_key
from tests.libs.image_metadata.test_exiftool import read_tags
from tests.local.viewer import Viewer
from tools.fuzz import samples
from tools.fuzz.exiftool import surplus
from tools.local import StackOptions
from tools.local.stack import Stack

pytestmark = pytest.mark.xdist_group("stack-cleaned")

SECRET = samples.FILES["baseline.jpg"]
KEYS = ("photo.jpg", "photo+1.JPG", "photo", "photo.txt", "été/🐈 %.jpg")
QUERIES = ("", "to_webp=0", "to_webp=1", "size=SXS", "size=SXS&to_webp=1", "utm_source=x")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    with Stack(StackOptions(folder=folder, variables={"edge_resize": {"originals": "cleaned"}})) as running:
        for key in (*KEYS, "resized/photo.jpg"):
            running.s3.put_object(Bucket=running.outputs["bucket_name"], Key=key, Body=SECRET)
        running.s3.put_object(Bucket=running.outputs["bucket_name"], Key="style.css", Body=b"body {}")
        yield running


@pytest.fixture(scope="module")
def viewer(stack: Stack) -> Viewer:
    return Viewer(url=stack.edge_url)


def test_no_url_gives_an_image_with_its_metadata(viewer: Viewer, tmp_path: Path) -> None:
    bodies = {}
    for number, key in enumerate(KEYS):
        for column, query in enumerate(QUERIES):
            response = viewer.get(key, query)
            assert response.image().size == (48, 32), (key, query)
            bodies[f"{number}-{column}.jpg"] = response.body
    found = read_tags(bodies, tmp_path)
    assert found.keys() == bodies.keys()
    assert {name: surplus(tags) for name, tags in found.items() if surplus(tags)} == {}
    assert not any(samples.SECRET in body for body in bodies.values())


@pytest.mark.parametrize(
    ("key", "query", "status", "cache_control"),
    [
        ("resized/photo.jpg", "", 404, "no-store"),
        (derived_key("photo.jpg", ""), "", 404, "no-store"),
        ("missing.jpg", "", 404, "public, max-age=60"),
        ("missing.css", "", 404, "public, max-age=60"),
        ("photo.jpg", "size=s", 400, "no-store"),
        ("broken/text.jpg", "", 415, "public, max-age=60"),
    ],
)
def test_errors(viewer: Viewer, key: str, query: str, status: int, cache_control: str) -> None:
    response = viewer.get(key, query)
    assert (response.status, response.headers["Cache-Control"]) == (status, cache_control)
    assert samples.SECRET not in response.body


def test_other_files_pass_through(viewer: Viewer) -> None:
    assert viewer.get("style.css").body == b"body {}"
