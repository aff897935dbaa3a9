"""Responses through every entry point: images, JSON, headers, preconditions, ranges."""

import json
import re
import time
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import object_lambda.response
import pytest
from object_lambda.representation import Representation
from PIL import Image

from tests.functions.object_lambda.conftest import (
    AccessPointGet,
    AccessPointHead,
    FunctionUrlGet,
    FunctionUrlHead,
)

if TYPE_CHECKING:
    from tests.functions.object_lambda.conftest import EntryPoint, Function

IMAGES = Path(__file__).parents[2] / "images"
SUNSET = IMAGES / "sunset.jpg"


def get_body(entry_point: "EntryPoint", key: str, query: str = "") -> bytes:
    """Return the body of a GET through an access point, also if the entry point has no bodies."""
    return AccessPointGet(entry_point.function).send(key, query).body


def open_image(body: bytes) -> Image.Image:
    image = Image.open(BytesIO(body))
    image.load()
    return image


def has_body(entry_point: "EntryPoint") -> bool:
    return not isinstance(entry_point, AccessPointHead | FunctionUrlHead)


def test_the_entry_points_agree(entry_point: "EntryPoint") -> None:
    entry_point.function.upload(
        "cat.jpg", (IMAGES / "cat.jpg").read_bytes(), ContentType="binary/octet-stream"
    )
    expected = AccessPointGet(entry_point.function).send("cat.jpg", "size=SS&to_webp=1")
    response = entry_point.send("cat.jpg", "size=SS&to_webp=1")
    assert (response.status, response.headers, response.length) == (
        expected.status,
        expected.headers,
        expected.length,
    )
    assert response.body == (expected.body if has_body(entry_point) else b"")
    assert response.headers["content-type"] == "image/webp"
    assert open_image(expected.body).size == (360, 240)


def test_a_transform_begins_after_the_imports(
    function: "Function", cat: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child that is forked during an import would wait for the lock of the import until the deadline."""
    imported = []

    def import_slowly() -> None:
        time.sleep(0.5)
        imported.append("Pillow")

    def list_imported(*_: Any) -> Representation:
        return Representation(json.dumps(imported).encode(), "application/json", same_format=False)

    function.upload("cat.jpg", cat)
    monkeypatch.setattr(object_lambda.response, "_preload", import_slowly)
    monkeypatch.setattr(object_lambda.response, "create_representation", list_imported)
    assert json.loads(FunctionUrlGet(function).send("cat.jpg").body) == ["Pillow"]


def test_headers_of_the_original(entry_point: "EntryPoint", cat: bytes) -> None:
    stored = entry_point.function.upload(
        "cat.jpg",
        cat,
        ContentType="image/png",
        CacheControl="public, max-age=3600",
        ContentDisposition='Attachment; filename="Anna Example.jpg"',
        ContentLanguage="en",
        Metadata={"photographer": "Anna Example"},
    )
    response = entry_point.send("cat.jpg")
    tag = response.headers.pop("etag")
    assert tag.startswith(stored[:-1] + "-")
    assert tag.endswith('"')
    modified = entry_point.function.s3.head_object(Bucket=entry_point.function.bucket, Key="cat.jpg")[
        "LastModified"
    ]
    assert response.headers == {
        "accept-ranges": "bytes",
        "cache-control": "public, max-age=3600",
        "content-disposition": "attachment",
        "content-language": "en",
        "content-type": "image/jpeg",
        "last-modified": modified.strftime("%a, %d %b %Y %H:%M:%S GMT"),
    }


@pytest.mark.parametrize(
    ("query", "content_type"), [("to_webp=1", "image/webp"), ("showExif=true", "application/json")]
)
def test_content_disposition_is_omitted_for_another_format(
    entry_point: "EntryPoint", cat: bytes, query: str, content_type: str
) -> None:
    entry_point.function.upload("cat.jpg", cat, ContentDisposition='attachment; filename="cat.jpg"')
    response = entry_point.send("cat.jpg", query)
    assert response.headers["content-type"] == content_type
    assert "content-disposition" not in response.headers


@pytest.mark.parametrize(
    ("disposition", "expected"),
    [
        ("inline", "inline"),
        ("ATTACHMENT", "attachment"),
        ("attachment;filename*=UTF-8''Anna%20Example.jpg", "attachment"),
        ('form-data; name="Anna Example"', None),
        ('filename="Anna Example.jpg"', None),
        ("inlineAnna", None),
    ],
)
def test_content_disposition_keeps_only_the_type(
    entry_point: "EntryPoint", cat: bytes, disposition: str, expected: str | None
) -> None:
    entry_point.function.upload("cat.jpg", cat, ContentDisposition=disposition)
    assert entry_point.send("cat.jpg").headers.get("content-disposition") == expected


@pytest.mark.parametrize("query", ["", "size=S", "to_webp=1", "showExif=true"])
def test_user_metadata_is_not_forwarded(entry_point: "EntryPoint", cat: bytes, query: str) -> None:
    entry_point.function.upload("cat.jpg", cat, Metadata={"photographer": "Anna Example", "gps": "52.5"})
    response = entry_point.send("cat.jpg", query)
    assert response.status == 200
    assert not re.search("anna|photographer|x-amz-meta", str(response.headers), re.IGNORECASE)


@pytest.mark.parametrize("value", ["true", "TRUE", "True"])
def test_exif(entry_point: "EntryPoint", value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGE_EXIF", "all")
    entry_point.function.upload("sunset.jpg", SUNSET.read_bytes())
    response = entry_point.send("sunset.jpg", f"showExif={value}")
    assert (response.status, response.headers["content-type"]) == (200, "application/json")
    exif = json.loads(get_body(entry_point, "sunset.jpg", "showExif=true"))
    assert {"0th", "Exif", "GPS"} <= set(exif)
    assert response.length == len(json.dumps(exif))


def test_no_exif(function: "Function", cat: bytes) -> None:
    function.upload("cat.jpg", cat)
    assert AccessPointGet(function).send("cat.jpg", "showExif=true").body == b"{}"


@pytest.mark.parametrize("query", ["showExif=false", "to_webp=0", "utm_source=newsletter", ""])
def test_the_cleaned_original(entry_point: "EntryPoint", query: str) -> None:
    data = SUNSET.read_bytes()
    entry_point.function.upload("sunset.jpg", data)
    response = entry_point.send("sunset.jpg", query)
    cleaned = get_body(entry_point, "sunset.jpg")
    assert (response.status, response.length) == (200, len(cleaned))
    assert len(cleaned) < len(data)
    assert open_image(cleaned).tobytes() == open_image(data).tobytes()


@pytest.mark.parametrize(
    "key", ["a b+c.jpg", "café/猫.jpg", "100%.jpg", "a%20b.jpg", "what?.jpg", "a?size=XXL.jpg", "a#b&c=d.jpg"]
)
@pytest.mark.parametrize("query", ["", "size=SXS"])
def test_keys_and_their_queries(entry_point: "EntryPoint", cat: bytes, key: str, query: str) -> None:
    entry_point.function.upload(key, cat)
    response = entry_point.send(key, query)
    assert (response.status, response.code) == (200, None)
    size = open_image(get_body(entry_point, key, query)).size
    assert size == ((180, 120) if query else (640, 427))


@pytest.mark.parametrize("key", ["cat.jpg", "a b+c.jpg", "café/猫.jpg", "100%.jpg"])
def test_the_log_has_the_key_of_the_original(entry_point: "EntryPoint", cat: bytes, key: str) -> None:
    entry_point.function.upload(key, cat)
    entry_point.send(key)
    assert [line["key"] for line in entry_point.function.log()] == [key]


def test_a_question_mark_in_the_query(entry_point: "EntryPoint", cat: bytes) -> None:
    entry_point.function.upload("what?.jpg", cat)
    body_length = entry_point.send("what?.jpg", "size=SXS&ref=a?b").length
    assert body_length == entry_point.send("what?.jpg", "size=SXS").length


def test_an_alias_before_the_key_in_the_viewers_url(function: "Function", cat: bytes) -> None:
    """A viewer may send the alias of the access point in the path."""
    function.upload("cat.jpg", cat)
    event = AccessPointGet(function).event("cat.jpg", "", {})
    event["userRequest"]["url"] = "https://s3.eu-west-1.amazonaws.com/images--ol-s3/cat.jpg?size=SXS"
    entry_point = AccessPointGet(function)
    entry_point.event = lambda *_: event  # type: ignore[method-assign] # always this event
    assert open_image(entry_point.send("cat.jpg").body).size == (180, 120)


def test_each_variant_has_its_own_etag(
    entry_point: "EntryPoint", cat: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry_point.function.upload("cat.jpg", cat)
    queries = ["", "size=SXS", "size=SXS&to_webp=1", "to_webp=1", "showExif=true"]
    tags = [entry_point.send("cat.jpg", query).headers["etag"] for query in queries]
    assert len(set(tags)) == len(queries)
    assert entry_point.send("cat.jpg", "size=SXS").headers["etag"] == tags[1]
    monkeypatch.setenv("IMAGE_QUALITY", "50")
    assert entry_point.send("cat.jpg", "size=SXS").headers["etag"] not in tags
    assert entry_point.send("cat.jpg").headers["etag"] == tags[0]
    monkeypatch.setenv("IMAGE_EXIF", "all")
    assert entry_point.send("cat.jpg", "showExif=true").headers["etag"] not in tags
    monkeypatch.setenv("IMAGE_SIZES", '{"SXS":[18,18]}')
    assert entry_point.send("cat.jpg", "size=SXS").headers["etag"] not in tags
    entry_point.function.upload("cat.jpg", SUNSET.read_bytes())
    assert entry_point.send("cat.jpg").headers["etag"] not in tags


def test_a_current_copy_gets_a_304(entry_point: "EntryPoint", cat: bytes) -> None:
    entry_point.function.upload("cat.jpg", cat)
    first = entry_point.send("cat.jpg", "size=SXS")
    entry_point.function.proxy.requests.clear()
    response = entry_point.send(
        "cat.jpg", "size=SXS", {"If-None-Match": f'"other", W/{first.headers["etag"]}'}
    )
    assert (response.status, response.body, response.length, response.code) == (304, b"", 0, None)
    assert response.headers["etag"] == first.headers["etag"]
    assert "content-type" not in response.headers
    # S3 sent no byte of the original.
    assert entry_point.function.requested_methods() == (
        ["HEAD"] if isinstance(entry_point, AccessPointHead) else ["GET"]
    )
    forwarded = entry_point.function.proxy.requests[0].headers["if-none-match"]
    assert forwarded == first.headers["etag"].rpartition("-")[0] + '"'


@pytest.mark.parametrize("condition", ["the original", "another variant", "something else"])
def test_a_copy_of_another_variant_gets_a_200(entry_point: "EntryPoint", cat: bytes, condition: str) -> None:
    etag = entry_point.function.upload("cat.jpg", cat)
    tag = {
        "the original": etag,
        "another variant": entry_point.send("cat.jpg").headers["etag"],
        "something else": '"abc-123456789012"',
    }[condition]
    modified = entry_point.send("cat.jpg").headers["last-modified"]
    response = entry_point.send("cat.jpg", "size=SXS", {"If-None-Match": tag, "If-Modified-Since": modified})
    assert (response.status, response.headers["content-type"]) == (200, "image/jpeg")


def test_a_false_precondition_comes_before_a_304(entry_point: "EntryPoint", cat: bytes) -> None:
    """S3 gets no If-Match, and evaluates If-None-Match alone (RFC 9110, section 13.2.2)."""
    entry_point.function.upload("cat.jpg", cat)
    current = entry_point.send("cat.jpg").headers["etag"]
    headers = {"If-Match": '"something else"', "If-None-Match": current}
    assert entry_point.send("cat.jpg", headers=headers).status == 412


PAST, FUTURE = "Wed, 01 Jan 2020 00:00:00 GMT", "Tue, 01 Jan 2069 00:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-Modified-Since": FUTURE}, 304),
        ({"If-Modified-Since": PAST}, 200),
        ({"If-Unmodified-Since": PAST}, 412),
        ({"If-Unmodified-Since": FUTURE}, 200),
        ({"If-Match": '"something else"'}, 412),
        ({"If-Match": "*"}, 200),
        ({"If-None-Match": "*"}, 304),
    ],
)
def test_other_preconditions(
    entry_point: "EntryPoint", cat: bytes, headers: dict[str, str], status: int
) -> None:
    entry_point.function.upload("cat.jpg", cat)
    response = entry_point.send("cat.jpg", "size=SXS", headers)
    assert response.status == status
    if status == 412 and not isinstance(entry_point, FunctionUrlHead):
        assert response.code == "PreconditionFailed"


def test_if_match_needs_a_strong_match(entry_point: "EntryPoint", cat: bytes) -> None:
    entry_point.function.upload("cat.jpg", cat)
    tag = entry_point.send("cat.jpg").headers["etag"]
    assert entry_point.send("cat.jpg", headers={"If-Match": tag}).status == 200
    assert entry_point.send("cat.jpg", headers={"If-Match": f"W/{tag}"}).status == 412


@pytest.mark.parametrize(
    ("requested", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=100-", 100, None),
        ("bytes=-10", -10, None),
        ("bytes=5-5", 5, 5),
        ("bytes=0-99999999", 0, None),
        ("bytes=-99999999", 0, None),
    ],
)
def test_ranges_of_the_representation(
    entry_point: "EntryPoint", cat: bytes, requested: str, first: int, last: int | None
) -> None:
    entry_point.function.upload("cat.jpg", cat)
    whole = get_body(entry_point, "cat.jpg", "size=SXS")
    start = first % len(whole) if first < 0 else first
    stop = len(whole) if last is None else last + 1
    response = entry_point.send("cat.jpg", "size=SXS", {"Range": requested})
    assert (response.status, response.length) == (206, stop - start)
    assert response.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(whole)}"
    assert response.headers["content-type"] == "image/jpeg"
    assert response.body == (whole[start:stop] if has_body(entry_point) else b"")
    assert all("range" not in request.headers for request in entry_point.function.proxy.requests)


@pytest.mark.parametrize("requested", ["bytes=99999999-", "bytes=-0"])
def test_ranges_after_the_end(entry_point: "EntryPoint", cat: bytes, requested: str) -> None:
    entry_point.function.upload("cat.jpg", cat)
    response = entry_point.send("cat.jpg", "size=SXS", {"Range": requested})
    assert response.status == 416
    if not isinstance(entry_point, FunctionUrlHead):
        assert response.code == "InvalidRange"
    if isinstance(entry_point, FunctionUrlGet):
        assert re.fullmatch(r"bytes \*/[1-9][0-9]+", response.headers["content-range"])


@pytest.mark.parametrize(
    "requested", ["bytes=5-2", "bytes=-", "bytes=0-1,4-5", "lines=1-2", "bytes=a-b", "0-5"]
)
def test_invalid_ranges_are_ignored(entry_point: "EntryPoint", cat: bytes, requested: str) -> None:
    entry_point.function.upload("cat.jpg", cat)
    response = entry_point.send("cat.jpg", "size=SXS", {"Range": requested})
    assert (response.status, "content-range" in response.headers) == (200, False)


def test_if_range_needs_the_same_representation(entry_point: "EntryPoint", cat: bytes) -> None:
    entry_point.function.upload("cat.jpg", cat)
    whole = entry_point.send("cat.jpg")

    def status(if_range: str) -> int:
        return entry_point.send("cat.jpg", headers={"Range": "bytes=0-9", "If-Range": if_range}).status

    assert status(whole.headers["etag"]) == 206
    assert status(whole.headers["last-modified"]) == 206
    assert status('"another"') == 200
    assert status(PAST) == 200


def test_range_as_a_query_parameter_of_an_access_point(function: "Function", cat: bytes) -> None:
    function.upload("cat.jpg", cat)
    assert AccessPointGet(function).send("cat.jpg", "size=SXS&Range=bytes=0-9").status == 206
    assert FunctionUrlGet(function).send("cat.jpg", "size=SXS&Range=bytes=0-9").status == 200


def test_headers_that_the_url_signs_are_sent_along(function: "Function", cat: bytes) -> None:
    function.upload("cat.jpg", cat)
    event = AccessPointGet(function).event("cat.jpg", "", {"X-Amz-Checksum-Mode": "ENABLED", "X-Other": "no"})
    url = event["getObjectContext"]["inputS3Url"]
    signed_headers = "X-Amz-SignedHeaders=host%3Bx-amz-checksum-mode%3Bx-amz-absent"
    event["getObjectContext"]["inputS3Url"] = url.replace("X-Amz-SignedHeaders=host", signed_headers)
    entry_point = AccessPointGet(function)
    entry_point.event = lambda *_: event  # type: ignore[method-assign] # always this event
    assert entry_point.send("cat.jpg").status == 200
    sent = function.proxy.requests[0].headers
    assert sent["x-amz-checksum-mode"] == "ENABLED"
    assert sent["host"] == function.proxy.url.removeprefix("http://")
    assert not {"x-other", "x-amz-absent", "authorization"} & set(sent)


def test_after_a_head_the_function_reads_with_its_own_credentials(function: "Function", cat: bytes) -> None:
    function.upload("cat.jpg", cat)
    AccessPointHead(function).send("cat.jpg")
    head, get = function.proxy.requests
    assert (head.method, "X-Amz-Signature" in head.path) == ("HEAD", True)
    assert "authorization" not in head.headers
    assert (get.method, get.path) == ("GET", f"/{function.bucket}/cat.jpg")
    assert "Credential=ASIAEXAMPLE/" in get.headers["authorization"]
