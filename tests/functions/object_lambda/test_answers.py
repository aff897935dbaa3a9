"""What a viewer gets, in each of the ways in: pictures, JSON, conditions, ranges."""

import json
import re
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.functions.object_lambda.conftest import Get, Head, Url, UrlHead

if TYPE_CHECKING:
    from tests.functions.object_lambda.conftest import Function, Way

IMAGES = Path(__file__).parents[2] / "images"
SUNSET = IMAGES / "sunset.jpg"


def body_of(way: "Way", key: str, query: str = "") -> bytes:
    """What GET brings, whichever way is looked at."""
    return Get(way.function).ask(key, query).body


def opened(body: bytes) -> Image.Image:
    picture = Image.open(BytesIO(body))
    picture.load()
    return picture


def has_body(way: "Way") -> bool:
    return not isinstance(way, Head | UrlHead)


def test_the_ways_agree(way: "Way") -> None:
    way.function.upload("cat.jpg", (IMAGES / "cat.jpg").read_bytes(), ContentType="binary/octet-stream")
    expected = Get(way.function).ask("cat.jpg", "size=SS&to_webp=1")
    got = way.ask("cat.jpg", "size=SS&to_webp=1")
    assert (got.status, got.headers, got.length) == (expected.status, expected.headers, expected.length)
    assert got.body == (expected.body if has_body(way) else b"")
    assert got.headers["content-type"] == "image/webp"
    assert opened(expected.body).size == (360, 240)


def test_headers_of_the_object(way: "Way", cat: bytes) -> None:
    stored = way.function.upload(
        "cat.jpg",
        cat,
        ContentType="image/png",
        CacheControl="public, max-age=3600",
        ContentDisposition='Attachment; filename="Anna Example.jpg"',
        ContentLanguage="en",
        Metadata={"photographer": "Anna Example"},
    )
    got = way.ask("cat.jpg")
    tag = got.headers.pop("etag")
    assert tag.startswith(stored[:-1] + "-")
    assert tag.endswith('"')
    modified = way.function.s3.head_object(Bucket=way.function.bucket, Key="cat.jpg")["LastModified"]
    assert got.headers == {
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
def test_a_file_name_is_not_kept_for_another_format(
    way: "Way", cat: bytes, query: str, content_type: str
) -> None:
    way.function.upload("cat.jpg", cat, ContentDisposition='attachment; filename="cat.jpg"')
    got = way.ask("cat.jpg", query)
    assert got.headers["content-type"] == content_type
    assert "content-disposition" not in got.headers


@pytest.mark.parametrize(
    ("disposition", "kept"),
    [
        ("inline", "inline"),
        ("ATTACHMENT", "attachment"),
        ("attachment;filename*=UTF-8''Anna%20Example.jpg", "attachment"),
        ('form-data; name="Anna Example"', None),
        ('filename="Anna Example.jpg"', None),
        ("inlineAnna", None),
    ],
)
def test_the_disposition_names_nobody(way: "Way", cat: bytes, disposition: str, kept: str | None) -> None:
    way.function.upload("cat.jpg", cat, ContentDisposition=disposition)
    assert way.ask("cat.jpg").headers.get("content-disposition") == kept


@pytest.mark.parametrize("query", ["", "size=S", "to_webp=1", "showExif=true"])
def test_the_metadata_of_the_user_stay_in_the_bucket(way: "Way", cat: bytes, query: str) -> None:
    way.function.upload("cat.jpg", cat, Metadata={"photographer": "Anna Example", "gps": "52.5"})
    got = way.ask("cat.jpg", query)
    assert got.status == 200
    assert not re.search("anna|photographer|x-amz-meta", str(got.headers), re.IGNORECASE)


@pytest.mark.parametrize("value", ["true", "TRUE", "True"])
def test_exif(way: "Way", value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGE_EXIF", "all")
    way.function.upload("sunset.jpg", SUNSET.read_bytes())
    got = way.ask("sunset.jpg", f"showExif={value}")
    assert (got.status, got.headers["content-type"]) == (200, "application/json")
    exif = json.loads(body_of(way, "sunset.jpg", "showExif=true"))
    assert {"0th", "Exif", "GPS"} <= set(exif)
    assert got.length == len(json.dumps(exif))


def test_no_exif(function: "Function", cat: bytes) -> None:
    function.upload("cat.jpg", cat)
    assert Get(function).ask("cat.jpg", "showExif=true").body == b"{}"


@pytest.mark.parametrize("query", ["showExif=false", "to_webp=0", "utm_source=newsletter", ""])
def test_the_cleaned_original(way: "Way", query: str) -> None:
    data = SUNSET.read_bytes()
    way.function.upload("sunset.jpg", data)
    got = way.ask("sunset.jpg", query)
    cleaned = body_of(way, "sunset.jpg")
    assert (got.status, got.length) == (200, len(cleaned))
    assert len(cleaned) < len(data)
    assert opened(cleaned).tobytes() == opened(data).tobytes()


@pytest.mark.parametrize(
    "key", ["a b+c.jpg", "café/猫.jpg", "100%.jpg", "a%20b.jpg", "what?.jpg", "a?size=XXL.jpg", "a#b&c=d.jpg"]
)
@pytest.mark.parametrize("query", ["", "size=SXS"])
def test_keys_and_their_queries(way: "Way", cat: bytes, key: str, query: str) -> None:
    way.function.upload(key, cat)
    got = way.ask(key, query)
    assert (got.status, got.code) == (200, None)
    size = opened(body_of(way, key, query)).size
    assert size == ((180, 120) if query else (640, 427))


@pytest.mark.parametrize("key", ["cat.jpg", "a b+c.jpg", "café/猫.jpg", "100%.jpg"])
def test_the_log_has_the_key_of_the_original(way: "Way", cat: bytes, key: str) -> None:
    way.function.upload(key, cat)
    way.ask(key)
    assert [line["key"] for line in way.function.log()] == [key]


def test_a_question_mark_in_the_query(way: "Way", cat: bytes) -> None:
    way.function.upload("what?.jpg", cat)
    body_length = way.ask("what?.jpg", "size=SXS&ref=a?b").length
    assert body_length == way.ask("what?.jpg", "size=SXS").length


def test_a_bucket_in_front_of_the_viewers_key(function: "Function", cat: bytes) -> None:
    """A viewer may ask with the alias of the access point in the path, too."""
    function.upload("cat.jpg", cat)
    event = Get(function).event("cat.jpg", "", {})
    event["userRequest"]["url"] = "https://s3.eu-west-1.amazonaws.com/images--ol-s3/cat.jpg?size=SXS"
    way = Get(function)
    way.event = lambda *_: event  # type: ignore[method-assign] # this very event
    assert opened(way.ask("cat.jpg").body).size == (180, 120)


def test_the_etag_tells_editions_apart(way: "Way", cat: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    way.function.upload("cat.jpg", cat)
    queries = ["", "size=SXS", "size=SXS&to_webp=1", "to_webp=1", "showExif=true"]
    tags = [way.ask("cat.jpg", query).headers["etag"] for query in queries]
    assert len(set(tags)) == len(queries)
    assert way.ask("cat.jpg", "size=SXS").headers["etag"] == tags[1]
    monkeypatch.setenv("IMAGE_QUALITY", "50")
    assert way.ask("cat.jpg", "size=SXS").headers["etag"] not in tags
    assert way.ask("cat.jpg").headers["etag"] == tags[0]
    monkeypatch.setenv("IMAGE_EXIF", "all")
    assert way.ask("cat.jpg", "showExif=true").headers["etag"] not in tags
    monkeypatch.setenv("IMAGE_SIZES", '{"SXS":[18,18]}')
    assert way.ask("cat.jpg", "size=SXS").headers["etag"] not in tags
    way.function.upload("cat.jpg", SUNSET.read_bytes())
    assert way.ask("cat.jpg").headers["etag"] not in tags


def test_the_viewers_copy_is_current(way: "Way", cat: bytes) -> None:
    way.function.upload("cat.jpg", cat)
    first = way.ask("cat.jpg", "size=SXS")
    way.function.proxy.requests.clear()
    got = way.ask("cat.jpg", "size=SXS", {"If-None-Match": f'"other", W/{first.headers["etag"]}'})
    assert (got.status, got.body, got.length, got.code) == (304, b"", 0, None)
    assert got.headers["etag"] == first.headers["etag"]
    assert "content-type" not in got.headers
    # S3 was asked for no byte of the picture.
    assert way.function.asked() == (["HEAD"] if isinstance(way, Head) else ["GET"])
    passed_on = way.function.proxy.requests[0].headers["if-none-match"]
    assert passed_on == first.headers["etag"].rpartition("-")[0] + '"'


@pytest.mark.parametrize("condition", ["the object's own", "of another edition", "something else"])
def test_the_viewers_copy_is_another_one(way: "Way", cat: bytes, condition: str) -> None:
    etag = way.function.upload("cat.jpg", cat)
    tag = {
        "the object's own": etag,
        "of another edition": way.ask("cat.jpg").headers["etag"],
        "something else": '"abc-123456789012"',
    }[condition]
    modified = way.ask("cat.jpg").headers["last-modified"]
    got = way.ask("cat.jpg", "size=SXS", {"If-None-Match": tag, "If-Modified-Since": modified})
    assert (got.status, got.headers["content-type"]) == (200, "image/jpeg")


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
def test_other_conditions(way: "Way", cat: bytes, headers: dict[str, str], status: int) -> None:
    way.function.upload("cat.jpg", cat)
    got = way.ask("cat.jpg", "size=SXS", headers)
    assert got.status == status
    if status == 412 and not isinstance(way, UrlHead):
        assert got.code == "PreconditionFailed"


def test_the_right_copy_is_required_and_there(way: "Way", cat: bytes) -> None:
    way.function.upload("cat.jpg", cat)
    tag = way.ask("cat.jpg").headers["etag"]
    assert way.ask("cat.jpg", headers={"If-Match": tag}).status == 200
    assert way.ask("cat.jpg", headers={"If-Match": f"W/{tag}"}).status == 412


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=100-", 100, None),
        ("bytes=-10", -10, None),
        ("bytes=5-5", 5, 5),
        ("bytes=0-99999999", 0, None),
        ("bytes=-99999999", 0, None),
    ],
)
def test_ranges_of_what_was_made(way: "Way", cat: bytes, asked: str, first: int, last: int | None) -> None:
    way.function.upload("cat.jpg", cat)
    whole = body_of(way, "cat.jpg", "size=SXS")
    start = first % len(whole) if first < 0 else first
    stop = len(whole) if last is None else last + 1
    got = way.ask("cat.jpg", "size=SXS", {"Range": asked})
    assert (got.status, got.length) == (206, stop - start)
    assert got.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(whole)}"
    assert got.headers["content-type"] == "image/jpeg"
    assert got.body == (whole[start:stop] if has_body(way) else b"")
    assert all("range" not in request.headers for request in way.function.proxy.requests)


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=-0"])
def test_ranges_behind_the_end(way: "Way", cat: bytes, asked: str) -> None:
    way.function.upload("cat.jpg", cat)
    got = way.ask("cat.jpg", "size=SXS", {"Range": asked})
    assert got.status == 416
    if not isinstance(way, UrlHead):
        assert got.code == "InvalidRange"


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=-", "bytes=0-1,4-5", "lines=1-2", "bytes=a-b", "0-5"])
def test_what_is_no_range_is_ignored(way: "Way", cat: bytes, asked: str) -> None:
    way.function.upload("cat.jpg", cat)
    got = way.ask("cat.jpg", "size=SXS", {"Range": asked})
    assert (got.status, "content-range" in got.headers) == (200, False)


def test_a_range_of_the_same_picture_only(way: "Way", cat: bytes) -> None:
    way.function.upload("cat.jpg", cat)
    whole = way.ask("cat.jpg")

    def status(if_range: str) -> int:
        return way.ask("cat.jpg", headers={"Range": "bytes=0-9", "If-Range": if_range}).status

    assert status(whole.headers["etag"]) == 206
    assert status(whole.headers["last-modified"]) == 206
    assert status('"another"') == 200
    assert status(PAST) == 200


def test_a_range_in_the_query_of_an_access_point(function: "Function", cat: bytes) -> None:
    function.upload("cat.jpg", cat)
    assert Get(function).ask("cat.jpg", "size=SXS&Range=bytes=0-9").status == 206
    assert Url(function).ask("cat.jpg", "size=SXS&Range=bytes=0-9").status == 200


def test_signed_headers_are_sent_along(function: "Function", cat: bytes) -> None:
    function.upload("cat.jpg", cat)
    event = Get(function).event("cat.jpg", "", {"X-Amz-Checksum-Mode": "ENABLED", "X-Other": "no"})
    url = event["getObjectContext"]["inputS3Url"]
    more = "X-Amz-SignedHeaders=host%3Bx-amz-checksum-mode%3Bx-amz-absent"
    event["getObjectContext"]["inputS3Url"] = url.replace("X-Amz-SignedHeaders=host", more)
    way = Get(function)
    way.event = lambda *_: event  # type: ignore[method-assign] # this very event
    assert way.ask("cat.jpg").status == 200
    sent = function.proxy.requests[0].headers
    assert sent["x-amz-checksum-mode"] == "ENABLED"
    assert sent["host"] == function.proxy.url.removeprefix("http://")
    assert not {"x-other", "x-amz-absent", "authorization"} & set(sent)


def test_head_has_the_function_fetch_with_its_own_right(function: "Function", cat: bytes) -> None:
    function.upload("cat.jpg", cat)
    Head(function).ask("cat.jpg")
    head, get = function.proxy.requests
    assert (head.method, "X-Amz-Signature" in head.path) == ("HEAD", True)
    assert "authorization" not in head.headers
    assert (get.method, get.path) == ("GET", f"/{function.bucket}/cat.jpg")
    assert "Credential=ASIAEXAMPLE/" in get.headers["authorization"]
