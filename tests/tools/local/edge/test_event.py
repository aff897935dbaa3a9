"""Events of origin requests."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tools.local.edge.cache_key import KeyPolicy, QueryBehavior
from tools.local.edge.distribution import Behavior, Distribution
from tools.local.edge.event import origin_request_event
from tools.local.edge.messages import ViewerRequest, make_headers
from tools.local.edge.origin import CustomOrigin, S3Origin
from tools.local.edge.ttl import Lifetimes
from tools.paths import PROJECT

BEHAVIOR = Behavior(
    path_pattern=None,
    origin=S3Origin(
        domain_name="images.s3.eu-west-1.amazonaws.com",
        path="/originals",
        custom_headers=(("x-env-bucket-name", "images"), ("X-Env-Quality", "80")),
    ),
    methods=frozenset({"GET", "HEAD"}),
    key_policy=KeyPolicy(
        query=QueryBehavior.WHITELIST,
        query_names=frozenset({"size"}),
        header_names=("accept-language",),
        gzip=True,
    ),
    lifetimes=Lifetimes(minimum=0, default=60, maximum=600),
)
DISTRIBUTION = Distribution(
    id="E123", domain_name="d123.cloudfront.net", behaviors=(BEHAVIOR,), root_object="index.html"
)


def build(request: ViewerRequest, conditions: dict[str, str] | None = None) -> Any:
    event = origin_request_event(
        DISTRIBUTION, BEHAVIOR, request, request_id="an-id==", conditions=conditions or {}
    )
    return event["Records"][0]["cf"]


def test_the_whole_event() -> None:
    request = ViewerRequest(
        method="GET",
        uri="/a%20b.jpg",
        querystring="x=1&size=S",
        headers=make_headers(
            ("Host", "localhost:8080"),
            ("Cookie", "secret"),
            ("User-Agent", "curl"),
            ("Accept-Encoding", "br, gzip"),
        ),
        client_ip="192.0.2.7",
    )
    described = build(request)
    via = described["request"]["headers"].pop("via")
    assert via[0]["value"].endswith(".cloudfront.net (CloudFront)")
    assert described == {
        "config": {
            "distributionDomainName": "d123.cloudfront.net",
            "distributionId": "E123",
            "eventType": "origin-request",
            "requestId": "an-id==",
        },
        "request": {
            "clientIp": "192.0.2.7",
            "headers": {
                "accept-encoding": [{"key": "Accept-Encoding", "value": "gzip"}],
                "host": [{"key": "Host", "value": "images.s3.eu-west-1.amazonaws.com"}],
                "user-agent": [{"key": "User-Agent", "value": "Amazon CloudFront"}],
                "x-forwarded-for": [{"key": "X-Forwarded-For", "value": "192.0.2.7"}],
            },
            "method": "GET",
            "origin": {
                "s3": {
                    "authMethod": "none",
                    "customHeaders": {
                        "x-env-bucket-name": [{"key": "x-env-bucket-name", "value": "images"}],
                        "x-env-quality": [{"key": "X-Env-Quality", "value": "80"}],
                    },
                    "domainName": "images.s3.eu-west-1.amazonaws.com",
                    "path": "/originals",
                    "region": "",
                }
            },
            "querystring": "size=S",
            "uri": "/a%20b.jpg",
        },
    }


def test_a_custom_origin_is_described_as_in_the_sample_event() -> None:
    sample = json.loads((PROJECT / "tests" / "events" / "origin-request-custom-origin.json").read_text())
    origin = CustomOrigin(domain_name="example.org", access_control=False)
    event = origin_request_event(
        DISTRIBUTION,
        replace(BEHAVIOR, origin=origin),
        ViewerRequest(method="GET", uri="/cat.jpg"),
        request_id="an-id==",
        conditions={},
    )
    described = event["Records"][0]["cf"]["request"]
    assert described["origin"] == sample["Records"][0]["cf"]["request"]["origin"]
    assert described["headers"]["host"] == [{"key": "Host", "value": "example.org"}]


def test_a_custom_origin_has_its_response_timeout() -> None:
    described: Any = CustomOrigin(domain_name="example.org", read_timeout_seconds=120).to_event()
    assert described["custom"]["readTimeout"] == 120


@pytest.mark.parametrize(
    "uri", ["/caf%C3%A9.jpg", "/café.jpg", "/a+b%2B.jpg", "//a/../b", "/100%25%20sure", "/%F0%9F%98%80"]
)
def test_the_uri_is_copied_from_the_viewer_unchanged(uri: str) -> None:
    assert build(ViewerRequest(method="HEAD", uri=uri))["request"]["uri"] == uri


def test_the_root_object_replaces_the_root() -> None:
    assert build(ViewerRequest(method="GET", uri="/"))["request"]["uri"] == "/index.html"


def test_headers_of_the_cache_key_and_conditions_are_in_it() -> None:
    request = ViewerRequest(
        method="GET",
        uri="/a",
        headers=make_headers(("Accept-Language", "de"), ("X-Forwarded-For", "198.51.100.1")),
    )
    headers = build(request, {"If-None-Match": '"abc"'})["request"]["headers"]
    assert headers["accept-language"] == [{"key": "Accept-Language", "value": "de"}]
    assert headers["if-none-match"] == [{"key": "If-None-Match", "value": '"abc"'}]
    assert headers["x-forwarded-for"][0]["value"] == "198.51.100.1, 127.0.0.1"
