"""The server of the playground: what it returns about a response, uploads, and who may use it."""

import hashlib
import io
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from PIL import Image

from tests.local.viewer import Response, Viewer
from tools.local.playground.backend import MAX_UPLOAD_BYTES
from tools.local.stack import Stack
from tools.paths import SAMPLES

pytestmark = pytest.mark.xdist_group("stack")

CHROME = "image/avif,image/webp"


def ask(page: Viewer, path: str, **parameters: str) -> Response:
    return page.request(f"/api/{path}?{urlencode(parameters)}")


def facts(response: Response) -> dict[str, Any]:
    assert response.status == 200, response.body
    found: dict[str, Any] = json.loads(response.headers["X-Facts"])
    return found


def put(page: Viewer, name: str, body: bytes, **headers: str) -> Response:
    sent = {"Origin": page.url} | headers
    return page.request(f"/api/upload?name={name}", method="PUT", body=body, **sent)


def test_the_stack_is_described(page: Viewer, stack: Stack) -> None:
    described = json.loads(ask(page, "stack").body)
    assert list(described["variants"]) == list(stack.edge_urls)
    variant = described["variants"]["edge_resize"]
    assert variant["url"] == stack.edge_url
    assert 640 in variant["config"]["widths"]
    assert "sunset.jpg" in described["originals"]
    assert not [key for key in described["originals"] if key.startswith("resized/")]


def test_the_way_of_a_derivative(page: Viewer, stack: Stack) -> None:
    key = f"playground {id(page)}.jpg"
    stack.s3.put_object(
        Bucket=stack.outputs["bucket_name"], Key=key, Body=(SAMPLES / "sunset.jpg").read_bytes()
    )
    target = f"/{key.replace(' ', '%20')}?w=300&format=auto"
    response = ask(page, "request", variant="edge_resize", target=target, accept=CHROME)
    found = facts(response)
    assert found["status"] == 200
    assert found["bytes"] == len(response.body)
    assert (found["image"]["width"], found["image"]["height"]) == (384, 256)
    kinds = [step["kind"] for step in found["steps"]]
    assert kinds == ["viewer_function", "cache", "function", "origin"]
    assert found["steps"][0]["result"].endswith("?format=auto-avif&width=384")
    assert found["log"]["outcome"] == "made"
    assert set(found["log"]["spent_ms"]) >= {"fetch", "transform", "store"}
    again = facts(ask(page, "request", variant="edge_resize", target=target, accept=CHROME))
    assert [step["kind"] for step in again["steps"]] == ["viewer_function", "cache"]
    assert again["log"] is None
    assert (
        page.request(
            f"/api/invalidate?variant=edge_resize&path={target.partition('?')[0]}",
            method="POST",
            Origin=page.url,
        ).status
        == 200
    )
    last = facts(ask(page, "request", variant="edge_resize", target=target, accept=CHROME))
    assert len(last["steps"]) == 4


def test_the_way_through_an_origin_group(page: Viewer) -> None:
    target = "/cat.jpg?width=48&quality=40&format=webp"
    found = facts(ask(page, "request", variant="regional_resize", target=target, accept=""))
    assert found["status"] == 200
    assert [step["kind"] for step in found["steps"]] == ["viewer_function", "cache", "origin", "origin"]
    bucket, function = found["steps"][2:]
    assert "-derivatives-" in bucket["name"]
    assert bucket["result"].startswith("403 /cat.jpg/")
    assert ".lambda-url." in function["name"]
    assert found["log"]["outcome"] == "made"
    assert found["log"]["key"] == "cat.jpg"


@pytest.mark.parametrize(
    ("target", "status"),
    [("/sunset.jpg?width=0", 400), ("/nowhere.jpg?width=64", 404), ("/broken/text.jpg?width=64", 415)],
)
def test_an_error_is_returned_as_a_viewer_gets_it(
    page: Viewer, stack: Stack, target: str, status: int
) -> None:
    response = ask(page, "request", variant="edge_resize", target=target, accept="")
    assert facts(response)["status"] == status
    assert response.body == Viewer(url=stack.edge_url).request(target).body


def test_the_metadata_of_an_original(page: Viewer) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    exif.get_ifd(0x8825)[1] = "N"
    body = io.BytesIO()
    Image.new("RGB", (30, 20)).save(body, "jpeg", exif=exif, comment=b"hello")
    key = json.loads(put(page, "holiday%20photo.png", body.getvalue()).body)["key"]
    digest = hashlib.sha256(body.getvalue()).hexdigest()[:8]
    assert key == f"uploads/holiday-photo-{digest}.jpg"
    original = facts(ask(page, "original", key=key))
    fields = {(field["group"], field["name"], field["value"]) for field in original["image"]["fields"]}
    assert fields == {
        ("EXIF", "Make", "Camera"),
        ("GPS", "GPSLatitudeRef", "N"),
        ("Other", "Comment", "hello"),
    }
    target = f"/{key}?width=16"
    derivative = facts(ask(page, "request", variant="edge_resize", target=target, accept=""))
    assert derivative["image"]["fields"] == []
    assert key in json.loads(ask(page, "stack").body)["originals"]


@pytest.mark.parametrize(
    ("body", "headers", "status", "sentence"),
    [
        (b"<svg/>", {}, 415, "is not an image: choose a JPEG"),
        (b"", {}, 413, "is empty or has more than 64 MiB"),
        (b"x", {"Content_Length": str(MAX_UPLOAD_BYTES + 1)}, 413, "is empty or has more than 64 MiB"),
        (b"x", {"Content_Length": "-1"}, 411, "size of the upload is unknown"),
        (b"x", {"Origin": "http://evil.example"}, 403, "Only the playground's own page"),
        (b"x", {"Origin": "null"}, 403, "Only the playground's own page"),
        (b"x", {"Sec_Fetch_Site": "cross-site"}, 403, "Only the playground's own page"),
        (b"x", {"Sec_Fetch_Site": "same-site"}, 403, "Only the playground's own page"),
        (b"x", {"Host": "evil.example"}, 421, "The playground is at http://127.0.0.1:"),
    ],
)
def test_uploads_that_are_refused(
    page: Viewer, body: bytes, headers: dict[str, str], status: int, sentence: str
) -> None:
    response = put(page, "a.jpg", body, **headers)
    assert (response.status, sentence in response.body.decode()) == (status, True)


def test_an_upload_without_an_origin_is_refused(page: Viewer) -> None:
    assert page.request("/api/upload?name=a.jpg", method="PUT", body=b"x").status == 403


@pytest.mark.parametrize(
    ("target", "headers", "status"),
    [
        ("/", {}, 200),
        ("/app.js", {"Sec_Fetch_Site": "same-origin"}, 200),
        ("/", {"Sec_Fetch_Site": "cross-site"}, 200),
        ("/", {"Host": "rebound.example"}, 421),
        ("/api/stack", {"Sec_Fetch_Site": "cross-site"}, 403),
        ("/api/request?variant=edge_resize&target=/a.jpg&accept=", {"Sec_Fetch_Site": "cross-site"}, 403),
        ("/api/request?variant=other&target=/a.jpg&accept=", {}, 404),
        ("/api/request?variant=edge_resize", {}, 400),
        ("/api/original?key=nothing.jpg", {}, 404),
        ("/../server.py", {}, 404),
        ("/%2e%2e/server.py", {}, 404),
        ("//server.py", {}, 404),
        ("/nothing", {}, 404),
    ],
)
def test_who_may_read_what(page: Viewer, target: str, headers: dict[str, str], status: int) -> None:
    response = page.request(target, **headers)
    assert response.status == status
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    assert "unsafe" not in policy
