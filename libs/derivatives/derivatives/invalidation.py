"""Invalidation paths of CloudFront for the copies of an image, with a wildcard at the end.

The rules are those of the CloudFront developer guide, "What you need to know when invalidating files":

- The path is compared with the cached URI and its query string, case-sensitively. A `*` stands for any
  characters, and only at the end, so that one path covers all query strings of an image.
- If a function changes the URI of a viewer request, the URIs before and after the change are invalidated.
- Only non-ASCII characters and the unsafe ones of RFC 1738 are percent-encoded; other characters must not be.
- The character `~` is not supported, whether encoded or not.
"""

import re
from collections.abc import Iterable

from image_url import encode_key
from sigv4 import encode_path

MAX_WILDCARDS = 15
"""Limit of CloudFront for the wildcard paths of a distribution that are in progress (CloudFront developer
guide, "Concurrent invalidation request maximum")."""

# The canonical path of a viewer has these characters encoded, but an invalidation path must not, and `~` is
# not supported at all. So the path ends before the first of them: the wildcard covers the rest of the key,
# and also other keys that begin alike.
_UNCERTAIN = re.compile("[!$&'()*+,:;=?@~]")


def viewer_path(key: str) -> str:
    """Return the path for an image whose URI the viewer-request function brings into canonical form.

    Args:
        key: key of an original.
    """
    certain = _UNCERTAIN.split(key, maxsplit=1)[0]
    return f"/{encode_path(certain)}*"


def derivative_paths(key: str) -> frozenset[str]:
    """Return the paths for an image whose URI the viewer-request function replaces by that of a derivative.

    One path covers both URIs if the key has letters, digits, `-`, `.` and single slashes only.

    Args:
        key: key of an original.
    """
    return merge_paths({viewer_path(key), f"/{encode_key(key)}*"})


def merge_paths(paths: Iterable[str], limit: int = MAX_WILDCARDS) -> frozenset[str]:
    """Return at most `limit` paths that cover all given paths, none of which another one covers.

    Above the limit, the paths in the deepest folders become the paths of their folders, in the end `/*`. The
    result covers more than necessary, which costs requests to the origin, but never less.

    Args:
        paths: paths that end with a wildcard.
        limit: largest number of paths in the result, at least 1.
    """
    merged = _remove_covered(paths)
    while len(merged) > limit:
        depth = max(path.count("/") for path in merged)
        merged = _remove_covered(_folder(path) if path.count("/") == depth else path for path in merged)
    return merged


def _remove_covered(paths: Iterable[str]) -> frozenset[str]:
    kept: list[str] = []
    # A prefix of a path comes before the path in this order.
    for prefix in sorted(path.removesuffix("*") for path in paths):
        if not kept or not prefix.startswith(kept[-1]):
            kept.append(prefix)
    return frozenset(f"{prefix}*" for prefix in kept)


def _folder(path: str) -> str:
    """Return the path of the folder that contains the last segment of a path."""
    return path.rstrip("*").rstrip("/").rpartition("/")[0] + "/*"
