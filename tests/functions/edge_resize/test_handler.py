"""Derivatives: created, found, replaced."""

import base64
import copy
import json
import threading
import zlib
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from image_url import DEFAULT_SIZES
from PIL import Image, ImageColor, ImageOps

from tests.functions.edge_resize.keys import derived_key
from tests.libs.s3_http import fault_proxy as faults
from tests.libs.s3_http.servers import moto_client

if TYPE_CHECKING:
    from tests.functions.edge_resize.conftest import Edge

IMAGES = Path(__file__).parents[2] / "images"
PAST, FUTURE = datetime(1994, 12, 1, 16, tzinfo=UTC), datetime(2094, 12, 1, 16, tzinfo=UTC)
MISS = ["GET", "HEAD", "HEAD", "PUT"]
HIT = ["HEAD", "HEAD"]
FORMATS = {"sunset.jpg": "JPEG", "wine-tall.jpg": "JPEG", "astronaut-square.png": "PNG"}


@pytest.mark.parametrize("to_webp", [False, True], ids=["as it is", "webp"])
@pytest.mark.parametrize("size", sorted(DEFAULT_SIZES))
@pytest.mark.parametrize("name", FORMATS)
def test_every_size(edge: "Edge", name: str, size: str, to_webp: bool) -> None:  # noqa: FBT001 - a column of the table
    edge.upload(name, (IMAGES / name).read_bytes())
    result = edge.request(f"/{name}", f"size={size}&to_webp={to_webp:d}")
    key = derived_key(name, f"size={size}&to_webp={to_webp:d}")
    assert (result["uri"], result["querystring"]) == (f"/{key}", "")
    image = edge.image(key)
    original = ImageOps.exif_transpose(edge.image(name))
    box = DEFAULT_SIZES[size].width or 0, DEFAULT_SIZES[size].height or 0
    box = box if original.width >= original.height else box[::-1]
    scale = min(1, box[0] / original.width, box[1] / original.height)
    assert image.width == pytest.approx(original.width * scale, abs=1)
    assert image.height == pytest.approx(original.height * scale, abs=1)
    assert image.format == ("WEBP" if to_webp else FORMATS[name])
    assert edge.stored(key)["ContentType"] == Image.MIME[image.format or ""]


@pytest.mark.parametrize("name", ["sunset.jpg", "astronaut-square.png", "cat.webp", "orientation/6.jpg"])
def test_webp_of_the_original_size(edge: "Edge", name: str) -> None:
    edge.upload(name, (IMAGES / name).read_bytes())
    uri = edge.request(f"/{name}", "to_webp=1")["uri"]
    assert uri == f"/{derived_key(name, 'to_webp=1')}"
    image = edge.image(uri[1:])
    assert (image.format, image.size) == ("WEBP", ImageOps.exif_transpose(edge.image(name)).size)
    edge.proxy.requests.clear()
    edge.request(f"/{name}", "to_webp=1")
    assert edge.proxy.methods() == HIT


def test_a_miss_and_then_a_hit(edge: "Edge", cat: bytes) -> None:
    etag = edge.upload("cat.jpg", cat)
    first = edge.request("/cat.jpg", "size=S")
    assert sorted(edge.proxy.methods()) == MISS
    assert edge.stored(derived_key("cat.jpg"))["Metadata"] == {"source-etag": etag}
    edge.proxy.requests.clear()
    assert edge.request("/cat.jpg", "size=S") == first
    assert edge.proxy.methods() == HIT
    made, found = edge.log()
    assert (made["outcome"], made["key"], made["query"]) == ("made", "cat.jpg", "size=S")
    assert made["key"] + "/" + made["derivative"] == derived_key("cat.jpg").removeprefix("resized/")
    assert list(made["spent_ms"]) == ["lookup", "fetch", "transform", "store"]
    size = edge.stored(derived_key("cat.jpg"))["ContentLength"]
    assert (made["original_bytes"], made["derivative_bytes"]) == (len(cat), size)
    assert (found["outcome"], list(found["spent_ms"])) == ("found", ["lookup"])
    assert "derivative_bytes" not in found


@pytest.mark.usefixtures("patient_client")
def test_both_lookups_are_parallel(edge: "Edge", cat: bytes) -> None:
    edge.upload("cat.jpg", cat)
    edge.proxy.hold_heads(2)
    for _ in ("miss", "hit"):
        assert edge.request("/cat.jpg")["uri"] == f"/{derived_key('cat.jpg')}"
    assert len(edge.proxy.requests) == len(MISS) + len(HIT)


@pytest.mark.usefixtures("patient_client")
def test_connections_are_kept_between_invocations(edge: "Edge", cat: bytes) -> None:
    edge.upload("cat.jpg", cat)
    edge.proxy.hold_heads(2)
    for size in ("S", "M", "S", "M"):
        edge.request("/cat.jpg", f"size={size}")
    assert len({request.connection for request in edge.proxy.requests}) == 2


def test_connections_that_s3_closed_between_invocations(edge: "Edge", cat: bytes) -> None:
    edge.upload("cat.jpg", cat)
    edge.proxy.inject(faults.respond_then_close)
    for size in ("S", "M", "S", "M"):
        assert edge.request("/cat.jpg", f"size={size}")["uri"] == "/" + derived_key("cat.jpg", f"size={size}")
    assert len(edge.proxy.requests) == 2 * len(MISS) + 2 * len(HIT)


def test_credentials_are_those_of_the_invocation(
    edge: "Edge", cat: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    edge.upload("cat.jpg", cat)
    edge.request("/cat.jpg")
    edge.proxy.requests.clear()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ASIARENEWED")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "renewed-session")
    edge.request("/cat.jpg")
    for request in edge.proxy.requests:
        assert request.headers["x-amz-security-token"] == "renewed-session"
        assert "Credential=ASIARENEWED/" in request.headers["authorization"]


def test_the_endpoint_for_s3_alone_wins(edge: "Edge", cat: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    edge.upload("cat.jpg", cat)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", edge.proxy.url)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert edge.request("/cat.jpg")["uri"] == f"/{derived_key('cat.jpg')}"


@pytest.mark.parametrize(
    ("key", "uri", "derived_uri"),
    [
        ("a b.jpg", "/a%20b.jpg", "/resized/a%20b.jpg"),
        ("a+b.jpg", "/a+b.jpg", "/resized/a%2Bb.jpg"),
        ("a+b.jpg", "/a%2Bb.jpg", "/resized/a%2Bb.jpg"),
        ("100%.jpg", "/100%25.jpg", "/resized/100%25.jpg"),
        ("100%25.jpg", "/100%2525.jpg", "/resized/100%2525.jpg"),
        ("café/été.jpg", "/caf%C3%A9/%C3%A9t%C3%A9.jpg", "/resized/caf%C3%A9/%C3%A9t%C3%A9.jpg"),
        ("猫/🐈.JPEG", "/%E7%8C%AB/%F0%9F%90%88.JPEG", "/resized/%E7%8C%AB/%F0%9F%90%88.JPEG"),
        ("a?b#c&d=e.jpg", "/a%3Fb%23c%26d%3De.jpg", "/resized/a%3Fb%23c%26d%3De.jpg"),
        ("(1)'!*.jpg", "/(1)'!*.jpg", "/resized/%281%29%27%21%2A.jpg"),
    ],
)
def test_keys_of_every_kind(edge: "Edge", cat: bytes, key: str, uri: str, derived_uri: str) -> None:
    edge.upload(key, cat)
    name = derived_key(key).rpartition("/")[2]
    assert edge.request(uri)["uri"] == f"{derived_uri}/{name}"
    assert sorted(edge.listing()) == sorted([key, derived_key(key)])


def test_the_rest_of_the_request_is_unchanged(edge: "Edge", cat: bytes) -> None:
    edge.upload("cat.jpg", cat)
    event = edge.event("/cat.jpg", "size=S&versionId=1&utm_source=x")
    before: dict[str, Any] = copy.deepcopy(event)["Records"][0]["cf"]["request"]
    result = edge.request("/cat.jpg", "size=S&versionId=1&utm_source=x")
    assert result == {**before, "uri": f"/{derived_key('cat.jpg')}", "querystring": ""}


def test_head_creates_a_derivative(edge: "Edge", cat: bytes) -> None:
    edge.upload("cat.jpg", cat)
    assert edge.request("/cat.jpg", method="HEAD")["uri"] == f"/{derived_key('cat.jpg')}"
    assert edge.image(derived_key("cat.jpg")).size == (640, 427)


@pytest.mark.parametrize(
    ("of_original", "of_derivative"),
    [
        ({}, {"CacheControl": "public"}),
        ({"CacheControl": "public, max-age=60"}, {"CacheControl": "public, max-age=60"}),
        ({"CacheControl": "private, no-store"}, {"CacheControl": "private, no-store"}),
        ({"Expires": PAST}, {"CacheControl": "public", "Expires": PAST}),
        ({"Expires": FUTURE}, {"CacheControl": "public", "Expires": FUTURE}),
        (
            {"CacheControl": "max-age=1", "Expires": FUTURE, "ContentLanguage": "de, en"},
            {"CacheControl": "max-age=1", "Expires": FUTURE, "ContentLanguage": "de, en"},
        ),
        (
            {"ContentDisposition": 'inline; filename="cat.jpg"'},
            {"CacheControl": "public", "ContentDisposition": 'inline; filename="cat.jpg"'},
        ),
    ],
)
def test_inherited_headers(
    edge: "Edge", cat: bytes, of_original: dict[str, Any], of_derivative: dict[str, Any]
) -> None:
    edge.upload("cat.jpg", cat, **of_original)
    edge.request("/cat.jpg")
    assert headers(edge, derived_key("cat.jpg")) == of_derivative
    edge.proxy.requests.clear()
    edge.request("/cat.jpg")
    assert edge.proxy.methods() == HIT


@pytest.mark.parametrize(
    ("of_original", "cache_control"),
    [
        ({}, "public, max-age=86400, s-maxage=60"),
        ({"CacheControl": "max-age=5"}, "max-age=5"),
        ({"Expires": FUTURE}, "public"),
    ],
)
def test_the_default_lifetime(
    edge: "Edge", cat: bytes, of_original: dict[str, Any], cache_control: str
) -> None:
    edge.settings["x-env-cache-control"] = "public, max-age=86400, s-maxage=60"
    edge.upload("cat.jpg", cat, **of_original)
    for methods in (MISS, HIT):
        edge.proxy.requests.clear()
        edge.request("/cat.jpg", "format=webp&width=64")
        assert sorted(edge.proxy.methods()) == methods
    assert edge.stored(derived_key("cat.jpg", "format=webp&width=64"))["CacheControl"] == cache_control


@pytest.mark.parametrize(
    "change", [{"Expires": PAST}, {"ContentLanguage": "en"}, {"ContentDisposition": "x"}]
)
@pytest.mark.parametrize("change_back", [False, True])
def test_changed_headers_give_a_new_derivative(
    edge: "Edge",
    cat: bytes,
    change: dict[str, Any],
    change_back: bool,  # noqa: FBT001 - a column of the table
) -> None:
    before, after = (change, {}) if change_back else ({}, change)
    edge.upload("cat.jpg", cat, **before)
    edge.request("/cat.jpg")
    edge.upload("cat.jpg", cat, **after)
    edge.request("/cat.jpg")
    assert headers(edge, derived_key("cat.jpg")) == {"CacheControl": "public", **after}


@pytest.mark.parametrize("value", ["0", "-1", "soon"])
def test_an_expiry_that_is_no_date_is_inherited(edge: "Edge", cat: bytes, value: str) -> None:
    """CloudFront and browsers treat such a value as a date in the past: they must not cache the image."""
    client = moto_client("s3", edge.proxy.upstream)  # other tests share that of `edge`
    client.meta.events.register(
        "before-sign.s3.PutObject", lambda request, **_: request.headers.add_header("Expires", value)
    )
    client.put_object(Bucket=edge.bucket, Key="cat.jpg", Body=cat)
    client.close()
    edge.request("/cat.jpg")
    (put,) = [request for request in edge.proxy.requests if request.method == "PUT"]
    assert put.headers["expires"] == value


def test_a_file_name_is_not_inherited_by_another_format(edge: "Edge", cat: bytes) -> None:
    edge.upload("cat.jpg", cat, ContentDisposition='inline; filename="cat.jpg"')
    edge.upload("cat.webp", (IMAGES / "cat.webp").read_bytes(), ContentDisposition='filename="cat.webp"')
    for key, query, kept in (
        ("cat.jpg", "size=S&to_webp=1", None),
        ("cat.jpg", "size=S&to_webp=0", 'inline; filename="cat.jpg"'),
        ("cat.webp", "size=S&to_webp=1", 'filename="cat.webp"'),
    ):
        uri = edge.request(f"/{key}", query)["uri"]
        assert headers(edge, uri[1:]).get("ContentDisposition") == kept
        edge.proxy.requests.clear()
        edge.request(f"/{key}", query)
        assert edge.proxy.methods() == HIT


def test_a_derivative_carries_a_checksum(edge: "Edge", cat: bytes) -> None:
    edge.upload("cat.jpg", cat)
    edge.request("/cat.jpg")
    (put,) = [request for request in edge.proxy.requests if request.method == "PUT"]
    assert base64.b64decode(put.headers["x-amz-checksum-crc32"]) == zlib.crc32(put.body).to_bytes(4, "big")


def test_a_replaced_original_gives_a_new_derivative(edge: "Edge", cat: bytes) -> None:
    edge.upload("cat.jpg", cat)
    edge.request("/cat.jpg", "size=SXS&to_webp=1")
    black = BytesIO()
    Image.new("RGB", (600, 400)).save(black, "JPEG")
    etag = edge.upload("cat.jpg", black.getvalue())
    result = edge.request("/cat.jpg", "size=SXS&to_webp=1")
    key = derived_key("cat.jpg", "size=SXS&to_webp=1")
    assert result["uri"] == f"/{key}"
    assert edge.image(key).getextrema() == ((0, 0),) * 3
    assert edge.stored(key)["Metadata"]["source-etag"] == etag


@pytest.mark.parametrize(
    "change",
    [
        {"x-env-quality": "30"},
        {"x-env-sizes": '{"SS":[200,100]}'},
    ],
    ids=lambda change: next(iter(change)),
)
def test_changed_settings_give_a_new_derivative(edge: "Edge", cat: bytes, change: dict[str, str]) -> None:
    edge.upload("cat.jpg", cat)
    first = edge.request("/cat.jpg", "size=SS")["uri"][1:]
    edge.settings.update(change)
    second = edge.request("/cat.jpg", "size=SS")["uri"][1:]
    assert first != second
    assert len(edge.stored(second)["Body"].read()) < len(edge.stored(first)["Body"].read())


@pytest.mark.parametrize(
    ("etag", "cache_control"),
    [
        ("another", "public"),
        (None, "public"),
        ("right", "max-age=1"),
        ("right", ""),
    ],
)
def test_an_outdated_derivative_is_replaced(
    edge: "Edge", cat: bytes, etag: str | None, cache_control: str
) -> None:
    right = edge.upload("cat.jpg", cat)
    metadata = {"source-etag": right if etag == "right" else etag}
    edge.upload(
        derived_key("cat.jpg"),
        b"old",
        CacheControl=cache_control,
        Metadata={name: value for name, value in metadata.items() if value},
    )
    edge.request("/cat.jpg")
    assert edge.image(derived_key("cat.jpg")).size == (640, 427)


def test_a_current_derivative_is_not_replaced(edge: "Edge", cat: bytes) -> None:
    """The counterpart of the test above: metadata and headers decide, not the bytes."""
    etag = edge.upload("cat.jpg", cat)
    metadata = {"source-etag": etag, "more": "x"}
    edge.upload(derived_key("cat.jpg"), b"old", CacheControl="public", Metadata=metadata)
    edge.request("/cat.jpg")
    assert edge.proxy.methods() == HIT


def test_originals_with_other_extensions_have_other_derivatives(edge: "Edge") -> None:
    colours = {"cat.jpg": "red", "cat.png": "blue", "cat.jpg.webp": "lime", "cat.webp": "white"}
    for name, colour in colours.items():
        body = BytesIO()
        extension = name.rpartition(".")[2].replace("jpg", "jpeg")
        Image.new("RGB", (60, 40), colour).save(body, extension, lossless=True)
        edge.upload(name, body.getvalue())
    for query in ("size=S&to_webp=1", "size=S"):
        uris = [edge.request(f"/{name}", query)["uri"] for name in colours]
        assert len(set(uris)) == len(colours)
        for uri, colour in zip(uris, colours.values(), strict=True):
            expected = Image.new("RGB", (1, 1), colour).getpixel((0, 0))
            assert edge.image(uri[1:]).convert("RGB").getpixel((30, 20)) == pytest.approx(expected, abs=6)


@pytest.mark.parametrize(
    ("content", "url", "content_type"),
    [
        ("cat.png", "/x.jpg?size=S", "image/png"),
        ("cat.webp", "/x.jpg?size=S", "image/webp"),
        ("cat.jpg", "/x.png?size=S&to_webp=1", "image/webp"),
        ("cat.jpg", "/x.webp?size=S&to_webp=1", "image/webp"),
        ("cat.jpg", "/x.webp?size=S&to_webp=0", "image/jpeg"),
        ("cat.webp", "/x.webp?size=S&to_webp=1", "image/webp"),
        ("coffee.mpo", "/x.gif?size=S", "image/jpeg"),
        ("cat.png", "/x.png?format=jpeg", "image/jpeg"),
        ("cat.jpg", "/x.png?format=png", "image/png"),
        ("cat.jpg", "/x.jpg?format=gif&width=64", "image/gif"),
        ("cat.jpg", "/x.jpg?format=avif&width=64", "image/avif"),
        ("sunset.jpg", "/x.jpg?format=auto&width=640", "image/jpeg"),
        ("sunset.jpg", "/x.jpg?format=auto-webp&width=640", "image/webp"),
    ],
)
def test_the_content_decides_the_format(edge: "Edge", content: str, url: str, content_type: str) -> None:
    uri, _, query = url.partition("?")
    edge.upload(uri[1:], (IMAGES / content).read_bytes(), ContentType="binary/octet-stream")
    key = derived_key(uri[1:], query)
    assert edge.request(uri, query)["uri"] == f"/{key}"
    assert edge.stored(key)["ContentType"] == content_type
    image = edge.image(key)
    assert Image.MIME[image.format or ""] == content_type


def test_a_negotiated_format_depends_on_the_content(edge: "Edge", cat: bytes) -> None:
    edge.upload("cat.jpg", cat)
    lengths = {}
    for output in ("auto-avif", "avif", "webp", "jpeg"):
        query = f"format={output}&width=64"
        assert edge.request("/cat.jpg", query)["uri"] == f"/{derived_key('cat.jpg', query)}"
        stored = edge.stored(derived_key("cat.jpg", query))
        image = edge.image(derived_key("cat.jpg", query))
        assert stored["ContentType"] == Image.MIME[image.format or ""]
        lengths[output] = stored["ContentLength"]
    assert lengths["auto-avif"] <= min(lengths.values())


def test_facts_about_an_image_are_stored(edge: "Edge", cat: bytes) -> None:
    edge.upload("cat.jpg", cat, ContentDisposition='filename="cat.jpg"', CacheControl="max-age=5")
    for methods in (MISS, HIT):
        edge.proxy.requests.clear()
        assert edge.request("/cat.jpg", "format=json")["uri"] == f"/{derived_key('cat.jpg', 'format=json')}"
        assert sorted(edge.proxy.methods()) == methods
    stored = edge.stored(derived_key("cat.jpg", "format=json"))
    assert (stored["ContentType"], stored["CacheControl"]) == ("application/json", "max-age=5")
    assert "ContentDisposition" not in stored
    facts = json.loads(stored["Body"].read())
    assert (facts["width"], facts["height"], facts["bytes"]) == (640, 427, len(cat))


def test_a_crop_around_the_focal_point_of_the_original(edge: "Edge") -> None:
    """A new focal point is a copy of the object onto itself, which does not change its ETag."""
    stripes = Image.new("RGB", (300, 100), "red")
    for place, colour in enumerate(("red", "lime", "blue")):
        stripes.paste(colour, (100 * place, 0, 100 * place + 100, 100))
    body = BytesIO()
    stripes.save(body, "PNG")
    query = "fit=cover&height=50&width=50"
    etags = set()
    for focal_point, colour in (("0.1,0.5", "red"), ("east", "blue"), (None, "lime")):
        metadata = {"focal-point": focal_point} if focal_point else {}
        etags.add(edge.upload("stripes.png", body.getvalue(), Metadata=metadata))
        key = edge.request("/stripes.png", query)["uri"][1:]
        image = edge.image(key).convert("RGB")
        assert (image.size, image.getpixel((25, 25))) == ((50, 50), ImageColor.getrgb(colour))
        edge.proxy.requests.clear()
        edge.request("/stripes.png", query)
        assert edge.proxy.methods() == HIT
    assert len(etags) == 1


def test_all_derivatives_of_an_original_share_a_prefix(edge: "Edge", cat: bytes) -> None:
    edge.upload("a/cat.jpg", cat)
    for query in ("size=SXS", "to_webp=1", "width=64", "format=json"):
        edge.request("/a/cat.jpg", query)
    assert len(edge.listing()) == 5
    assert all(key.startswith("resized/a/cat.jpg/v") for key in edge.listing() if key != "a/cat.jpg")


@pytest.mark.usefixtures("patient_client")
def test_two_parallel_invocations(edge: "Edge", cat: bytes) -> None:
    edge.upload("cat.jpg", cat)
    edge.request(
        "/cat.jpg", "size=M"
    )  # creates the connections, which one sandbox of Lambda never does in parallel

    def release() -> None:
        edge.proxy.barrier = None  # the second invocation repeats its lookup alone

    edge.proxy.barrier = threading.Barrier(4, release, timeout=20)
    results: list[dict[str, Any]] = []
    threads = [threading.Thread(target=lambda: results.append(edge.request("/cat.jpg"))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result["uri"] for result in results] == [f"/{derived_key('cat.jpg')}"] * 2
    assert edge.image(derived_key("cat.jpg")).size == (640, 427)


def test_the_log_has_no_secrets(edge: "Edge", cat: bytes) -> None:
    edge.upload("cat.jpg", cat)
    edge.request("/cat.jpg")
    edge.proxy.inject(faults.status(500))
    edge.request("/cat.jpg", "size=M")
    log = str(edge.log())
    assert "made" in log
    assert "redirected" in log
    assert "example-key" not in log
    assert "example-session" not in log


def headers(edge: "Edge", key: str) -> dict[str, Any]:
    """Return the headers that a derivative inherits."""
    stored: dict[str, Any] = dict(edge.s3.head_object(Bucket=edge.bucket, Key=key))
    names = ("CacheControl", "Expires", "ContentDisposition", "ContentLanguage")
    return {name: stored[name] for name in names if name in stored}
