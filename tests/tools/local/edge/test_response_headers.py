"""Headers of responses to viewers."""

import re

import pytest

from tools.local.edge.messages import Response, make_headers
from tools.local.edge.response_headers import (
    Cors,
    HeadersPolicy,
    PolicyHeader,
    add_cloudfront_headers,
    create_request_id,
)


def test_a_policy_sets_keeps_and_removes() -> None:
    policy = HeadersPolicy(
        headers=(
            PolicyHeader(name="X-Frame-Options", value="DENY", override=True),
            PolicyHeader(name="Referrer-Policy", value="no-referrer", override=False),
            PolicyHeader(name="X-New", value="1", override=False),
            PolicyHeader(name="X-Twice", value="policy", override=False),
        ),
        removed=("x-amz-meta-secret", "x-twice"),
    )
    response = Response(
        status=200,
        headers=make_headers(
            ("x-frame-options", "SAMEORIGIN"),
            ("Referrer-Policy", "origin"),
            ("X-Amz-Meta-Secret", "1"),
            ("X-Twice", "origin"),
        ),
        body=b"x",
    )
    applied = policy.apply(response, None)
    assert (applied.status, applied.body) == (200, b"x")
    assert {name.lower(): value for name, value in applied.headers.items()} == {
        "x-frame-options": "DENY",
        "referrer-policy": "origin",
        "x-new": "1",
        "x-twice": "policy",
    }


@pytest.mark.parametrize(
    ("allowed", "origin", "expected"),
    [
        (("*",), "https://a.example", "*"),
        (("*",), None, None),
        (("https://a.example",), "https://a.example", "https://a.example"),
        (("https://a.example",), "https://b.example", None),
        (("https://*.example",), "https://b.example", "https://b.example"),
    ],
)
def test_pages_of_other_sites(allowed: tuple[str, ...], origin: str | None, expected: str | None) -> None:
    policy = HeadersPolicy(cors=Cors(origins=allowed, exposed_headers=("ETag", "Age"), credentials=True))
    headers = policy.apply(Response(status=200), origin).headers
    assert headers.get("Access-Control-Allow-Origin") == expected
    assert headers.get("Access-Control-Expose-Headers") == ("ETag, Age" if expected else None)
    assert headers.get("Access-Control-Allow-Credentials") == ("true" if expected else None)


@pytest.mark.parametrize(("override", "expected"), [(True, "*"), (False, "https://own.example")])
def test_override_decides_between_policy_and_origin_server(*, override: bool, expected: str) -> None:
    policy = HeadersPolicy(cors=Cors(origins=("*",), override=override))
    response = Response(
        status=200, headers=make_headers(("Access-Control-Allow-Origin", "https://own.example"))
    )
    assert policy.apply(response, "https://a.example").headers["Access-Control-Allow-Origin"] == expected


def test_headers_that_cloudfront_adds() -> None:
    response = Response(status=200, headers=make_headers(("Via", "origin"), ("Age", "7")))
    fresh = add_cloudfront_headers(response, x_cache="Miss", request_id="id", age=None).headers
    assert fresh["X-Cache"] == "Miss from cloudfront"
    assert fresh["X-Amz-Cf-Id"] == "id"
    assert re.fullmatch(r"1\.1 [0-9a-f]{32}\.cloudfront\.net \(CloudFront\)", fresh["Via"])
    cached = add_cloudfront_headers(response, x_cache="Hit", request_id="id", age=12).headers
    assert cached.getall("Age") == ["12"]


def test_request_ids_are_random_and_have_cloudfronts_form() -> None:
    ids = {create_request_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{54}==", name) for name in ids)
