"""Canonical percent-encoding of paths and query strings, and the header values that can be signed.

The rule is "UriEncode" in the S3 API reference, "Signature Calculations": every byte except letters, digits
and `- . _ ~` becomes %XX with capital digits, and a path keeps its slashes. Unlike other services, S3 encodes
once and does not normalize paths. The signature covers the encoded form, so that form must be sent.
"""

from collections.abc import Iterable
from urllib.parse import quote


def encode_path(path: str | bytes) -> str:
    """Return the percent-encoded form of a decoded path such as `/photos/café 1.jpg`.

    A path from the network is passed as bytes, because it may not be valid UTF-8.
    """
    return quote(path, safe="/-_.~")


def encode_query(parameters: Iterable[tuple[str, str] | tuple[bytes, bytes]]) -> str:
    """Return the canonical query string of decoded (name, value) pairs.

    The pairs are sorted after the encoding. Each has `=`, even with an empty value.
    """
    encoded = sorted((_encode(name), _encode(value)) for name, value in parameters)
    return "&".join(f"{name}={value}" for name, value in encoded)


def is_signable(value: str) -> bool:
    """Return whether a header value can be sent and signed: one or more printable ASCII characters.

    HTTP clients send headers in Latin-1, but a signature covers UTF-8, so only ASCII matches its signature.
    """
    return value != "" and value.isascii() and value.isprintable()


def drop_unsignable(value: str | None) -> str | None:
    """Return a header value if it can be signed; None for any other value, and for None."""
    return value if value is not None and is_signable(value) else None


def _encode(text: str | bytes) -> str:
    return quote(text, safe="-_.~")
