"""Signatures compared with those of botocore, for all paths and query strings of viewers."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, unquote_to_bytes

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials
from edge_event import parse_origin_request
from edge_signer.errors import UnsignableError
from edge_signer.signing import parse_region, sign_request
from hypothesis import given, settings
from hypothesis import strategies as st
from sigv4 import Credentials

from tests.functions.edge_signer.conftest import Event, event_of
from tests.functions.sdk import capture_sdk_request

NOW = datetime(2026, 3, 1, 12, 30, 45, tzinfo=UTC)
ROLE = Credentials(
    access_key_id="ASIAEXAMPLE",
    secret_access_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",  # noqa: S106 - the documentation's example
    session_token="FwoGZXIvYXdzEXAMPLE//token==",  # noqa: S106 - the same
)
PERSON = Credentials(access_key_id="AKIDEXAMPLE", secret_access_key=ROLE.secret_access_key)
HOST = "images-123456789012.s3-object-lambda.eu-west-1.amazonaws.com"
REQUEST_ID = "4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ=="

# Characters that HTTP allows, escapes of UTF-8, escapes of other bytes, and percent signs without an escape.
raw_characters = st.sampled_from([chr(code) for code in range(0x21, 0x7F) if chr(code) not in "%?#"])
escapes = st.integers(0, 255).map(lambda byte: f"%{byte:02X}") | st.integers(0, 255).map(
    lambda byte: f"%{byte:02x}"
)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="%?#"), max_size=3)
path_parts = st.lists(raw_characters | escapes | texts | st.sampled_from(["%", "%zz", "%2", "//", "/../"]))
uris = path_parts.map(lambda parts: "/" + "".join(parts))
queries = st.lists(
    raw_characters | escapes | texts | st.sampled_from(["&", "=", "+", "?", "%", "size=M", "&&"]), max_size=30
).map("".join)
signers = st.sampled_from([ROLE, PERSON])
origin_paths = st.sampled_from(["", "/folder", "/a/b c", "/caf%C3%A9", "/a!b@c"])


def sign_event(event: Event, signer: Credentials = ROLE) -> dict[str, Any]:
    """Return the signed request for an event, at a fixed time."""
    request = parse_origin_request(event)
    region = parse_region(request)
    assert region
    return sign_request(request, region=region, credentials=signer, now=NOW)


def header(request: dict[str, Any], name: str) -> str:
    """Return the value of a header of the request that CloudFront sends."""
    (item,) = request["headers"][name]
    value: str = item["value"]
    return value


def authorization_of_botocore(result: dict[str, Any], sent_path: str, signer: Credentials) -> str:
    """Return the Authorization header of botocore for the request that CloudFront will send."""
    theirs = AWSRequest(
        method=result["method"],
        url=f"https://{HOST}{sent_path}" + (f"?{result['querystring']}" if result["querystring"] else ""),
        headers={
            "x-amz-cf-id": REQUEST_ID,
            "x-amz-date": NOW.strftime("%Y%m%dT%H%M%SZ"),
            "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
            **({"x-amz-security-token": signer.session_token} if signer.session_token else {}),
        },
    )
    theirs.context["timestamp"] = theirs.headers["x-amz-date"]
    auth = S3SigV4Auth(
        BotoCredentials(signer.access_key_id, signer.secret_access_key, signer.session_token),
        "s3-object-lambda",
        "eu-west-1",
    )
    signature = auth.signature(auth.string_to_sign(theirs, auth.canonical_request(theirs)), theirs)
    names = auth.signed_headers(auth.headers_to_sign(theirs))
    return f"AWS4-HMAC-SHA256 Credential={auth.scope(theirs)}, SignedHeaders={names}, Signature={signature}"


@settings(max_examples=3000, deadline=None)
@given(uri=uris, query=queries, method=st.sampled_from(["GET", "HEAD"]), signer=signers)
def test_every_path_and_query(uri: str, query: str, method: str, signer: Credentials) -> None:
    result = sign_event(event_of(uri=uri, querystring=query, method=method), signer)
    assert header(result, "authorization") == authorization_of_botocore(result, result["uri"], signer)
    # The same object and parameters are requested, in characters that no proxy changes.
    assert unquote_to_bytes(result["uri"]) == unquote_to_bytes(uri)
    assert sorted(parse_qsl(result["querystring"].encode(), keep_blank_values=True)) == sorted(
        parse_qsl(query.encode(), keep_blank_values=True)
    )
    assert (result["uri"] + result["querystring"]).isascii()
    assert (result["uri"] + result["querystring"]).isprintable()


@settings(max_examples=500, deadline=None)
@given(uri=uris, origin_path=origin_paths)
def test_the_origin_path_is_signed_and_unchanged(uri: str, origin_path: str) -> None:
    event = event_of(uri=uri, querystring="")
    event["Records"][0]["cf"]["request"]["origin"]["custom"]["path"] = origin_path
    result = sign_event(event)
    assert result["origin"]["custom"]["path"] == origin_path
    assert unquote_to_bytes(result["uri"]) == unquote_to_bytes(uri)
    # S3 encodes the received path anew before comparing signatures.
    canonical = {"/a/b c": "/a/b%20c", "/a!b@c": "/a%21b%40c"}.get(origin_path, origin_path)
    sent = canonical + result["uri"]
    assert header(result, "authorization") == authorization_of_botocore(result, sent, ROLE)


@pytest.mark.parametrize(
    ("uri", "query", "sent_uri", "sent_query"),
    [
        ("/cat.jpg", "", "/cat.jpg", ""),
        ("/a%20b%2Bc+d.jpg", "size=M", "/a%20b%2Bc%2Bd.jpg", "size=M"),
        ("/mac@2x(1)!*'.jpg", "", "/mac%402x%281%29%21%2A%27.jpg", ""),
        ("/caf%c3%a9.jpg", "", "/caf%C3%A9.jpg", ""),
        ("/%FF%00.jpg", "a=%FF", "/%FF%00.jpg", "a=%FF"),
        ("/100%.jpg", "", "/100%25.jpg", ""),
        ("/%2525.jpg", "", "/%2525.jpg", ""),
        ("/a%3Fb%23.jpg", "", "/a%3Fb%23.jpg", ""),
        ("/a%2Fb//c/../d/.", "", "/a/b//c/../d/.", ""),
        ("/x", "to_webp=1&size=M", "/x", "size=M&to_webp=1"),
        ("/x", "showExif", "/x", "showExif="),
        ("/x", "b=2&a=2&a=1&&=", "/x", "=&a=1&a=2&b=2"),
        ("/x", "q=a+b%20c%2Bd", "/x", "q=a%20b%20c%2Bd"),
        ("/x", "q=1;p=2/3?4", "/x", "q=1%3Bp%3D2%2F3%3F4"),
    ],
)
def test_sent_paths_and_query_strings(uri: str, query: str, sent_uri: str, sent_query: str) -> None:
    result = sign_event(event_of(uri=uri, querystring=query))
    assert (result["uri"], result["querystring"]) == (sent_uri, sent_query)


@pytest.mark.parametrize("key", ["cat.jpg", "a b+c%d@(1)!*'~.jpg", "café/猫/🐈.png", "a?b#c&d=e.jpg"])
def test_boto3_sends_the_same_path(key: str) -> None:
    """GetObject of an SDK through the access point has the same host, path and service."""
    access_point = "arn:aws:s3-object-lambda:eu-west-1:123456789012:accesspoint/images"
    request = capture_sdk_request("GetObject", {"Bucket": access_point, "Key": key})
    result = sign_event(event_of(uri="/" + quote(key, safe="/+@()!*'~&=")))
    assert request.url == f"https://{HOST}{result['uri']}"
    assert b"/eu-west-1/s3-object-lambda/aws4_request" in request.headers["Authorization"]


@pytest.mark.parametrize(
    ("uri", "query"),
    [("/\ud800", ""), ("/x", "a=\ud800"), ("/" + "!" * 3000, ""), ("/x", "a=" + "!" * 3000)],
)
def test_paths_and_query_strings_that_cannot_be_signed(uri: str, query: str) -> None:
    with pytest.raises(UnsignableError):
        sign_event(event_of(uri=uri, querystring=query))


def test_the_limit_of_cloudfront_for_path_and_query_string() -> None:
    longest = "a=" + "1" * (8_191 - len("/x?a="))
    assert sign_event(event_of(uri="/x", querystring=longest))["querystring"] == longest
    with pytest.raises(UnsignableError):
        sign_event(event_of(uri="/x", querystring=longest + "1"))
