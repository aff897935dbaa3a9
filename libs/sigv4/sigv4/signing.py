"""The signature itself: canonical request, string to sign, signing key (AWS Signature Version 4)."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import NamedTuple

UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
_ALGORITHM = "AWS4-HMAC-SHA256"


class Credentials(NamedTuple):
    """Who signs. The secrets stay out of `repr`, so that no log line shows them.

    `session_token` belongs to temporary credentials, such as those of a role.
    """

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None

    def __repr__(self) -> str:
        return f"Credentials(access_key_id={self.access_key_id!r})"


class Scope(NamedTuple):
    """What a signature is good for: one Region (`eu-west-1`) and one service (`s3`, `s3-object-lambda`)."""

    region: str
    service: str


class Signable(NamedTuple):
    """A request to be signed.

    `path` and `query` are the encoded forms (`encode_path`, `encode_query`) and have to be sent exactly so.
    `host` is the Host header, with the port where one is sent. `headers` are signed besides the ones that
    signing adds; they may name one that somebody else will add to the request later. `payload_hash` is the
    result of the function of that name, or `UNSIGNED_PAYLOAD`.
    """

    method: str
    host: str
    path: str
    payload_hash: str
    query: str = ""
    headers: Mapping[str, str] = MappingProxyType({})


def payload_hash(body: bytes) -> str:
    """The value of `x-amz-content-sha256` for a body; an empty body has one too."""
    return hashlib.sha256(body).hexdigest()


def sign(request: Signable, *, credentials: Credentials, scope: Scope, now: datetime) -> dict[str, str]:
    """The headers that make the request a signed one, by lower-case name.

    They are `x-amz-date`, `x-amz-content-sha256`, `authorization` and, for temporary credentials,
    `x-amz-security-token`. Host and `request.headers` are signed but not repeated in the result.
    `now` needs a time zone; S3 accepts a clock that is less than 15 minutes off.
    """
    timestamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    added = {"x-amz-date": timestamp, "x-amz-content-sha256": request.payload_hash}
    if credentials.session_token:
        added["x-amz-security-token"] = credentials.session_token
    headers = {"host": request.host, **request.headers, **added}
    signed = {name.lower(): _trim(value) for name, value in headers.items()}
    names = ";".join(sorted(signed))
    scope_text = f"{timestamp[:8]}/{scope.region}/{scope.service}/aws4_request"
    digest = hashlib.sha256(_canonical_request(request, signed, names).encode()).hexdigest()
    key = _signing_key(credentials.secret_access_key, timestamp[:8], scope)
    signature = _hmac(key, f"{_ALGORITHM}\n{timestamp}\n{scope_text}\n{digest}").hex()
    credential = f"{credentials.access_key_id}/{scope_text}"
    added["authorization"] = (
        f"{_ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}"
    )
    return added


def _canonical_request(request: Signable, signed: Mapping[str, str], names: str) -> str:
    headers = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    return f"{request.method}\n{request.path}\n{request.query}\n{headers}\n{names}\n{request.payload_hash}"


def _signing_key(secret: str, date: str, scope: Scope) -> bytes:
    key = _hmac(f"AWS4{secret}".encode(), date)
    for part in (scope.region, scope.service, "aws4_request"):
        key = _hmac(key, part)
    return key


def _hmac(key: bytes, message: str) -> bytes:
    return hmac.digest(key, message.encode(), "sha256")


def _trim(value: str) -> str:
    return " ".join(value.split())
