"""Where a bucket is: host, port and the path before the key (S3 user guide, "Virtual hosting of buckets")."""

from typing import NamedTuple
from urllib.parse import urlsplit

from sigv4 import encode_path

from s3_http.errors import AddressError


class Address(NamedTuple):
    """The address of one bucket. `host_header` names the port only where it is not the usual one."""

    tls: bool
    host: str
    port: int
    host_header: str
    path_prefix: str

    def path(self, key: str) -> str:
        """The percent-encoded path of an object."""
        return encode_path(f"{self.path_prefix}/{key}")


def bucket_address(bucket: str, *, region: str, endpoint_url: str | None = None) -> Address:
    """The address of a bucket of AWS, or at an endpoint that stands in for S3.

    The bucket is part of the host name, except in two cases where it is the first part of the path: a name
    with dots matches no wildcard certificate, and an endpoint of one's own has no host name for each bucket.

    Raises:
        AddressError: `endpoint_url` is no http or https URL.
    """
    if endpoint_url:
        return _own_address(bucket, endpoint_url)
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    host, prefix = f"{bucket}.s3.{region}.{suffix}", ""
    if "." in bucket:
        host, prefix = f"s3.{region}.{suffix}", f"/{bucket}"
    return Address(tls=True, host=host, port=443, host_header=host, path_prefix=prefix)


def _own_address(bucket: str, endpoint_url: str) -> Address:
    try:
        parts = urlsplit(endpoint_url)
        port = parts.port
    except ValueError as error:
        raise AddressError(f"the endpoint URL {endpoint_url!r} cannot be read: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise AddressError(
            f"the endpoint URL {endpoint_url!r} must begin with http:// or https:// and a host"
        )
    usual = 443 if parts.scheme == "https" else 80
    return Address(
        tls=parts.scheme == "https",
        host=parts.hostname,
        port=port or usual,
        host_header=parts.netloc.rpartition("@")[2],
        path_prefix=f"{parts.path.rstrip('/')}/{bucket}",
    )
