"""Addresses of buckets, and paths of objects."""

import pytest
from s3_http import Address, AddressError, bucket_address, parse_address


@pytest.mark.parametrize(
    ("bucket", "region", "endpoint_url", "address"),
    [
        ("images", "eu-west-1", None, ("https", "images.s3.eu-west-1.amazonaws.com", 443, "")),
        ("images", "us-east-1", None, ("https", "images.s3.us-east-1.amazonaws.com", 443, "")),
        ("images", "us-east-1", "", ("https", "images.s3.us-east-1.amazonaws.com", 443, "")),
        ("images", "cn-north-1", None, ("https", "images.s3.cn-north-1.amazonaws.com.cn", 443, "")),
        ("my.images", "eu-west-1", None, ("https", "s3.eu-west-1.amazonaws.com", 443, "/my.images")),
        ("images", "eu-west-1", "http://127.0.0.1:4566", ("http", "127.0.0.1", 4566, "/images")),
        ("images", "eu-west-1", "http://127.0.0.1:4566/", ("http", "127.0.0.1", 4566, "/images")),
        ("images", "eu-west-1", "https://s3.example", ("https", "s3.example", 443, "/images")),
        ("images", "eu-west-1", "http://s3.example/base", ("http", "s3.example", 80, "/base/images")),
        ("images", "eu-west-1", "http://[::1]:9000", ("http", "::1", 9000, "/images")),
    ],
)
def test_addresses(
    bucket: str, region: str, endpoint_url: str | None, address: tuple[str, str, int, str]
) -> None:
    found = bucket_address(bucket, region=region, endpoint_url=endpoint_url)
    assert ("https" if found.tls else "http", found.host, found.port, found.path_prefix) == address


@pytest.mark.parametrize(
    ("endpoint_url", "host_header"),
    [
        (None, "b.s3.eu-west-1.amazonaws.com"),
        ("http://127.0.0.1:4566", "127.0.0.1:4566"),
        ("https://s3.example", "s3.example"),
        ("http://[::1]:9000", "[::1]:9000"),
        ("http://user:word@s3.example:81", "s3.example:81"),
    ],
)
def test_the_host_header_has_a_port_that_the_url_has(endpoint_url: str | None, host_header: str) -> None:
    assert bucket_address("b", region="eu-west-1", endpoint_url=endpoint_url).host_header == host_header


@pytest.mark.parametrize(
    "endpoint_url",
    ["s3.example", "ftp://s3.example", "http://", "http://h:port", "http://[", "http://münchen.example"],
)
def test_bad_endpoints(endpoint_url: str) -> None:
    with pytest.raises(AddressError, match="endpoint URL"):
        bucket_address("b", region="eu-west-1", endpoint_url=endpoint_url)


@pytest.mark.parametrize("url", ["ftp://h/?X-Amz-Signature=1", "http:///?X-Amz-Signature=1"])
def test_an_error_does_not_show_a_presigned_url(url: str) -> None:
    with pytest.raises(AddressError) as caught:
        parse_address(url)
    assert str(caught.value) == "the URL must begin with http:// or https:// and a host"


@pytest.mark.parametrize(
    ("prefix", "key", "path"),
    [
        ("", "a b/é+%.jpg", "/a%20b/%C3%A9%2B%25.jpg"),
        ("/bucket", "cat.jpg", "/bucket/cat.jpg"),
        ("/bucket", "/cat.jpg", "/bucket//cat.jpg"),
    ],
)
def test_paths(prefix: str, key: str, path: str) -> None:
    assert Address(tls=True, host="h", port=443, host_header="h", path_prefix=prefix).path(key) == path
