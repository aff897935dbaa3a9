"""Viewers, memory and the report of `invoke load`, without a stack."""

import functools
import http.server
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.console import ToolError
from tools.load import load
from tools.load.nginx import find_nginx, serve_files
from tools.load.report import Memory, describe_server, quarters
from tools.load.running_stack import RunningStack, find_running_stack, read_usage
from tools.load.site import Site
from tools.load.viewers import Responses, request_repeatedly
from tools.local.state import StateFolder


class _Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments: object) -> None:
        """Write nothing."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "a.jpg").write_bytes(b"a" * 1_000)
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(_Handler, directory=str(tmp_path))
    ) as running:
        running.daemon_threads = True
        threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()


def test_viewers_request_each_target_in_turn(server: str) -> None:
    watched: list[int] = []
    responses = request_repeatedly(
        server, ["/a.jpg"] * 30, seconds=0, connections=3, watch=lambda: watched.append(1)
    )
    assert (responses.count, responses.bytes, dict(responses.errors)) == (30, 30_000, {})
    assert watched


def test_errors_are_counted_by_status(server: str) -> None:
    targets = ["/a.jpg", "/missing.jpg"]
    responses = request_repeatedly(server, targets, seconds=0, connections=1, watch=lambda: None)
    assert dict(responses.errors) == {"404": 1}


def test_a_server_that_does_not_respond_is_an_error() -> None:
    responses = request_repeatedly("http://127.0.0.1:9", ["/a"], seconds=0, connections=1, watch=lambda: None)
    assert sum(responses.errors.values()) == 1
    assert responses.count == 0


@pytest.mark.parametrize(
    ("samples", "grows"),
    [
        ([100] * 40, False),
        ([10, 50, 100, *[150] * 37], False),  # a cache that fills up
        (range(0, 4_000, 100), True),
    ],
)
def test_growth_is_seen_after_the_first_quarter(samples: list[int], grows: bool) -> None:  # noqa: FBT001
    memory = Memory(samples={"edge": [number * 2**20 for number in samples]})
    assert memory.growing() == (["edge"] if grows else [])
    assert "edge" in memory.describe()


def test_quarters_of_few_samples() -> None:
    assert quarters([5]) == (5, 5)


def test_the_rate_of_one_core_is_that_of_the_processor_time() -> None:
    line = describe_server("edge", Responses(count=1_000, bytes=1_024_000, seconds=60.0), 0.5)
    assert "500 us" in line
    assert "2,000 requests/s on one core" in line


@pytest.mark.parametrize(
    ("seconds", "connections", "flag"), [(0, 8, "seconds"), (3_601, 8, "seconds"), (60, 65, "connections")]
)
def test_a_load_is_bounded(seconds: int, connections: int, flag: str) -> None:
    with pytest.raises(ToolError, match=f"--{flag} takes a number"):
        load(variant="edge_resize", seconds=seconds, connections=connections)


@pytest.mark.parametrize("variant", ["s3_trigger", "edge", ""])
def test_a_load_needs_a_variant_with_options(variant: str) -> None:
    with pytest.raises(
        ToolError, match=r"^--variant takes one of edge_resize, object_lambda, regional_resize"
    ):
        load(variant=variant, seconds=1, connections=1)


def test_without_a_stack_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"No local stack is running: start one with \./invokew up --detach$"):
        find_running_stack(tmp_path)


@pytest.mark.parametrize(
    ("url", "message"),
    [("https://img.example.com", "127.0.0.1 only"), (None, "runs without edge_resize")],
)
def test_only_this_machine_is_loaded(tmp_path: Path, url: str | None, message: str) -> None:
    stack = RunningStack(
        state=StateFolder(tmp_path),
        pid=os.getpid(),
        edge_urls={"edge_resize": url} if url else {},
        emulator_url="http://127.0.0.1:1",
    )
    site = Site(stack=stack, variant="edge_resize", bucket="b", prefix="p", cache_control="max-age=1")
    with pytest.raises(ToolError, match=message):
        _ = site.url


def test_the_use_of_a_process() -> None:
    use = read_usage(os.getpid(), "tests")
    assert use.name == "tests"
    assert use.cpu_seconds > 0
    assert use.memory_bytes > 10 * 2**20


@pytest.mark.skipif(find_nginx() is None, reason="nginx is not installed")
def test_nginx_serves_the_files(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "0.jpg").write_bytes(b"image")
    with serve_files(find_nginx() or "", tmp_path) as nginx:
        responses = request_repeatedly(
            nginx.url, ["/0.jpg"] * 50, seconds=0, connections=2, watch=lambda: None
        )
    assert (responses.count, responses.bytes, dict(responses.errors)) == (50, 250, {})
