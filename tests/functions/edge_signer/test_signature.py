"""The signature against botocore, over everything that a viewer can send."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, unquote_to_bytes

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials
from edge_event import parse_origin_request
from edge_signer.errors import UnsignableError
from edge_signer.signing import region_of, signed
from hypothesis import given, settings
from hypothesis import strategies as st
from sigv4 import Credentials

from tests.functions.edge_signer.conftest import Event, event_of
from tests.functions.sdk import request_of_sdk

NOW = datetime(2026, 3, 1, 12, 30, 45, tzinfo=UTC)
ROLE = Credentials(
    access_key_id="ASIAEXAMPLE",
    secret_access_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",  # noqa: S106 - the documentation's example
    session_token="FwoGZXIvYXdzEXAMPLE//token==",  # noqa: S106 - the same
)
PERSON = Credentials(access_key_id="AKIDEXAMPLE", secret_access_key=ROLE.secret_access_key)
HOST = "images-123456789012.s3-object-lambda.eu-west-1.amazonaws.com"
REQUEST_ID = "4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ=="

# What HTTP lets through as it is, percent signs that mean something, that mean bytes, that mean nothing.
raw_characters = st.sampled_from([chr(code) for code in range(0x21, 0x7F) if chr(code) not in "%?#"])
escapes = st.integers(0, 255).map(lambda byte: f"%{byte:02X}") | st.integers(0, 255).map(
    lambda byte: f"%{byte:02x}"
)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="%?#"), max_size=3)
pieces = st.lists(raw_characters | escapes | texts | st.sampled_from(["%", "%zz", "%2", "//", "/../"]))
uris = pieces.map(lambda parts: "/" + "".join(parts))
queries = st.lists(
    raw_characters | escapes | texts | st.sampled_from(["&", "=", "+", "?", "%", "size=M", "&&"]), max_size=30
).map("".join)
origin_paths = st.sampled_from(["", "/folder", "/a/b c", "/caf%C3%A9", "/a!b@c"])


def sign_event(event: Event, who: Credentials = ROLE) -> dict[str, Any]:
    """What the function returns for an event, with a clock that stands still."""
    request = parse_origin_request(event)
    region = region_of(request)
    assert region
    return signed(request, region=region, credentials=who, now=NOW)


def header(request: dict[str, Any], name: str) -> str:
    """The value of a header of the request that CloudFront sends."""
    (item,) = request["headers"][name]
    value: str = item["value"]
    return value


def authorization_of_botocore(answer: dict[str, Any], sent_path: str, who: Credentials) -> str:
    """The Authorization of botocore for the request as CloudFront will send it."""
    theirs = AWSRequest(
        method=answer["method"],
        url=f"https://{HOST}{sent_path}" + (f"?{answer['querystring']}" if answer["querystring"] else ""),
        headers={
            "x-amz-cf-id": REQUEST_ID,
            "x-amz-date": NOW.strftime("%Y%m%dT%H%M%SZ"),
            "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
            **({"x-amz-security-token": who.session_token} if who.session_token else {}),
        },
    )
    theirs.context["timestamp"] = theirs.headers["x-amz-date"]
    auth = S3SigV4Auth(
        BotoCredentials(who.access_key_id, who.secret_access_key, who.session_token),
        "s3-object-lambda",
        "eu-west-1",
    )
    signature = auth.signature(auth.string_to_sign(theirs, auth.canonical_request(theirs)), theirs)
    names = auth.signed_headers(auth.headers_to_sign(theirs))
    return f"AWS4-HMAC-SHA256 Credential={auth.scope(theirs)}, SignedHeaders={names}, Signature={signature}"


@settings(max_examples=3000, deadline=None)
@given(uri=uris, query=queries, method=st.sampled_from(["GET", "HEAD"]), who=st.sampled_from([ROLE, PERSON]))
def test_every_path_and_query(uri: str, query: str, method: str, who: Credentials) -> None:
    answer = sign_event(event_of(uri=uri, querystring=query, method=method), who)
    assert header(answer, "authorization") == authorization_of_botocore(answer, answer["uri"], who)
    # The same object and the same parameters are asked for, in characters that every hop leaves alone.
    assert unquote_to_bytes(answer["uri"]) == unquote_to_bytes(uri)
    assert sorted(parse_qsl(answer["querystring"].encode(), keep_blank_values=True)) == sorted(
        parse_qsl(query.encode(), keep_blank_values=True)
    )
    assert (answer["uri"] + answer["querystring"]).isascii()
    assert (answer["uri"] + answer["querystring"]).isprintable()


@settings(max_examples=500, deadline=None)
@given(uri=uris, origin_path=origin_paths)
def test_the_path_of_the_origin_is_signed_and_stays_where_it_is(uri: str, origin_path: str) -> None:
    event = event_of(uri=uri, querystring="")
    event["Records"][0]["cf"]["request"]["origin"]["custom"]["path"] = origin_path
    answer = sign_event(event)
    assert answer["origin"]["custom"]["path"] == origin_path
    assert unquote_to_bytes(answer["uri"]) == unquote_to_bytes(uri)
    # S3 reads the path that arrives and spells it anew before it compares signatures.
    canonical = {"/a/b c": "/a/b%20c", "/a!b@c": "/a%21b%40c"}.get(origin_path, origin_path)
    sent = canonical + answer["uri"]
    assert header(answer, "authorization") == authorization_of_botocore(answer, sent, ROLE)


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
        ("/what%3Fnow%23.jpg", "", "/what%3Fnow%23.jpg", ""),
        ("/a%2Fb//c/../d/.", "", "/a/b//c/../d/.", ""),
        ("/x", "to_webp=1&size=M", "/x", "size=M&to_webp=1"),
        ("/x", "showExif", "/x", "showExif="),
        ("/x", "b=2&a=2&a=1&&=", "/x", "=&a=1&a=2&b=2"),
        ("/x", "q=a+b%20c%2Bd", "/x", "q=a%20b%20c%2Bd"),
        ("/x", "q=1;p=2/3?4", "/x", "q=1%3Bp%3D2%2F3%3F4"),
    ],
)
def test_what_is_sent(uri: str, query: str, sent_uri: str, sent_query: str) -> None:
    answer = sign_event(event_of(uri=uri, querystring=query))
    assert (answer["uri"], answer["querystring"]) == (sent_uri, sent_query)


@pytest.mark.parametrize("key", ["cat.jpg", "a b+c%d@(1)!*'~.jpg", "café/猫/🐈.png", "a?b#c&d=e.jpg"])
def test_boto3_sends_the_same_path(key: str) -> None:
    """An SDK's own GetObject through the access point: its host, path and service are ours."""
    access_point = "arn:aws:s3-object-lambda:eu-west-1:123456789012:accesspoint/images"
    request = request_of_sdk("GetObject", {"Bucket": access_point, "Key": key})
    answer = sign_event(event_of(uri="/" + quote(key, safe="/+@()!*'~&=")))
    assert request.url == f"https://{HOST}{answer['uri']}"
    assert b"/eu-west-1/s3-object-lambda/aws4_request" in request.headers["Authorization"]


@pytest.mark.parametrize(
    ("uri", "query"),
    [("/\ud800", ""), ("/x", "a=\ud800"), ("/" + "!" * 3000, ""), ("/x", "a=" + "!" * 3000)],
)
def test_what_cannot_be_signed(uri: str, query: str) -> None:
    with pytest.raises(UnsignableError):
        sign_event(event_of(uri=uri, querystring=query))
