"""Paths and query strings in the one spelling that S3 signs.

The rule ("UriEncode" in the S3 API reference, Signature Calculations): every byte but the letters, digits
and - . _ ~ becomes %XX with capital digits; the slash stays in a path. S3 encodes once and normalises
nothing, unlike other services. What is signed has to be what is sent, so the results of these functions
go into the request.
"""

from collections.abc import Iterable
from urllib.parse import quote


def encode_path(path: str | bytes) -> str:
    """The percent-encoded form of a decoded path such as `/photos/café 1.jpg`.

    Bytes are for a path that somebody else made: it need not be UTF-8.
    """
    return quote(path, safe="/-_.~")


def encode_query(parameters: Iterable[tuple[str, str] | tuple[bytes, bytes]]) -> str:
    """The canonical query string of decoded (name, value) pairs: encoded, then sorted, always with `=`."""
    encoded = sorted((_encode(name), _encode(value)) for name, value in parameters)
    return "&".join(f"{name}={value}" for name, value in encoded)


def _encode(text: str | bytes) -> str:
    return quote(text, safe="-_.~")
