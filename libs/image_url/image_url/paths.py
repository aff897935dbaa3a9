"""Paths of derivatives: the key of an original in unreserved characters, and the name of the derivative.

Unreserved characters (RFC 3986, section 2.3) need no encoding, so that browsers, CloudFront and signatures
write such a path in the same way. `_` begins the escape of any other byte, and of `_` itself. The unreserved
`~` is escaped too, because CloudFront does not support it in invalidation paths, whether encoded or not
(CloudFront developer guide, "What you need to know when invalidating files").
"""

import re

from image_url.errors import DerivativePathError

MAX_PATH_BYTES = 1024
"""Limit of S3 for a key (S3 user guide, "Naming Amazon S3 objects")."""

# Servers and clients may merge slashes, so none follows another one.
_ESCAPED = rb"[^A-Za-z0-9./-]|(?<![^/])/"
_PATH = "(?P<key>(?:[A-Za-z0-9./-]|_[0-9A-F]{2})+)/(?P<name>[A-Za-z0-9._-]+)"


def derivative_path(key: str, name: str) -> str:
    """Return the path of a derivative without its first slash: the key in the bucket of derivatives.

    Letters, digits, `-`, `.` and `/` of the key stay. A `/` at the start or after another `/`, and each other
    byte of the key in UTF-8, become `_` and two hexadecimal digits: `cats/tom & co.jpg` becomes
    `cats/tom_20_26_20co.jpg/v4_w640_q80.webp`.

    Args:
        key: key of the original.
        name: name from `derivative_name`.

    Raises:
        DerivativePathError: the key has no derivatives: the path would have more than 1,024 bytes, or the key
            is empty or ends with a slash.
    """
    if not key or key.endswith("/"):
        raise DerivativePathError("The key of an image does not end with a slash.")
    path = f"{encode_key(key)}/{name}"
    if len(path) > MAX_PATH_BYTES:
        raise DerivativePathError("The name of the image is too long for an image made of it.")
    return path


def triggered_path(key: str, source_prefix: str, restore_prefix: str) -> str | None:
    """Return the path of the derivative that an upload triggers: the key without the prefix of the originals.

    The result is None for an object that is not an original: its key does not begin with the prefix, is below
    the prefix of restored originals, or ends with a slash, like the placeholder of a folder that the S3
    console creates.

    Args:
        key: key of an object in the bucket of the originals.
        source_prefix: key prefix of the originals, with a trailing slash or empty.
        restore_prefix: key prefix of restored originals, with a trailing slash.
    """
    is_original = key.startswith(source_prefix) and not key.startswith(restore_prefix)
    return key.removeprefix(source_prefix) if is_original and not key.endswith("/") else None


def encode_key(key: str) -> str:
    """Return the key of an original as it stands in the paths of its derivatives."""
    return re.sub(_ESCAPED, lambda found: b"_%02X" % ord(found[0]), key.encode()).decode()


def parse_derivative_path(path: str) -> tuple[str, str]:
    """Return the key of the original and the name of the derivative for a path from `derivative_path`.

    Raises:
        DerivativePathError: no key and name have this path.
    """
    if match := re.fullmatch(_PATH, path):
        encoded, name = match["key"], match["name"]
        try:
            key = re.sub(rb"_(..)", lambda found: bytes.fromhex(found[1].decode()), encoded.encode()).decode()
            # Needless and missing escapes would give several paths to one derivative.
            if derivative_path(key, name) == path:
                return key, name
        except (UnicodeDecodeError, DerivativePathError):
            pass
    raise DerivativePathError(f"{path!r} is not the path of a derivative.")
