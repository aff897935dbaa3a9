"""EXIF as JSON: every tag by its name.

Sections are those of EXIF 2.32 (CIPA DC-008-2019), unless EXIF 3.0 is named.
"""

import base64
from collections.abc import Iterable, Mapping

from image_format.tiff import Directories, Field, Type
from PIL import ExifTags

type Json = int | float | str | list[Json] | dict[str, Json] | None

_NAMES: Mapping[str, Mapping[int, str]] = {
    "GPS": ExifTags.GPSTAGS,
    "Interop": {tag.value: tag.name for tag in ExifTags.Interop},
}
# 4.6.3: tags that hold only the offset of another section.
_POINTERS = frozenset({ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo, ExifTags.IFD.Interop})

# 4.6.5 and 4.6.6: eight bytes before these texts name their encoding. Texts in JIS X 0208 stay bytes.
# "UNICODE" meant UTF-16 in the byte order of the block, until EXIF 3.0 made it UTF-8.
_CODED_TEXTS = frozenset({"UserComment", "GPSProcessingMethod", "GPSAreaInformation"})
_CODE_BYTES = 8
_UTF_16 = {"<": "utf-16-le", ">": "utf-16-be"}
# Tags of Windows: text in UTF-16, declared as bytes, and little-endian in every block.
_WINDOWS_TEXTS = frozenset({"XPTitle", "XPComment", "XPAuthor", "XPKeywords", "XPSubject"})
# No tag of EXIF has more values of one byte. A longer value is a text, or data of some program.
_MAX_SMALL_NUMBERS = 64


def to_json(block: bytes) -> dict[str, Json]:
    """Convert an EXIF block for `json.dumps(..., allow_nan=False)`.

    Rationals become numbers, and None if the denominator is zero. Untyped bytes become a text if every
    character is printable, else `{"base64": ...}` (the maker note, too). The key of a tag without a name is
    the number of the tag, such as "0x9999".

    Args:
        block: the EXIF data, with or without its prefix (`Exif`).

    Returns:
        Tags by section: "0th", "Exif", "GPS", "Interop" and "1st", which describes the thumbnail. Sections
        without tags are missing. Empty for an empty or unreadable block.
    """
    directories = Directories(block)
    zeroth, next_at = directories.read(directories.first())
    exif, _ = directories.read(_offset(zeroth, ExifTags.IFD.Exif))
    sections = {
        "0th": zeroth,
        "Exif": exif,
        "GPS": directories.read(_offset(zeroth, ExifTags.IFD.GPSInfo))[0],
        "Interop": directories.read(_offset(exif, ExifTags.IFD.Interop))[0],
        "1st": directories.read(next_at)[0],
    }
    named = {name: _name_tags(fields, _NAMES.get(name, ExifTags.TAGS)) for name, fields in sections.items()}
    return {name: tags for name, tags in named.items() if tags}


def _offset(fields: Mapping[int, Field], tag: int) -> int:
    """Return the offset of a directory that a tag holds, or 0."""
    field = fields.get(tag)
    return (field.whole_number() if field else None) or 0


def _name_tags(fields: Mapping[int, Field], names: Mapping[int, str]) -> dict[str, Json]:
    tags: dict[str, Json] = {}
    for tag, field in fields.items():
        if tag in _POINTERS:
            continue
        number = f"0x{tag:04X}"
        name = names.get(tag, number)
        # TIFF/EP and EXIF use the same name for different tags.
        tags[f"{name} ({number})" if name in tags else name] = _value(name, field)
    return tags


def _value(name: str, field: Field) -> Json:
    match field.type:
        case Type.ASCII | Type.UTF8:
            return _decode_strings(field.raw)
        case Type.BYTE if name in _WINDOWS_TEXTS:
            return _decode(field.raw, ["utf-16-le"])
        case Type.UNDEFINED if name in _CODED_TEXTS:
            return _decode_coded_text(field)
        case Type.UNDEFINED if len(field.raw) != 1:  # a single byte is a number: FileSource, SceneType
            return _decode(field.raw, ["utf-8"])
        case Type.BYTE if len(field.raw) > _MAX_SMALL_NUMBERS:
            return _decode(field.raw, ["utf-8"])
    numbers: list[Json] = [*field.numbers()]
    return numbers if len(numbers) > 1 else (numbers[0] if numbers else None)


def _decode_strings(raw: bytes) -> Json:
    """Decode strings that each end with NUL (TIFF 6.0, section 2). EXIF's Copyright has two."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    parts: list[Json] = [*text.rstrip("\0").split("\0")]
    return parts if len(parts) > 1 else parts[0]


def _decode_coded_text(field: Field) -> Json:
    code, content = field.raw[:_CODE_BYTES], field.raw[_CODE_BYTES:]
    match code:
        case b"ASCII\0\0\0":
            return _decode(content, ["utf-8"])
        case b"UNICODE\0":
            return _decode(content, ["utf-8", _UTF_16[field.byte_order]])
    return _decode(field.raw, ["utf-8"])


def _decode(raw: bytes, encodings: Iterable[str]) -> Json:
    """Return the text in the first encoding that makes every character printable, else base64."""
    for encoding in encodings:
        try:
            text = raw.decode(encoding).rstrip("\0")
        except UnicodeDecodeError:
            continue
        if text and all(character.isprintable() or character in "\t\r\n" for character in text):
            return text
    return {"base64": base64.b64encode(raw).decode("ascii")}
