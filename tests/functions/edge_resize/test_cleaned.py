"""`originals = "cleaned"`: no URL returns an image of a supported format with its metadata."""

import gzip
import json
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import pytest
from image_metadata import clean
from PIL import Image, ImageOps

from tests.functions.edge_resize.keys import derived_key
from tests.functions.edge_resize.test_no_derivative import (
    BROKEN,
    NOT_FOUND,
    TOO_LARGE,
    UNAVAILABLE,
    UNSUPPORTED,
    outcome_of,
    path_of,
)
from tests.libs.image_metadata.test_exiftool import FILES, read_tags
from tests.libs.s3_http import fault_proxy as faults
from tools.fuzz import samples
from tools.fuzz.exiftool import surplus

if TYPE_CHECKING:
    from tests.functions.edge_resize.conftest import Edge
    from tests.libs.s3_http.fault_proxy import Fault

IMAGES, CASES = Path(__file__).parents[2] / "images", Path(__file__).parents[2] / "cases"
QUERIES = ["", "to_webp=0", "to_webp=1", "size=SXS", "size=SXS&to_webp=1", "utm_source=x"]
SECRET, SIZE = samples.FILES["baseline.jpg"], (48, 32)


@pytest.fixture(autouse=True)
def cleaned(edge: "Edge") -> None:
    edge.settings["x-env-originals"] = "cleaned"


def serve(edge: "Edge", uri: str, query: str = "") -> bytes:
    """Return the body that CloudFront reads from S3 with the request that the function returns."""
    result = edge.request(uri, query)
    assert "status" not in result, result
    assert result["querystring"] == ""
    return edge.stored(unquote(result["uri"].removeprefix("/")))["Body"].read()


def test_exiftool_finds_nothing_under_any_url(edge: "Edge", tmp_path: Path) -> None:
    """All test images, cases and files with all kinds of metadata, with every kind of query string."""
    originals = {
        **FILES,
        **{f"case-{path.name}": path.read_bytes() for path in CASES.iterdir() if path.suffix != ".md"},
    }
    results: dict[str, bytes] = {}
    refused = set()
    for name, data in originals.items():
        edge.upload(name, data)
        for number, query in enumerate(QUERIES[:-1]):
            result = edge.request(f"/{name}", query)
            if "status" in result:
                refused.add(name)
                assert outcome_of(result)[0] == "415", (name, query, edge.log()[-1:])
                continue
            uri = unquote(result["uri"])
            assert uri.startswith("/resized/")
            results[f"{number}-{name}"] = edge.stored(uri.removeprefix("/"))["Body"].read()
    found = read_tags(results, tmp_path)
    assert found.keys() == results.keys()
    assert {name: surplus(tags) for name, tags in found.items() if surplus(tags)} == {}
    assert samples.SECRET.decode() not in json.dumps(found)
    assert not refused & set(FILES)
    assert len(results) > 4 * len(FILES)


@pytest.mark.parametrize(
    "name", ["sunset.jpg", "cat.png", "cat.gif", "cat.bmp", "cat.webp", "cat.avif", "logo-animated.gif"]
)
def test_the_bare_url_gives_the_pixels_unchanged(edge: "Edge", name: str) -> None:
    data = (IMAGES / name).read_bytes()
    edge.upload(name, data, ContentType="binary/octet-stream")
    assert serve(edge, f"/{name}") == clean(data).data
    stored = edge.stored(derived_key(name, ""))
    assert stored["ContentType"] == Image.MIME[edge.image(derived_key(name, "")).format or ""]


def test_an_image_with_an_orientation_is_transposed(edge: "Edge") -> None:
    data = (IMAGES / "orientation" / "6.jpg").read_bytes()
    edge.upload("6.jpg", data)
    image = Image.open(BytesIO(serve(edge, "/6.jpg")))
    assert image.size == ImageOps.exif_transpose(Image.open(BytesIO(data))).size
    assert not image.getexif()


def test_a_miss_and_then_a_hit(edge: "Edge") -> None:
    etag = edge.upload("cat.jpg", SECRET, CacheControl="max-age=5", ContentDisposition='filename="cat.jpg"')
    first = serve(edge, "/cat.jpg")
    assert sorted(edge.proxy.methods()) == ["GET", "HEAD", "HEAD", "PUT"]
    stored = edge.stored(derived_key("cat.jpg", ""))
    assert stored["Metadata"] == {"source-etag": etag}
    assert (stored["CacheControl"], stored["ContentDisposition"]) == ("max-age=5", 'filename="cat.jpg"')
    edge.proxy.requests.clear()
    assert serve(edge, "/cat.jpg") == first
    assert edge.proxy.methods() == ["HEAD", "HEAD"]


def test_a_replaced_original(edge: "Edge") -> None:
    edge.upload("cat.jpg", SECRET)
    serve(edge, "/cat.jpg")
    other = (IMAGES / "cat.jpg").read_bytes()
    edge.upload("cat.jpg", other)
    assert serve(edge, "/cat.jpg") == clean(other).data


@pytest.mark.parametrize("query", ["", "size=S", "size=EVIL", "to_webp=1"])
@pytest.mark.parametrize(
    "key",
    ["photo", "photo.txt", "photo.heic", "photo.jpg.bak", "a.jpg/", "photo.jpg ", "x.jpgé"],
)
def test_an_image_under_another_name_is_cleaned(edge: "Edge", key: str, query: str) -> None:
    edge.upload(key, SECRET, ContentType="text/plain")
    data = serve(edge, quote(f"/{key}"), query)
    assert samples.SECRET not in data
    assert Image.open(BytesIO(data)).size == SIZE
    assert edge.proxy.requests[0].headers["range"] == "bytes=0-143"
    edge.proxy.requests.clear()
    serve(edge, quote(f"/{key}"), query)
    assert edge.proxy.methods() == ["GET", "HEAD", "HEAD"]


@pytest.mark.parametrize(
    ("key", "data"),
    [
        ("style.css", b"body { color: black }"),
        ("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("cars.txt", b"BMW builds cars, and motorcycles."),
        ("empty", b""),
        ("short.txt", b"BM"),
        ("a+b.txt", b"two"),
        ("photo.heic", b"\0\0\0\x18ftypheic" + bytes(100)),
    ],
)
def test_other_files_pass_through(edge: "Edge", key: str, data: bytes) -> None:
    edge.upload(key, data)
    assert serve(edge, f"/{key}", "size=S&versionId=1") == data
    assert edge.listing() == [key]
    assert edge.proxy.methods() == ["GET"]
    assert edge.log()[0]["outcome"] == "no image"


def test_another_file_that_does_not_exist(edge: "Edge") -> None:
    assert outcome_of(edge.request("/missing.css", "")) == NOT_FOUND


def test_an_image_that_does_not_exist(edge: "Edge") -> None:
    assert outcome_of(edge.request("/missing.jpg", "")) == NOT_FOUND


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize(
    "uri",
    [
        "/resized/photo.jpg",
        "/resized/S/photo.jpg",
        "/resized/cleaned.size/photo.jpg",
        "/%72esized/S/photo.jpg",
        "/resized%2FS%2Fphoto.jpg",
        "/resized/photo",
        "/x/../photo.jpg",
        "/caf%E9.jpg",
    ],
)
def test_paths_that_name_no_original(edge: "Edge", uri: str, query: str) -> None:
    """The folder of the derivatives may have objects that the function never cleaned."""
    edge.upload(unquote(uri.removeprefix("/")), SECRET)
    assert outcome_of(edge.request(uri, query)) == NOT_FOUND
    assert edge.proxy.requests == []


def test_the_root_is_not_read_with_the_permissions_of_the_function(edge: "Edge") -> None:
    assert edge.request("/", "")["uri"] == "/"
    assert edge.proxy.requests == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [("text.jpg", UNSUPPORTED), ("empty.jpg", UNSUPPORTED), ("30000x30000.png", TOO_LARGE)],
)
def test_an_image_that_cannot_be_cleaned_is_refused(
    edge: "Edge", name: str, expected: tuple[str, str, str]
) -> None:
    edge.upload(name, (BROKEN / name).read_bytes())
    assert outcome_of(edge.request(f"/{name}", "")) == expected
    assert edge.listing() == [name]


def test_an_image_that_is_stored_compressed_is_refused(edge: "Edge") -> None:
    """Browsers would decompress such a file."""
    edge.upload("photo", gzip.compress(SECRET), ContentType="image/jpeg", ContentEncoding="gzip")
    assert outcome_of(edge.request("/photo", "")) == UNSUPPORTED
    style = gzip.compress(b"body {}", mtime=0)
    edge.upload("style.css", style, ContentType="text/css", ContentEncoding="gzip")
    assert serve(edge, "/style.css") == style


def test_a_damaged_image_under_another_name_is_refused(edge: "Edge") -> None:
    edge.upload("photo.txt", SECRET[:30])
    assert outcome_of(edge.request("/photo.txt", "")) == UNSUPPORTED


@pytest.mark.parametrize("query", ["", "size=S", "to_webp=1"])
@pytest.mark.parametrize("uri", ["/photo.jpg", "/photo"])
@pytest.mark.parametrize("method", ["HEAD", "GET", "PUT"])
@pytest.mark.parametrize(
    "fault",
    [
        faults.status(500),
        faults.status(503, error="SlowDown"),
        faults.status(403, error="AccessDenied"),
        faults.close,
    ],
    ids=["500", "503", "403", "closed"],
)
def test_a_fault_of_s3_never_leads_to_the_original(
    edge: "Edge", method: str, uri: str, query: str, fault: "Fault"
) -> None:
    edge.upload(uri.removeprefix("/"), SECRET)
    # A HEAD of the derivative with a 403 is a miss, so such a fault is injected for the original only.
    path = uri if fault is not faults.close and method == "HEAD" else ""
    edge.proxy.inject(fault, method=method, path=path_of(edge, path))
    assert outcome_of(edge.request(uri, query)) == UNAVAILABLE
    assert edge.log()[-1]["outcome"] == "failed"


def test_a_truncated_start_is_a_transient_error(edge: "Edge") -> None:
    edge.upload("photo.txt", SECRET)
    edge.proxy.inject(faults.truncate, method="GET")
    assert outcome_of(edge.request("/photo.txt", "")) == UNAVAILABLE


@pytest.mark.parametrize("name", ["AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"])
def test_an_unforeseen_error_never_leads_to_the_original(
    edge: "Edge", monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    edge.upload("photo.jpg", SECRET)
    monkeypatch.delenv(name)
    assert outcome_of(edge.request("/photo.jpg", "")) == UNAVAILABLE


def test_invalid_settings_never_lead_to_the_original(edge: "Edge") -> None:
    edge.settings["x-env-quality"] = "best"
    result: dict[str, Any] = edge.request("/photo.jpg", "")
    assert outcome_of(result) == ("500", "", "no-store")


@pytest.mark.parametrize("key", ["a+b.jpg", "a b.jpg", "100%.jpg", "été/🐈.jpg", "x//y.jpg"])
def test_keys_of_every_kind(edge: "Edge", key: str) -> None:
    uri = "/" + key.replace("%", "%25").replace(" ", "%20").replace("é", "%C3%A9").replace(
        "🐈", "%F0%9F%90%88"
    )
    edge.upload(key, SECRET)
    assert samples.SECRET not in serve(edge, uri)
    assert edge.image(derived_key(key, "")).size == SIZE
