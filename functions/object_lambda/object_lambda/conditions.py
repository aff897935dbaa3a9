"""ETags, conditional requests and ranges, by RFC 9110.

The bytes that are delivered are not those of the object, so they have an ETag of their own: that of the
object with the name of the edition behind it. It is known without making them, and the object's can be read
from it: S3 itself tells whether a viewer's copy is current, and neither fetches nor transforms for that.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_TAG = re.compile(r'(W/)?("[^"]*")')
_RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")

type Headers = Mapping[str, str]
"""Headers of a request, by lower-case name."""


def etag_of(object_etag: str, edition: str) -> str:
    """The ETag of an edition of an object, in quotes as that of the object is."""
    stem = object_etag.strip('"')
    return f'"{stem}-{edition}"'


def conditions_for_s3(headers: Headers, edition: str) -> dict[str, str]:
    """The conditions of a request as far as S3 can judge them.

    A tag that is none of this edition says nothing of the object: what a viewer holds may be the object
    itself, or made with other settings. Where there is one, the date beside it does not count (13.1.3).
    """
    if "if-none-match" in headers:
        wanted = headers["if-none-match"]
        ours = [tag for _, tag in _TAG.findall(wanted) if tag.endswith(f'-{edition}"')]
        stems = [tag.removesuffix(f'-{edition}"') + '"' for tag in ours]
        value = "*" if wanted.strip() == "*" else ", ".join(stems)
        return {"if-none-match": value} if value else {}
    dates = {"if-modified-since"}
    if "if-match" not in headers:
        dates.add("if-unmodified-since")
    return {name: headers[name] for name in sorted(dates) if name in headers}


def verdict(headers: Headers, etag: str, last_modified: str | None) -> int | None:
    """304 or 412 where that is the answer to a conditional request, None where it is carried out (13.2.2)."""
    if "if-match" in headers:
        if not _names(headers["if-match"], etag, weakly=False):
            return 412
    elif _is_later(last_modified, headers.get("if-unmodified-since")) is True:
        return 412
    if "if-none-match" in headers:
        return 304 if _names(headers["if-none-match"], etag, weakly=True) else None
    return 304 if _is_later(last_modified, headers.get("if-modified-since")) is False else None


def wanted_range(headers: Headers, etag: str, last_modified: str | None, length: int) -> range | None:
    """The bytes that a Range header asks for (14.2): empty for none of those there are.

    None: all, as for several ranges, for what is no range, and where If-Range names other bytes (13.1.5).
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


def _names(tags: str, etag: str, *, weakly: bool) -> bool:
    if tags.strip() == "*":
        return True
    return any(tag == etag and (weakly or not weak) for weak, tag in _TAG.findall(tags))


def _is_later(last_modified: str | None, moment: str | None) -> bool | None:
    """Whether the first date is later than the second; None where one of them is no date."""
    changed, since = _date(last_modified), _date(moment)
    return changed > since if changed and since else None


def _date(text: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
