"""The image file directories of a TIFF or of an EXIF block.

The rules are those of TIFF 6.0, section 2, with the type for UTF-8 of EXIF 3.0 (CIPA DC-008-2023).

Pillow has a reader of directories, too. However, that reader drops texts of the type UTF-8, further values of
a tag that should have a single one, and everything behind a tag of a wrong length. It reports faults through
`warnings`, and unpacks lists of any length.
"""

import math
import struct
from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import NamedTuple, Self

EXIF_PREFIX = b"Exif\0\0"
UPRIGHT = 1

# A segment of a JPEG has 64 kB for EXIF. PNG and WebP have no limit, but the JSON made of EXIF needs one.
_MAX_BYTES = 512 * 1024
# An entry: tag, type and count, then four bytes for the value itself or for its offset.
_ENTRY_BYTES = 12
_VALUE_AT = 8
_INLINE_BYTES = 4
_ORIENTATION, _MAX_ORIENTATION = 0x0112, 8  # EXIF 2.32, 4.6.4
_BYTE_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}


class Type(IntEnum):
    """A type of values.

    Attributes:
        letters: format of one value in `struct`.
        size: length of one value in bytes.
    """

    letters: str
    size: int

    def __new__(cls, code: int, *letters: str) -> Self:
        """Create a member from its number and its format."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.letters = "".join(letters)
        member.size = struct.calcsize("<" + member.letters)
        return member

    BYTE = 1, "B"
    ASCII = 2, "B"
    SHORT = 3, "H"
    LONG = 4, "L"
    RATIONAL = 5, "LL"
    SBYTE = 6, "b"
    UNDEFINED = 7, "B"
    SSHORT = 8, "h"
    SLONG = 9, "l"
    SRATIONAL = 10, "ll"
    FLOAT = 11, "f"
    DOUBLE = 12, "d"
    IFD = 13, "L"
    UTF8 = 129, "B"


_TYPES: Mapping[int, Type] = {each.value: each for each in Type}
# Unsigned whole numbers, as orientations and the offsets of directories are written.
_WHOLE_NUMBERS = frozenset({Type.SHORT, Type.LONG, Type.IFD})


class Field(NamedTuple):
    """The value of a tag.

    Attributes:
        type: type of the value.
        raw: the bytes of the value.
        byte_order: "<" or ">", as in `struct`.
    """

    type: Type
    raw: bytes
    byte_order: str

    def numbers(self) -> list[int | float | None]:
        """Return the values as numbers; None for a denominator of zero or an infinity."""
        values = struct.iter_unpack(self.byte_order + self.type.letters, self.raw)
        if len(self.type.letters) == 1:
            return [value if math.isfinite(value) else None for (value,) in values]
        return [_quotient(numerator, denominator) for numerator, denominator in values]

    def whole_number(self) -> int | None:
        """Return the first value; None if the field has no value, or is not of an unsigned integer type."""
        numbers = self.numbers() if self.type in _WHOLE_NUMBERS else []
        return next((number for number in numbers if isinstance(number, int)), None)


class _Entry(NamedTuple):
    """An entry of a directory.

    Attributes:
        tag: number of the tag.
        type: type of the values.
        values: number of values.
        at: offset of the first value.
    """

    tag: int
    type: Type
    values: int
    at: int


class Directories:
    """The directories of a block. At most 512 kB of entries and values are read, even if they overlap."""

    def __init__(self, block: bytes) -> None:
        """Accept a block that begins with a TIFF header or with the prefix of EXIF.

        The prefix belongs to JPEG only, but some writers put it into PNG and WebP, and some put it twice.
        """
        self._block = block.removeprefix(EXIF_PREFIX).removeprefix(EXIF_PREFIX)
        self._byte_order = _BYTE_ORDERS.get(self._block[:4], "")
        self._remaining_bytes = _MAX_BYTES

    def first(self) -> int:
        """Return the offset of the first directory; 0 if the block is not a TIFF."""
        return self._long(4) if self._byte_order else 0

    def read(self, offset: int) -> tuple[dict[int, Field], int]:
        """Return the fields of a directory by tag, and the offset of the next directory (0: there is none).

        Entries and values outside the block are omitted, and so are entries of unknown types. If a tag is
        repeated, its first entry counts.
        """
        fields: dict[int, Field] = {}
        entries = list(self._entries(offset))
        self._remaining_bytes -= len(entries) * _ENTRY_BYTES
        for entry in entries:
            field = self._field(entry)
            if field is not None:
                fields.setdefault(entry.tag, field)
        return fields, self._long(offset + 2 + self._count(offset) * _ENTRY_BYTES) if offset else 0

    def find_whole_number(self, offset: int, tag: int) -> int | None:
        """Return the first value of a tag in a directory; None without a value of an unsigned integer type.

        No other value is read: in a small block, the values of thousands of entries may overlap, and reading
        all of them could take any amount of memory.
        """
        for entry in self._entries(offset):
            if entry.tag == tag and entry.type in _WHOLE_NUMBERS and entry.values:
                field = self._field(entry._replace(values=1))
                return field and field.whole_number()
        return None

    def _entries(self, offset: int) -> Iterator[_Entry]:
        """Yield the entries of known types that lie within the block and the limit."""
        start = offset + 2
        readable = min(
            self._count(offset),
            (len(self._block) - start) // _ENTRY_BYTES,
            self._remaining_bytes // _ENTRY_BYTES,
        )
        for at in range(start, start + readable * _ENTRY_BYTES, _ENTRY_BYTES):
            tag, code, count = struct.unpack_from(f"{self._byte_order}HHL", self._block, at)
            if (kind := _TYPES.get(code)) is not None:
                inline = count * kind.size <= _INLINE_BYTES
                yield _Entry(tag, kind, count, at=at + _VALUE_AT if inline else self._long(at + _VALUE_AT))

    def _count(self, offset: int) -> int:
        """Return the number of entries that a directory announces; 0 if there is no directory."""
        if not 0 < offset <= len(self._block) - 2:
            return 0
        (count,) = struct.unpack_from(f"{self._byte_order}H", self._block, offset)
        return int(count)

    def _field(self, entry: _Entry) -> Field | None:
        """Return the value of an entry; None for one that is not within the block, or over the limit."""
        size = entry.values * entry.type.size
        if entry.at + size > len(self._block) or size > self._remaining_bytes:
            return None
        if size > _INLINE_BYTES:
            self._remaining_bytes -= size
        raw = self._block[entry.at : entry.at + size]
        return Field(type=entry.type, raw=raw, byte_order=self._byte_order)

    def _long(self, at: int) -> int:
        if at + 4 > len(self._block):
            return 0
        (value,) = struct.unpack_from(f"{self._byte_order}L", self._block, at)
        return int(value)


def read_orientation(block: bytes) -> int:
    """Return the EXIF orientation, 1 to 8; 1, upright, if the block has none that is valid.

    XMP is ignored, as in browsers.

    Args:
        block: the EXIF data, with or without its prefix.
    """
    directories = Directories(block)
    orientation = directories.find_whole_number(directories.first(), _ORIENTATION) or UPRIGHT
    return orientation if orientation <= _MAX_ORIENTATION else UPRIGHT


def _quotient(numerator: int, denominator: int) -> int | float | None:
    if denominator == 0:
        return None
    whole, rest = divmod(numerator, denominator)
    return numerator / denominator if rest else whole
