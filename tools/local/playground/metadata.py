"""Facts about the bytes of an image, read by Pillow, independently of the product's own parsers."""

import io
from collections.abc import Iterator, Mapping
from typing import Any

from PIL import ExifTags, Image

from tools.local.images import FORMATS, UNREADABLE

_MAX_VALUE_CHARACTERS = 120
_IFDS = {"EXIF": ExifTags.IFD.Exif, "GPS": ExifTags.IFD.GPSInfo}
_POINTERS = frozenset(int(ifd) for ifd in ExifTags.IFD)
_BLOCKS = {"xmp": "XMP", "XML:com.adobe.xmp": "XMP", "comment": "Comment", "icc_profile": "ICC profile"}


def describe_image(body: bytes) -> dict[str, Any] | None:
    """Return format, dimensions in stored pixels, frames and metadata of an image; None for other content."""
    try:
        with Image.open(io.BytesIO(body), formats=FORMATS) as image:
            return {
                "format": image.format,
                "width": image.width,
                "height": image.height,
                "frames": getattr(image, "n_frames", 1),
                "fields": [
                    {"group": group, "name": name, "value": _format_value(value)}
                    for group, name, value in _read_fields(image)
                ],
            }
    except UNREADABLE:
        return None


def _read_fields(image: Image.Image) -> Iterator[tuple[str, str, object]]:
    exif = image.getexif()
    for tag, value in exif.items():
        if tag not in _POINTERS:
            yield "EXIF", ExifTags.TAGS.get(tag, f"Tag {tag}"), value
    for group, ifd in _IFDS.items():
        names: Mapping[int, str] = ExifTags.GPSTAGS if group == "GPS" else ExifTags.TAGS
        for tag, value in exif.get_ifd(ifd).items():
            yield group, names.get(tag, f"Tag {tag}"), value
    for key, name in _BLOCKS.items():
        if block := image.info.get(key):
            yield "Other", name, block


def _format_value(value: object) -> str:
    if isinstance(value, bytes) and not _is_text(value):
        return f"{len(value):,} bytes"
    text = value.decode() if isinstance(value, bytes) else str(value)
    return text if len(text) <= _MAX_VALUE_CHARACTERS else f"{text[:_MAX_VALUE_CHARACTERS]} …"


def _is_text(value: bytes) -> bool:
    return len(value) <= _MAX_VALUE_CHARACTERS and value.isascii() and value.decode().isprintable()
