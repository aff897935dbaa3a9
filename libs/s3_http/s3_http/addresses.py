"""Addresses of servers, and of a bucket in S3 (S3 user guide, "Virtual hosting of buckets")."""

from typing import NamedTuple
from urllib.parse import urlsplit

from sigv4 import encode_path

from s3_http.errors import AddressError

_DEFAULT_PORTS = {"http": 80, "https": 443}


class Address(NamedTuple):
    """The address of a server, and the path of a bucket on that server.

    Attributes:
        tls: whether connections use TLS.
        host: host name or IP address to connect to, in ASCII; the certificate must be valid for this name.
        port: TCP port.
        host_header: value of the Host header. It has a port only if the endpoint URL has one.
        path_prefix: path before the slash of a key, such as `/BUCKET`. Empty for a host with one bucket.
    """

    tls: bool
    host: str
    port: int
    host_header: str
    path_prefix: str

    def path(self, key: str) -> str:
        """Return the percent-encoded path of an object."""
        return encode_path(f"{self.path_prefix}/{key}")


def bucket_address(bucket: str, *, region: str, endpoint_url: str | None = None) -> Address:
    """Return the address of a bucket.

    The bucket name is part of the host name. There are two exceptions, in which the name is part of the path:
    a name with dots does not match the wildcard certificate of S3, and another endpoint than S3 has no host
    name for each bucket.

    Args:
        bucket: name of the bucket.
        region: Region of the bucket, such as `eu-west-1`.
        endpoint_url: http or https URL of a server in place of S3. None or empty: S3 itself.

    Raises:
        AddressError: `endpoint_url` is not an http or https URL.
    """
    if endpoint_url:
        return _endpoint_address(bucket, endpoint_url)
    # The Regions of China are another partition of AWS, with a domain of its own.
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    host, prefix = f"{bucket}.s3.{region}.{suffix}", ""
    if "." in bucket:
        host, prefix = f"s3.{region}.{suffix}", f"/{bucket}"
    return Address(tls=True, host=host, port=443, host_header=host, path_prefix=prefix)


def parse_address(url: str) -> Address:
    """Return the address in a URL, without a path prefix.

    Raises:
        AddressError: the URL is not an http or https URL, or the host is not written in ASCII. The message
            does not have the URL, which may be presigned.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressError(f"the URL cannot be parsed: {error}") from error
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise AddressError("the URL must begin with http:// or https:// and a host")
    if not parts.hostname.isascii():
        raise AddressError("the host must be written in ASCII, such as xn--mnchen-3ya.example")
    return Address(
        tls=parts.scheme == "https",
        host=parts.hostname,
        port=port or _DEFAULT_PORTS[parts.scheme],
        # The Host header has no user name and no password, which a URL may have.
        host_header=parts.netloc.rpartition("@")[2],
        path_prefix="",
    )


def _endpoint_address(bucket: str, endpoint_url: str) -> Address:
    try:
        address = parse_address(endpoint_url)
    except AddressError as error:
        raise AddressError(f"the endpoint URL {endpoint_url!r} is invalid: {error}") from error
    return address._replace(path_prefix=f"{urlsplit(endpoint_url).path.rstrip('/')}/{bucket}")
