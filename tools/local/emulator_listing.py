"""Lists of object versions, where MiniStack 1.5.33 leaves out `encoding-type=url`.

Whoever asks for it decodes the keys of the answer, as Terraform does when it empties a bucket. Of `1+1.jpg`
it makes `1 1.jpg`, deletes nothing, asks for the list again, and so on for ever. S3 encodes the keys and says
so (S3 API reference, ListObjectVersions).
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from urllib.parse import quote
from xml.etree import ElementTree as ET

from ministack.services import s3  # type: ignore[import-untyped]  # MiniStack has no type hints

type Answer = tuple[int, dict[str, str], bytes]

_ENCODED = ("Delimiter", "Key", "KeyMarker", "NextKeyMarker", "Prefix")


def install() -> None:
    """Put it in, once, before the emulator serves."""
    ET.register_namespace("", s3.S3_NS)
    s3._list_object_versions = partial(_encoded, s3._list_object_versions)  # noqa: SLF001  # there is no public way in


def _encoded(original: Callable[..., Answer], bucket: str, query: Mapping[str, Sequence[str]]) -> Answer:
    status, headers, body = original(bucket, query)
    if status != HTTPStatus.OK or "url" not in query.get("encoding-type", ()):
        return status, headers, body
    listing = ET.fromstring(body)  # noqa: S314  # written by MiniStack
    for name in _ENCODED:
        for element in listing.iter(f"{{{s3.S3_NS}}}{name}"):
            element.text = quote(element.text or "")
    ET.SubElement(listing, f"{{{s3.S3_NS}}}EncodingType").text = "url"
    return status, headers, ET.tostring(listing, encoding="utf-8", xml_declaration=True)
