"""Canonical request, string to sign and signing key (S3 API reference, "Signature Calculations")."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import NamedTuple

UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
_ALGORITHM = "AWS4-HMAC-SHA256"


class Credentials(NamedTuple):
    """The credentials of a person or a role. Their `repr` has no secrets, because tracebacks go to the log.

    Attributes:
        access_key_id: identifies the secret key in the signature.
        secret_access_key: the key of the signature, which is never sent.
        session_token: part of temporary credentials, such as those of a role; None otherwise.
    """

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None

    def __repr__(self) -> str:
        return f"Credentials(access_key_id={self.access_key_id!r})"


class Scope(NamedTuple):
    """The Region (`eu-west-1`) and the service (`s3`, `s3-object-lambda`) that a signature is valid for."""

    region: str
    service: str


class Signable(NamedTuple):
    """The parts of a request that a signature covers.

    Attributes:
        method: HTTP method.
        host: value of the Host header, with the port if one is sent.
        path: result of `encode_path`; the request must be sent with exactly this path.
        payload_hash: result of `sigv4.payload_hash`, or UNSIGNED_PAYLOAD.
        query: result of `encode_query`; the request must be sent with exactly this query string.
        headers: other headers to sign. A proxy such as CloudFront may add them after signing.
    """

    method: str
    host: str
    path: str
    payload_hash: str
    query: str = ""
    headers: Mapping[str, str] = MappingProxyType({})


def payload_hash(body: bytes) -> str:
    """Return the SHA-256 of a body, which may be empty, in hexadecimal for `x-amz-content-sha256`."""
    return hashlib.sha256(body).hexdigest()


def sign(request: Signable, *, credentials: Credentials, scope: Scope, now: datetime) -> dict[str, str]:
    """Return the headers that sign a request.

    Args:
        request: the request to sign.
        credentials: the credentials to sign with.
        scope: Region and service of the request.
        now: current time, with a time zone. S3 accepts a difference of 15 minutes from its own clock.

    Returns:
        The headers to add, by lower-case name: `x-amz-date`, `x-amz-content-sha256`, `authorization` and, for
        temporary credentials, `x-amz-security-token`. Host and `request.headers` are signed but not returned.
    """
    timestamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    added = {"x-amz-date": timestamp, "x-amz-content-sha256": request.payload_hash}
    if credentials.session_token:
        added["x-amz-security-token"] = credentials.session_token
    all_headers = {"host": request.host, **request.headers, **added}
    headers = {name.lower(): _trim(value) for name, value in all_headers.items()}
    names = ";".join(sorted(headers))
    scope_text = f"{timestamp[:8]}/{scope.region}/{scope.service}/aws4_request"
    digest = hashlib.sha256(_canonical_request(request, headers, names).encode()).hexdigest()
    key = _signing_key(credentials.secret_access_key, timestamp[:8], scope)
    signature = _hmac(key, f"{_ALGORITHM}\n{timestamp}\n{scope_text}\n{digest}").hex()
    credential = f"{credentials.access_key_id}/{scope_text}"
    added["authorization"] = (
        f"{_ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}"
    )
    return added


def _canonical_request(request: Signable, headers: Mapping[str, str], names: str) -> str:
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    return f"{request.method}\n{request.path}\n{request.query}\n{lines}\n{names}\n{request.payload_hash}"


def _signing_key(secret: str, date: str, scope: Scope) -> bytes:
    key = _hmac(f"AWS4{secret}".encode(), date)
    for part in (scope.region, scope.service, "aws4_request"):
        key = _hmac(key, part)
    return key


def _hmac(key: bytes, message: str) -> bytes:
    return hmac.digest(key, message.encode(), "sha256")


def _trim(value: str) -> str:
    # Sequential spaces count as one (IAM user guide, "Create a signed AWS API request", canonical headers).
    return " ".join(value.split())
