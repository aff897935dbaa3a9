"""Signed requests, unchanged requests, and errors."""

import copy
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import botocore.session
import pytest

from tests.functions.edge_signer.conftest import event_of, request_of

if TYPE_CHECKING:
    from tests.functions.edge_signer.conftest import Signer

ADDED = {"authorization", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"}


def header(request: dict[str, Any], name: str) -> str:
    """Return the value of a header."""
    (item,) = request["headers"][name]
    value: str = item["value"]
    return value


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_signed_request(signer: "Signer", method: str) -> None:
    event = event_of(method=method)
    before = copy.deepcopy(event)
    result = signer.invoke(event)
    assert event == before
    assert (result["uri"], result["querystring"]) == (
        "/holiday/caf%C3%A9%20%2B1%402x.jpg",
        "showExif=true&size=M",
    )
    assert set(result["headers"]) - set(request_of(event)["headers"]) == ADDED
    assert header(result, "x-amz-content-sha256") == "UNSIGNED-PAYLOAD"
    assert header(result, "x-amz-security-token") == "example-session"
    assert re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE/[0-9]{8}/eu-west-1/s3-object-lambda/aws4_request, "
        r"SignedHeaders=host;x-amz-cf-id;x-amz-content-sha256;x-amz-date;x-amz-security-token, "
        r"Signature=[0-9a-f]{64}",
        header(result, "authorization"),
    )
    assert {
        name: value for name, value in result.items() if name not in ("headers", "uri", "querystring")
    } == {
        name: value
        for name, value in request_of(event).items()
        if name not in ("headers", "uri", "querystring")
    }
    assert signer.log() == []


def test_other_headers_are_unchanged(signer: "Signer") -> None:
    event = event_of()
    result = signer.invoke(event)
    for name, values in request_of(event)["headers"].items():
        assert result["headers"][name] == values or name == "host"
    assert "x-amz-cf-id" not in result["headers"]


def test_credentials_of_a_person_have_no_token(signer: "Signer", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_SESSION_TOKEN")
    result = signer.invoke(event_of())
    assert "x-amz-security-token" not in result["headers"]
    assert "SignedHeaders=host;x-amz-cf-id;x-amz-content-sha256;x-amz-date, " in header(
        result, "authorization"
    )


def test_headers_of_the_viewer_that_s3_would_reject(signer: "Signer") -> None:
    event = event_of()
    headers = request_of(event)["headers"]
    headers["host"] = [{"key": "Host", "value": "www.example.org"}]
    headers["authorization"] = [{"key": "Authorization", "value": "Basic cmVhZGVy"}]
    headers["x-amz-acl"] = [{"key": "X-Amz-Acl", "value": "public-read"}]
    headers["x-amz-cf-thing"] = [{"key": "X-Amz-Cf-Thing", "value": "CloudFront's own"}]
    result = signer.invoke(event)
    assert header(result, "host") == "images-123456789012.s3-object-lambda.eu-west-1.amazonaws.com"
    assert header(result, "authorization").startswith("AWS4-HMAC-SHA256")
    assert "x-amz-acl" not in result["headers"]
    assert header(result, "x-amz-cf-thing") == "CloudFront's own"


@pytest.mark.parametrize(
    ("domain_name", "region"),
    [
        ("images-123456789012.s3-object-lambda.us-east-1.amazonaws.com", "us-east-1"),
        ("a-b-c-123456789012.s3-object-lambda.ap-southeast-2.amazonaws.com", "ap-southeast-2"),
        ("images-123456789012.s3-object-lambda-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
    ],
)
def test_the_region_is_part_of_the_host(signer: "Signer", domain_name: str, region: str) -> None:
    event = event_of()
    request_of(event)["origin"]["custom"]["domainName"] = domain_name
    result = signer.invoke(event)
    assert f"/{region}/s3-object-lambda/aws4_request" in header(result, "authorization")
    assert header(result, "host") == domain_name


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "POST", "PATCH", "DELETE"])
def test_other_methods_are_unchanged(signer: "Signer", method: str) -> None:
    event = event_of(method=method)
    assert signer.invoke(event) == request_of(event)


@pytest.mark.parametrize(
    "domain_name",
    [
        "example.org",
        "s3-object-lambda.example.org",
        "images.s3-object-lambda.eu-west-1.amazonaws.com.evil.example",
        "images.s3-object-lambda.eu-west-1.evil.example",
        "images-alias--ol-s3.s3.eu-west-1.amazonaws.com",
        "a/b.s3-object-lambda.eu-west-1.amazonaws.com",
        "",
    ],
)
def test_other_hosts_get_no_signature(signer: "Signer", domain_name: str) -> None:
    event = event_of()
    request_of(event)["origin"]["custom"]["domainName"] = domain_name
    assert signer.invoke(event) == request_of(event)


@pytest.mark.parametrize("name", ["origin-request", "origin-request-custom-origin", "viewer-request"])
def test_other_origins_are_unchanged(signer: "Signer", name: str) -> None:
    event = event_of(name)
    assert signer.invoke(event) == request_of(event)


@pytest.mark.parametrize("event", [None, {}, {"Records": []}, {"Records": [{"cf": {"request": {}}}]}])
def test_no_request(signer: "Signer", event: Any) -> None:
    result = signer.invoke(event)
    assert (result["status"], header(result, "cache-control")) == ("500", "no-store")
    assert [line["outcome"] for line in signer.log()] == ["failed"]


def test_no_credentials(signer: "Signer", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    result = signer.invoke(event_of())
    assert (result["status"], header(result, "cache-control")) == ("500", "no-store")
    (line,) = signer.log()
    assert (line["outcome"], line["level"]) == ("failed", "ERROR")
    assert "AWS_ACCESS_KEY_ID" in line["reason"]
    assert "example-key" not in str(line)


@pytest.mark.parametrize("uri", ["/" + "!" * 3000, "/\ud800.jpg"])
def test_a_path_that_cannot_be_signed(signer: "Signer", uri: str) -> None:
    result = signer.invoke(event_of(uri=uri))
    assert (result["status"], header(result, "cache-control")) == ("400", "public, max-age=60")
    assert "<Code>InvalidURI</Code>" in result["body"]
    assert [line["outcome"] for line in signer.log()] == ["refused"]


NO_OBJECTS = ["/", "//", "/.", "/..", "/%2F", "/%2e", "/a/", "/a/..", "/a//", "/a%2F", "/cat.jpg/%2E%2e"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("uri", NO_OBJECTS)
def test_a_path_that_names_no_object(signer: "Signer", uri: str, method: str) -> None:
    result = signer.invoke(event_of(uri=uri, querystring="", method=method))
    assert (result["status"], header(result, "cache-control")) == ("404", "public, max-age=60")
    assert "<Code>NoSuchKey</Code>" in result["body"]
    assert "authorization" not in str(result).lower()
    assert signer.log() == []


def s3_parameters() -> set[str]:
    """Return every query parameter of every operation of S3, from AWS's own model."""
    service = botocore.session.get_session().get_service_model("s3")
    operations = [service.operation_model(name) for name in service.operation_names]
    names = {
        name
        for operation in operations
        for name, _ in parse_qsl(urlsplit(operation.http["requestUri"]).query, keep_blank_values=True)
    }
    for operation in operations:
        members = operation.input_shape.members.values() if operation.input_shape else []
        names |= {
            m.serialization["name"] for m in members if m.serialization.get("location") == "querystring"
        }
    # SDKs add x-id for their own logs; S3 ignores the parameter.
    return names - {"x-id"}


@pytest.mark.parametrize("name", sorted(s3_parameters() | {"X-Amz-Signature", "x-amz-acl"}))
def test_a_parameter_of_s3_is_never_signed(signer: "Signer", name: str) -> None:
    for query in (name, f"{name}=2", f"size=S&{name}=", f"%{ord(name[0]):02X}{name[1:]}"):
        result = signer.invoke(event_of(uri="/cat.jpg", querystring=query))
        assert (result.get("status"), query) == ("404", query)


@pytest.mark.parametrize(
    "query", ["", "size=M", "to_webp=1", "showExif=true", "size=M&to_webp=0", "width=1&w=2", "%FF=1"]
)
@pytest.mark.parametrize(
    "uri", ["/cat.jpg", "/a/b", "/...", "/.a", "/a..", "/a/../cat.jpg", "//cat.jpg", "/list-type"]
)
def test_a_request_for_an_object_is_signed(signer: "Signer", uri: str, query: str) -> None:
    assert header(signer.invoke(event_of(uri=uri, querystring=query)), "authorization")
