"""ETags, preconditions and ranges (RFC 9110).

A response has other bytes than the original, and therefore another ETag: the original's ETag with the variant
tag as a suffix. This ETag is known before the transform, and without its suffix S3 can evaluate a viewer's
If-None-Match. So a viewer with a current copy costs no transfer of the original and no transform.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from sigv4 import is_signable

_ETAG = re.compile(r'(W/)?("[^"]*")')
_RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")

type Headers = Mapping[str, str]
"""Headers of a request, by lower-case name."""


def variant_etag(original_etag: str, variant_tag: str) -> str:
    """Return the quoted ETag of a variant of an original."""
    stem = original_etag.strip('"')
    return f'"{stem}-{variant_tag}"'


def translate_preconditions(headers: Headers, variant_tag: str) -> dict[str, str]:
    """Return the preconditions of a viewer that S3 can evaluate for the original.

    An ETag without this variant tag is omitted: it is that of the original or of another variant, and a
    current copy of either is not a current copy of this variant. If-None-Match takes precedence over
    If-Modified-Since (section 13.1.3). Values that cannot be signed are omitted, too: no ETag of S3 and no
    valid date has such characters.
    """
    if "if-none-match" in headers:
        wanted = headers["if-none-match"]
        suffix = f'-{variant_tag}"'
        originals = [
            tag.removesuffix(suffix) + '"'
            for _, tag in _ETAG.findall(wanted)
            if tag.endswith(suffix) and is_signable(tag)
        ]
        value = "*" if wanted.strip() == "*" else ", ".join(originals)
        return {"if-none-match": value} if value else {}
    dates = {"if-modified-since"}
    if "if-match" not in headers:
        dates.add("if-unmodified-since")
    return {name: headers[name] for name in sorted(dates) if is_signable(headers.get(name, ""))}


def evaluate_preconditions(headers: Headers, etag: str, last_modified: str | None) -> int | None:
    """Evaluate the preconditions of a request in the order of section 13.2.2.

    Args:
        headers: headers of the request.
        etag: ETag of the variant.
        last_modified: Last-Modified of the original; None without one.

    Returns:
        304 or 412; None if the request is to be performed.
    """
    if "if-match" in headers:
        if not _matches(headers["if-match"], etag, weak_comparison=False):
            return 412
    elif _is_later(last_modified, headers.get("if-unmodified-since")) is True:
        return 412
    if "if-none-match" in headers:
        return 304 if _matches(headers["if-none-match"], etag, weak_comparison=True) else None
    return 304 if _is_later(last_modified, headers.get("if-modified-since")) is False else None


def parse_range(headers: Headers, etag: str, last_modified: str | None, length: int) -> range | None:
    """Return the requested range of bytes (section 14.2).

    Args:
        headers: headers of the request.
        etag: ETag of the variant.
        last_modified: Last-Modified of the original; None without one.
        length: length of the representation in bytes.

    Returns:
        None for the whole representation: the request has no Range, an invalid one or several ranges, or
        If-Range has another validator (section 13.1.5). An empty range if all requested bytes are beyond the
        end.
    """
    found = _RANGE.fullmatch(headers.get("range", "").replace(" ", ""))
    if not found or headers.get("if-range", etag) not in (etag, last_modified):
        return None
    first, last = found.groups()
    if not first:
        return range(max(0, length - int(last)), length) if last else None
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last or length), length - 1) + 1)


def _matches(tags: str, etag: str, *, weak_comparison: bool) -> bool:
    if tags.strip() == "*":
        return True
    return any(tag == etag and (weak_comparison or not weak) for weak, tag in _ETAG.findall(tags))


def _is_later(last_modified: str | None, date: str | None) -> bool | None:
    """Return whether the first date is later than the second; None if either is not a valid date."""
    changed, since = _parse_date(last_modified), _parse_date(date)
    return changed > since if changed and since else None


def _parse_date(text: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(text or "")
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
