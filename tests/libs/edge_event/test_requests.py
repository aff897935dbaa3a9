"""Parsing of events."""

from collections.abc import Callable
from typing import Any

import pytest
from edge_event import EventError, parse_origin_request

type Load = Callable[..., dict[str, Any]]


def test_all_attributes(load: Load) -> None:
    event = load()
    request = parse_origin_request(event)
    assert request.method == "GET"
    assert request.uri == "/holiday/caf%C3%A9%20+1.jpg"
    assert request.key == "holiday/café +1.jpg"
    assert request.querystring == "size=M&to_webp=1"
    assert request.request_id == "4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ=="
    assert request.origin_path == ""
    assert request.origin_headers == {
        "x-env-bucket-name": "images",
        "x-env-bucket-region": "eu-west-1",
        "x-env-quality": "80",
        "x-env-resized-path": "resized",
        "x-env-sizes": '{"S":[854,480],"M":[1200,628],"SS":[360,360]}',
    }


@pytest.mark.parametrize(
    ("uri", "key"),
    [
        ("/cat.jpg", "cat.jpg"),
        ("/a/b/cat.jpg", "a/b/cat.jpg"),
        ("/a+b.jpg", "a+b.jpg"),
        ("/a%2Bb.jpg", "a+b.jpg"),
        ("/a%20b.jpg", "a b.jpg"),
        ("/100%25.jpg", "100%.jpg"),
        ("/%2525.jpg", "%25.jpg"),
        ("/%E7%8C%AB/%F0%9F%90%88.png", "猫/🐈.png"),
        ("/猫.png", "猫.png"),
        ("//cat.jpg", "/cat.jpg"),
        ("/%2Fcat.jpg", "/cat.jpg"),
        ("/", ""),
        ("/caf%E9.jpg", None),
        ("/%FF.jpg", None),
        ("/%ED%A0%80.jpg", None),
        ("/\ud800.jpg", None),
    ],
)
def test_keys(load: Load, uri: str, key: str | None) -> None:
    assert parse_origin_request(load(uri=uri)).key == key


@pytest.mark.parametrize("name", ["origin-request-custom-origin", "viewer-request"])
def test_other_origins_have_no_headers(load: Load, name: str) -> None:
    request = parse_origin_request(load(name))
    assert request.origin_headers == {}
    assert request.key == "cat.jpg"


def test_a_custom_origin(load: Load) -> None:
    event = load("origin-request-object-lambda")
    custom = event["Records"][0]["cf"]["request"]["origin"]["custom"]
    custom["path"] = "/folder"
    request = parse_origin_request(event)
    assert request.custom_domain_name == custom["domainName"]
    assert request.origin_path == "/folder"
    assert parse_origin_request(load()).custom_domain_name is None


@pytest.mark.parametrize(
    "event",
    [
        None,
        "event",
        {},
        {"Records": []},
        {"Records": [{"s3": {}}]},
        {"Records": [{"cf": {"config": {}, "request": {"method": "GET"}}}]},
        {"Records": [{"cf": {"config": {}, "request": None}}]},
    ],
)
def test_other_events(event: Any) -> None:
    with pytest.raises(EventError):
        parse_origin_request(event)
