"""AWS Signature Version 4 as S3 reads it: pure, with the standard library alone."""

from sigv4.encoding import encode_path, encode_query
from sigv4.signing import UNSIGNED_PAYLOAD, Credentials, Scope, Signable, payload_hash, sign

__all__ = [
    "UNSIGNED_PAYLOAD",
    "Credentials",
    "Scope",
    "Signable",
    "encode_path",
    "encode_query",
    "payload_hash",
    "sign",
]
