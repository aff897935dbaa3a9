"""Results of origin-request functions."""

import copy
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree import ElementTree as ET

import pytest
from edge_event import (
    internal_error,
    parse_origin_request,
    pass_through,
    pass_to_s3,
    permanent_error,
    redirect_to_original,
    replace_key,
    rewrite,
    transient_error,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st

type Load = Callable[..., dict[str, Any]]


def test_pass_through_returns_the_request_of_the_event(load: Load) -> None:
    event = load()
    assert pass_through(parse_origin_request(event)) == load()["Records"][0]["cf"]["request"]


@pytest.mark.parametrize(
    ("uri", "passed_on"),
    [
        ("/cat.jpg", "/cat.jpg"),
        ("/a+b.jpg", "/a%2Bb.jpg"),
        ("/a%2Bb.jpg", "/a%2Bb.jpg"),
        ("/a%20b+%20+.jpg", "/a%20b%2B%20%2B.jpg"),
        ("/100%25+.jpg", "/100%25%2B.jpg"),
        ("/caf%C3%A9+%F0%9F%90%88.jpg", "/caf%C3%A9%2B%F0%9F%90%88.jpg"),
        ("/%FF+.jpg", "/%FF%2B.jpg"),
        ("/a;b=c,d@e!+.jpg", "/a;b=c,d@e!%2B.jpg"),
    ],
)
def test_a_plus_reaches_s3_as_a_plus(load: Load, uri: str, passed_on: str) -> None:
    """S3 decodes a literal plus as a space."""
    event = load(uri=uri)
    before = copy.deepcopy(event)
    request = event["Records"][0]["cf"]["request"]
    assert pass_to_s3(parse_origin_request(event)) == {**request, "uri": passed_on}
    assert event == before


def test_s3_is_asked_for_another_cache_control(load: Load) -> None:
    event = load(uri="/a+b.jpg", querystring="versionId=1")
    assert pass_to_s3(parse_origin_request(event), "public, max-age=60") == {
        **event["Records"][0]["cf"]["request"],
        "uri": "/a%2Bb.jpg",
        "querystring": "response-cache-control=public%2C%20max-age%3D60",
    }


@pytest.mark.parametrize(
    ("key", "uri"),
    [
        ("resized/M/cat.jpg", "/resized/M/cat.jpg"),
        ("resized/M/café +1%.jpg.webp", "/resized/M/caf%C3%A9%20%2B1%25.jpg.webp"),
        ("猫?#&=.png", "/%E7%8C%AB%3F%23%26%3D.png"),
        ("resized/M//cat.jpg", "/resized/M//cat.jpg"),
    ],
)
def test_another_key_changes_only_path_and_query_string(load: Load, key: str, uri: str) -> None:
    event = load()
    before = copy.deepcopy(event)
    request = event["Records"][0]["cf"]["request"]
    result = replace_key(parse_origin_request(event), key)
    assert result == {**request, "uri": uri, "querystring": ""}
    assert result["origin"] is request["origin"]
    assert event == before


@given(st.text(st.characters(exclude_categories=["Cs"])))
@settings(deadline=None)
def test_s3_decodes_the_same_key(key: str) -> None:
    event = {"Records": [{"cf": {"config": {"requestId": "r"}, "request": _plain("/cat.jpg")}}]}
    uri = replace_key(parse_origin_request(event), key)["uri"]
    assert uri.isascii()
    assert unquote(uri) == "/" + key
    assert (
        parse_origin_request(
            {"Records": [{"cf": {"config": {"requestId": "r"}, "request": _plain(uri)}}]}
        ).key
        == key
    )


@pytest.mark.parametrize(
    ("uri", "location"),
    [
        ("/cat.jpg", "/cat.jpg"),
        ("/caf%C3%A9%20+1.jpg", "/caf%C3%A9%20%2B1.jpg"),
        ("/100%.jpg", "/100%.jpg"),
        ("/a;b=c,d@e!.jpg", "/a;b=c,d@e!.jpg"),
        ("/猫 1.jpg", "/%E7%8C%AB%201.jpg"),
        ("/a//b.jpg", "/a//b.jpg"),
        ("//evil.example/x.jpg", "/%2Fevil.example/x.jpg"),
        ("///evil.example/x.jpg", "/%2F/evil.example/x.jpg"),
        ("/\\evil.example/x.jpg", "/%5Cevil.example/x.jpg"),
        ("/\t/evil.example/x.jpg", "/%09/evil.example/x.jpg"),
        ("/x.jpg\r\nSet-Cookie: a=b", "/x.jpg%0D%0ASet-Cookie:%20a=b"),
        ("/a?b#c.jpg", "/a%3Fb%23c.jpg"),
        ("https://evil.example/x.jpg", "/https://evil.example/x.jpg"),
        ("", "/"),
    ],
)
def test_redirect(load: Load, uri: str, location: str) -> None:
    assert redirect_to_original(parse_origin_request(load(uri=uri))) == {
        "status": "302",
        "statusDescription": "Found",
        "headers": {
            "location": [{"key": "Location", "value": location}],
            "cache-control": [{"key": "Cache-Control", "value": "no-store"}],
        },
    }


@settings(deadline=None)
@given(st.text("/\\\t\n .:@%aé?#", max_size=12))
@example("//evil.example")
@example("/\\/evil.example")
@example("\\\\evil.example")
def test_a_redirect_never_leaves_the_host(uri: str) -> None:
    event = {"Records": [{"cf": {"config": {"requestId": "r"}, "request": _plain(uri)}}]}
    location = redirect_to_original(parse_origin_request(event))["headers"]["location"][0]["value"]
    assert location.isascii()
    assert location.isprintable()
    target = urlsplit(urljoin("https://viewer.example/a/b?size=M", location))
    assert (target.scheme, target.netloc, target.query, target.fragment) == (
        "https",
        "viewer.example",
        "",
        "",
    )
    # Browsers treat a backslash as a slash.
    assert not location.replace("\\", "/").startswith("//")


def test_a_rewritten_request(load: Load) -> None:
    event = load()
    before = copy.deepcopy(event)
    request = event["Records"][0]["cf"]["request"]
    headers = {"user-agent": None, "host": "example.org", "x-amz-date": "20260301T123045Z"}
    result = rewrite(parse_origin_request(event), uri="/b%20c", querystring="a=1", headers=headers)
    kept = {name: request["headers"][name] for name in ("x-forwarded-for", "via", "if-none-match")}
    assert result == {
        **request,
        "uri": "/b%20c",
        "querystring": "a=1",
        "headers": {
            **kept,
            "host": [{"key": "host", "value": "example.org"}],
            "x-amz-date": [{"key": "x-amz-date", "value": "20260301T123045Z"}],
        },
    }
    assert result["origin"] is request["origin"]
    assert event == before


def test_an_internal_error_is_not_cached() -> None:
    assert internal_error() == {
        "status": "500",
        "statusDescription": "Internal Server Error",
        "headers": {"cache-control": [{"key": "Cache-Control", "value": "no-store"}]},
    }


def test_a_permanent_error_is_cached_for_a_minute() -> None:
    assert permanent_error(404, "NoSuchKey", "The <image> & more is gone.") == {
        "status": "404",
        "statusDescription": "Not Found",
        "headers": {
            "content-type": [{"key": "Content-Type", "value": "application/xml"}],
            "cache-control": [{"key": "Cache-Control", "value": "public, max-age=60"}],
        },
        "body": '<?xml version="1.0" encoding="UTF-8"?>\n'
        "<Error><Code>NoSuchKey</Code><Message>The &lt;image> &amp; more is gone.</Message></Error>",
    }


@pytest.mark.parametrize(
    ("status", "phrase"),
    [(400, "Bad Request"), (403, "Forbidden"), (404, "Not Found"), (415, "Unsupported Media Type")],
)
def test_the_phrase_of_a_status(status: int, phrase: str) -> None:
    result = permanent_error(status, "Code", "No.")
    assert (result["status"], result["statusDescription"]) == (str(status), phrase)


def test_an_error_names_the_canonical_url() -> None:
    resource = "/<a>.jpg?format=webp&width=640"
    for result in (permanent_error(415, "UnsupportedImage", "No.", resource), transient_error(resource)):
        document = ET.fromstring(result["body"].encode())  # noqa: S314 - our own document
        assert document.findtext("Resource") == resource


def test_a_transient_error_is_not_cached() -> None:
    result = transient_error()
    assert result["status"] == "503"
    assert result["headers"]["cache-control"] == [{"key": "Cache-Control", "value": "no-store"}]
    assert "<Code>ServiceUnavailable</Code>" in result["body"]


def _plain(uri: str) -> dict[str, Any]:
    return {"method": "GET", "uri": uri, "querystring": "", "headers": {}}
