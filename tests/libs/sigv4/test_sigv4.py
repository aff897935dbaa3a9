"""Signatures compared with those of botocore, the independent implementation of AWS's SDKs for Python."""

import string
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qsl, unquote

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials
from hypothesis import given, settings
from hypothesis import strategies as st
from sigv4 import (
    UNSIGNED_PAYLOAD,
    Credentials,
    Scope,
    Signable,
    drop_unsignable,
    encode_path,
    encode_query,
    is_signable,
    payload_hash,
    sign,
)

NOW = datetime(2026, 3, 1, 12, 30, 45, tzinfo=UTC)
# Examples of the AWS documentation.
EXAMPLE_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
EXAMPLE_SESSION = "FwoGZXIvYXdzEXAMPLE//token=="
PERSON = Credentials(access_key_id="AKIDEXAMPLE", secret_access_key=EXAMPLE_KEY)
ROLE = Credentials(
    access_key_id="ASIAEXAMPLE",
    secret_access_key=EXAMPLE_KEY,
    session_token=EXAMPLE_SESSION,
)
S3 = Scope(region="eu-west-1", service="s3")

# Every character of UTF-8, because viewers choose the path and the query string.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
paths = texts.map(lambda text: "/" + text)
queries = st.lists(st.tuples(texts, texts), max_size=5)
header_names = st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=20).map(
    lambda n: f"x-amz-meta-{n}"
)
header_values = st.text(string.ascii_letters + string.digits + " ;,=/\"'\t", max_size=40)
headers = st.dictionaries(header_names, header_values, max_size=5).filter(
    lambda chosen: len({name.lower() for name in chosen}) == len(chosen)
)
credentials = st.sampled_from([PERSON, ROLE])
scopes = st.builds(
    Scope,
    region=st.sampled_from(["us-east-1", "eu-central-1", "ap-southeast-2"]),
    service=st.sampled_from(["s3", "s3-object-lambda"]),
)


def authorization_of_botocore(request: Signable, signer: Credentials, scope: Scope, now: datetime) -> str:
    """Return the Authorization header of botocore.

    The steps of botocore are called one by one, because the time is no argument of the whole.
    """
    token = {"x-amz-security-token": signer.session_token} if signer.session_token else {}
    timestamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    given_headers = {
        **request.headers,
        "x-amz-date": timestamp,
        "x-amz-content-sha256": request.payload_hash,
        **token,
    }
    query = f"?{request.query}" if request.query else ""
    theirs = AWSRequest(
        method=request.method, url=f"https://{request.host}{request.path}{query}", headers=given_headers
    )
    theirs.context["timestamp"] = timestamp
    auth = S3SigV4Auth(
        BotoCredentials(signer.access_key_id, signer.secret_access_key, signer.session_token),
        scope.service,
        scope.region,
    )
    signature = auth.signature(auth.string_to_sign(theirs, auth.canonical_request(theirs)), theirs)
    signed = auth.signed_headers(auth.headers_to_sign(theirs))
    return f"AWS4-HMAC-SHA256 Credential={auth.scope(theirs)}, SignedHeaders={signed}, Signature={signature}"


@settings(max_examples=2000, deadline=None)
@given(path=paths, query=queries, extra=headers, signer=credentials, scope=scopes)
def test_the_signature_is_that_of_botocore(
    path: str, query: list[tuple[str, str]], extra: dict[str, str], signer: Credentials, scope: Scope
) -> None:
    request = Signable(
        method="GET",
        host="bucket.s3.eu-west-1.amazonaws.com",
        path=encode_path(path),
        query=encode_query(query),
        headers=extra,
        payload_hash=UNSIGNED_PAYLOAD,
    )
    ours = sign(request, credentials=signer, scope=scope, now=NOW)
    assert ours["authorization"] == authorization_of_botocore(request, signer, scope, NOW)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
@pytest.mark.parametrize("body", [b"", b"\x00\xff image"])
@pytest.mark.parametrize("host", ["127.0.0.1:4566", "bucket.s3.eu-west-1.amazonaws.com"])
def test_methods_bodies_and_hosts(method: str, body: bytes, host: str) -> None:
    request = Signable(method=method, host=host, path="/cat.jpg", payload_hash=payload_hash(body))
    ours = sign(request, credentials=ROLE, scope=S3, now=NOW)
    assert ours["authorization"] == authorization_of_botocore(request, ROLE, S3, NOW)


def test_example_of_the_aws_documentation() -> None:
    """S3 API reference, "Examples: Signature Calculations", GET Object: the published signature."""
    request = Signable(
        method="GET",
        host="examplebucket.s3.amazonaws.com",
        path="/test.txt",
        headers={"Range": "bytes=0-9"},
        payload_hash=payload_hash(b""),
    )
    signer = Credentials(access_key_id="AKIAIOSFODNN7EXAMPLE", secret_access_key=EXAMPLE_KEY)
    added = sign(
        request,
        credentials=signer,
        scope=Scope(region="us-east-1", service="s3"),
        now=datetime(2013, 5, 24, tzinfo=UTC),
    )
    assert added["authorization"].endswith(
        "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    )


@pytest.mark.parametrize(
    ("signer", "names"),
    [
        (PERSON, {"authorization", "x-amz-date", "x-amz-content-sha256"}),
        (ROLE, {"authorization", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"}),
    ],
    ids=["long-term", "temporary"],
)
def test_only_new_headers_are_returned(signer: Credentials, names: set[str]) -> None:
    """A signed header may be added later by a proxy: CloudFront adds x-amz-cf-id after the function."""
    request = Signable(
        method="GET", host="h", path="/", headers={"X-Amz-Cf-Id": "abc"}, payload_hash=UNSIGNED_PAYLOAD
    )
    added = sign(request, credentials=signer, scope=S3, now=NOW)
    assert set(added) == names
    assert added["x-amz-content-sha256"] == "UNSIGNED-PAYLOAD"
    assert "host;x-amz-cf-id;x-amz-content-sha256;x-amz-date" in added["authorization"]


def test_time_zone_does_not_matter() -> None:
    request = Signable(method="GET", host="h", path="/", payload_hash=UNSIGNED_PAYLOAD)
    tokyo = NOW.astimezone(timezone(timedelta(hours=9)))
    in_utc = sign(request, credentials=PERSON, scope=S3, now=NOW)
    assert sign(request, credentials=PERSON, scope=S3, now=tokyo) == in_utc
    assert in_utc["x-amz-date"] == "20260301T123045Z"


@pytest.mark.parametrize(
    "second",
    [
        Signable(method="HEAD", host="h", path="/a", query="a=1", payload_hash=UNSIGNED_PAYLOAD),
        Signable(method="GET", host="i", path="/a", query="a=1", payload_hash=UNSIGNED_PAYLOAD),
        Signable(method="GET", host="h", path="/b", query="a=1", payload_hash=UNSIGNED_PAYLOAD),
        Signable(method="GET", host="h", path="/a", query="a=2", payload_hash=UNSIGNED_PAYLOAD),
        Signable(method="GET", host="h", path="/a", query="a=1", payload_hash=payload_hash(b"")),
    ],
)
def test_every_part_is_signed(second: Signable) -> None:
    first = Signable(method="GET", host="h", path="/a", query="a=1", payload_hash=UNSIGNED_PAYLOAD)
    signatures = {sign(r, credentials=PERSON, scope=S3, now=NOW)["authorization"] for r in (first, second)}
    assert len(signatures) == 2


@pytest.mark.parametrize(
    ("path", "encoded"),
    [
        ("/cat.jpg", "/cat.jpg"),
        ("/a b+c%d.jpg", "/a%20b%2Bc%25d.jpg"),
        ("/café/猫/🐈.png", "/caf%C3%A9/%E7%8C%AB/%F0%9F%90%88.png"),
        ("/a//b/../c/./", "/a//b/../c/./"),
        ("/-._~!*'()@:&=$,;", "/-._~%21%2A%27%28%29%40%3A%26%3D%24%2C%3B"),
    ],
)
def test_paths_are_encoded_strictly_and_once(path: str, encoded: str) -> None:
    assert encode_path(path) == encoded


@pytest.mark.parametrize(
    ("parameters", "encoded"),
    [
        ([], ""),
        ([("uploads", "")], "uploads="),
        ([("b", "2"), ("a", "2"), ("a", "1")], "a=1&a=2&b=2"),
        ([("prefix", "a/b c+d")], "prefix=a%2Fb%20c%2Bd"),
        ([("-._~!*'()", "-._~@:$,;")], "-._~%21%2A%27%28%29=-._~%40%3A%24%2C%3B"),
        # The order is that of the encoded names: "%C3..." comes before "a".
        ([("a", ""), ("é", "")], "%C3%A9=&a="),
    ],
)
def test_queries_are_canonical(parameters: list[tuple[str, str]], encoded: str) -> None:
    assert encode_query(parameters) == encoded


@given(path=paths, query=queries)
@settings(deadline=None)
def test_decoding_restores_paths_and_queries(path: str, query: list[tuple[str, str]]) -> None:
    assert unquote(encode_path(path)) == path
    assert parse_qsl(encode_query(query), keep_blank_values=True) == sorted(
        query,
        key=lambda pair: (encode_path(pair[0]).replace("/", "%2F"), encode_path(pair[1]).replace("/", "%2F")),
    )


def test_repr_shows_no_secret() -> None:
    assert repr(ROLE) == "Credentials(access_key_id='ASIAEXAMPLE')"


def test_bytes_that_are_not_utf_8() -> None:
    assert encode_path(b"/caf\xe9 \x00") == "/caf%E9%20%00"
    assert encode_query([(b"a", b"\xff+")]) == "a=%FF%2B"


@pytest.mark.parametrize(
    ("value", "signable"),
    [
        ('attachment; filename="cat.jpg"', True),
        ("~", True),
        ("", False),
        ("größe", False),
        ("a\r\nx-amz-acl: public-read", False),
        ("a\tb", False),
        ("\x7f", False),
    ],
)
def test_header_values_that_can_be_signed(value: str, signable: bool) -> None:  # noqa: FBT001  # a column of the table
    assert is_signable(value) is signable
    assert drop_unsignable(value) == (value if signable else None)


def test_no_header_value_stays_none() -> None:
    assert drop_unsignable(None) is None
