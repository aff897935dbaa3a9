"""Selection and check of the example URLs."""

import shutil
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest

from tools.console import ToolError
from tools.local.examples import find_examples, generate_candidates
from tools.local.images import find_images
from tools.paths import SAMPLES

TRIGGER = {"s3_trigger": {"suffixes": [".jpg"], "destination_bucket": "resized"}}


def stack(folder: Path, **more: Any) -> Any:
    """Return a stand-in for a stack with the images of a folder."""
    images = find_images(folder)
    usual = {"images": images, "trigger_images": images, "sizes": [], "outputs": TRIGGER}
    return SimpleNamespace(**usual | more)


def test_the_documented_example_comes_first() -> None:
    assert list(generate_candidates(stack(SAMPLES), "edge_resize"))[:2] == [
        "sunset.jpg?size=M&to_webp=1",
        "astronaut-square.png?size=SS",
    ]
    assert next(generate_candidates(stack(SAMPLES), "object_lambda")) == "sunset.jpg?size=M&to_webp=1"
    assert next(generate_candidates(stack(SAMPLES), "s3_trigger")) == "sunset.jpg"


def test_only_images_are_used_including_those_in_subfolders(tmp_path: Path) -> None:
    (tmp_path / "a b").mkdir()
    for name, source in {
        "a b/é+.jpg": "cat.jpg",
        "broken.jpg": "broken/text.jpg",
        "empty.jpg": "broken/empty.jpg",
        "huge.png": "broken/30000x30000.png",
        "z.PNG": "cat.png",
    }.items():
        shutil.copyfile(SAMPLES / source, tmp_path / name)
    (tmp_path / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    assert list(generate_candidates(stack(tmp_path), "edge_resize")) == [
        "z.PNG?size=M&to_webp=1",
        "a%20b/%C3%A9%2B.jpg?size=SS",
        "z.PNG?size=S",
        "a%20b/%C3%A9%2B.jpg?size=XS",
    ]
    assert list(generate_candidates(stack(tmp_path), "s3_trigger")) == ["a%20b/%C3%A9%2B.jpg"]


@pytest.mark.parametrize(
    ("sizes", "queries"),
    [
        (["HERO"], ["size=HERO&to_webp=1"]),
        (["A", "M", "B", "C", "D"], ["size=M&to_webp=1", "size=A", "size=B", "size=C"]),
    ],
)
def test_user_defined_sizes_are_used(tmp_path: Path, sizes: list[str], queries: list[str]) -> None:
    shutil.copyfile(SAMPLES / "cat.jpg", tmp_path / "cat.jpg")
    expected = [f"cat.jpg?{query}" for query in queries]
    assert list(generate_candidates(stack(tmp_path, sizes=sizes), "edge_resize")) == expected


class Edge(BaseHTTPRequestHandler):
    """Responds with 400 to names with an "x", and with 503 to the first request for names with a "y"."""

    requested: set[str]

    def do_GET(self) -> None:  # http.server's name
        is_first = self.path not in self.server.requested  # type: ignore[attr-defined]
        self.server.requested.add(self.path)  # type: ignore[attr-defined]
        status = 400 if "x" in self.path else 503 if "y" in self.path and is_first else 200
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name of the base class
        """Print nothing."""


@pytest.fixture
def edge() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Edge) as server:
        server.requested = set()  # type: ignore[attr-defined]
        Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("names", "printed"),
    [
        ("abxcd", ["a", "b", "c", "d"]),
        ("xy", ["y", "y"]),
        ("abcdefg", ["a", "b", "c", "d"]),
        ("", []),
    ],
)
def test_only_served_urls_are_printed(tmp_path: Path, edge: str, names: str, printed: list[str]) -> None:
    (tmp_path / "no-image.jpg").touch()
    for name in names:
        shutil.copyfile(SAMPLES / "cat.jpg", tmp_path / f"{name}.jpg")
    [(variant, urls)] = find_examples(stack(tmp_path, edge_urls={"edge_resize": edge})).items()
    assert variant == "edge_resize"
    assert [url.removeprefix(f"{edge}/")[0] for url in urls] == printed


def test_a_variant_that_serves_nothing_is_reported(tmp_path: Path, edge: str) -> None:
    shutil.copyfile(SAMPLES / "cat.jpg", tmp_path / "x.jpg")
    logs = SimpleNamespace(edge_log=Path("edge.log"), emulator_log=Path("emulator.log"))
    with pytest.raises(
        ToolError, match=rf"^edge_resize serves no image, {edge}/x\.jpg.* Logs: edge\.log, emu"
    ):
        find_examples(stack(tmp_path, edge_urls={"edge_resize": edge}, state=logs))
