"""AWS Signature Version 4 in the form that S3 expects, as pure functions over the standard library."""

from sigv4.encoding import drop_unsignable, encode_path, encode_query, is_signable
from sigv4.signing import UNSIGNED_PAYLOAD, Credentials, Scope, Signable, payload_hash, sign

__all__ = [
    "UNSIGNED_PAYLOAD",
    "Credentials",
    "Scope",
    "Signable",
    "drop_unsignable",
    "encode_path",
    "encode_query",
    "is_signable",
    "payload_hash",
    "sign",
]
