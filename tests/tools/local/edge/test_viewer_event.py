"""Events of CloudFront Functions."""

import json

import pytest

from tools.local.edge.messages import ViewerRequest, make_headers
from tools.local.edge.viewer_event import ViewerEvent, viewer_request_event


def make_event(request: ViewerRequest) -> ViewerEvent:
    return viewer_request_event(
        request,
        distribution_id="EDFDVBD6EXAMPLE",
        domain_name="d111111abcdef8.cloudfront.net",
        request_id="R=",
    )


def test_documented_structure() -> None:
    """The request of the example in "CloudFront Functions event structure"."""
    request = ViewerRequest(
        method="GET",
        uri="/media/index.mpd",
        querystring="ID=42&Exp=1619740800&TTL=1440&NoValue=&querymv=val1&querymv=val2,val3",
        headers=make_headers(
            ("Host", "video.example.com"),
            ("User-Agent", "Mozilla/5.0"),
            ("Accept", "application/json"),
            ("Accept", "application/xml"),
            ("Accept", "text/html"),
            ("Cookie", "id=CookeIdValue; loggedIn=false; Cookie1=value1; Cookie1=value2"),
            ("Connection", "keep-alive"),
            ("X-Forwarded-Proto", "https"),
        ),
        client_ip="198.51.100.11",
    )
    assert make_event(request) == {
        "version": "1.0",
        "context": {
            "distributionDomainName": "d111111abcdef8.cloudfront.net",
            "distributionId": "EDFDVBD6EXAMPLE",
            "eventType": "viewer-request",
            "requestId": "R=",
        },
        "viewer": {"ip": "198.51.100.11"},
        "request": {
            "method": "GET",
            "uri": "/media/index.mpd",
            "querystring": {
                "ID": {"value": "42"},
                "Exp": {"value": "1619740800"},
                "TTL": {"value": "1440"},
                "NoValue": {"value": ""},
                "querymv": {"value": "val1", "multiValue": [{"value": "val1"}, {"value": "val2,val3"}]},
            },
            "headers": {
                "host": {"value": "video.example.com"},
                "user-agent": {"value": "Mozilla/5.0"},
                "accept": {
                    "value": "application/json",
                    "multiValue": [
                        {"value": "application/json"},
                        {"value": "application/xml"},
                        {"value": "text/html"},
                    ],
                },
            },
            "cookies": {
                "id": {"value": "CookeIdValue"},
                "loggedIn": {"value": "false"},
                "Cookie1": {"value": "value1", "multiValue": [{"value": "value1"}, {"value": "value2"}]},
            },
        },
    }


@pytest.mark.parametrize(
    ("querystring", "expected"),
    [
        ("", {}),
        ("&&", {}),
        ("a", {"a": {"value": ""}}),
        ("a=b=c", {"a": {"value": "b=c"}}),
        ("a=%2F+x&%61=1", {"a": {"value": "%2F+x"}, "%61": {"value": "1"}}),
        ("=1", {"": {"value": "1"}}),
        ("__proto__=1&constructor=2", {"__proto__": {"value": "1"}, "constructor": {"value": "2"}}),
    ],
)
def test_parameters_as_received(querystring: str, expected: object) -> None:
    event = make_event(ViewerRequest(method="GET", uri="/a%20b+c", querystring=querystring))
    assert event["request"]["querystring"] == expected
    assert event["request"]["uri"] == "/a%20b+c"
    assert json.loads(json.dumps(event)) == event
