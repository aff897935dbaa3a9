"""Listings of buckets, and the deletion of many objects: XML in the bodies of requests and responses."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import unquote_plus

# The elements of interest have neither attributes nor, in a listing with URL-encoded keys, entities.
_CONTENTS = "(?s:<Contents>(.*?)</Contents>)"


class ListedObject(NamedTuple):
    """An object in a listing.

    Attributes:
        key: key of the object.
        last_modified: time of the upload, in UTC.
    """

    key: str
    last_modified: datetime


class ListedPage(NamedTuple):
    """A page of a listing: at most 1,000 objects, and the token of the next page; None on the last page."""

    objects: tuple[ListedObject, ...]
    next_token: str | None


def parse_page(document: bytes) -> ListedPage:
    """Return the page in the response to ListObjectsV2 with `encoding-type=url`."""
    text = document.decode()
    return ListedPage(
        objects=tuple(
            ListedObject(
                # "URL-encoded" is form encoding here, with a plus for a space (S3 API reference,
                # "ListObjectsV2", EncodingType).
                key=unquote_plus(_element(contents, "Key") or ""),
                last_modified=datetime.fromisoformat(_element(contents, "LastModified") or ""),
            )
            for contents in re.findall(_CONTENTS, text)
        ),
        next_token=_element(text, "NextContinuationToken"),
    )


def _element(text: str, name: str) -> str | None:
    found = re.search(f"<{name}>([^<]*)</{name}>", text)
    return found[1].replace("&amp;", "&") if found else None


def deletion_document(keys: Sequence[str]) -> bytes:
    """Return the body of a DeleteObjects request. The response has errors only, not the deleted objects."""
    objects = "".join(f"<Object><Key>{_escape(key)}</Key></Object>" for key in keys)
    return f'<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{objects}<Quiet>true</Quiet></Delete>'.encode()


def is_xml(key: str) -> bool:
    """Return whether XML 1.0 can represent all characters of a key, unlike most control characters."""
    return re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", key) is None


def _escape(key: str) -> str:
    # A parser would read each of the line ends "\r" and "\r\n" as "\n", except as character references.
    replacements = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}
    return "".join(replacements.get(character, character) for character in key)
