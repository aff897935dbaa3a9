"""The image file directories of an EXIF block.

TIFF 6.0, section 2, with the type for UTF-8 of EXIF 3.0 (CIPA DC-008-2023). Pillow reads them, too, but
not as an answer in JSON needs it: it drops texts of the type UTF-8, all but one value of a tag that should
hold one, and everything behind a tag of a wrong length; it tells of faults through `warnings`; and it
unpacks lists as long as a file asks for.
"""

import math
import struct
from enum import IntEnum
from typing import NamedTuple

# JPEG gives EXIF 64 kB. PNG and WebP know no limit, but an answer in JSON must have one.
_MAX_BYTES = 512 * 1024
# Of an entry: tag, type and count, then four bytes for the value itself or for its place.
_ENTRY_BYTES = 12
_VALUE_AT = 8
_INLINE_BYTES = 4


class Type(IntEnum):
    """Types of values."""

    BYTE = 1
    ASCII = 2
    SHORT = 3
    LONG = 4
    RATIONAL = 5
    SBYTE = 6
    UNDEFINED = 7
    SSHORT = 8
    SLONG = 9
    SRATIONAL = 10
    FLOAT = 11
    DOUBLE = 12
    IFD = 13
    UTF8 = 129


# For each type the letters of `struct` for one value.
_FORMATS = {
    Type.BYTE: "B",
    Type.ASCII: "B",
    Type.SHORT: "H",
    Type.LONG: "L",
    Type.RATIONAL: "LL",
    Type.SBYTE: "b",
    Type.UNDEFINED: "B",
    Type.SSHORT: "h",
    Type.SLONG: "l",
    Type.SRATIONAL: "ll",
    Type.FLOAT: "f",
    Type.DOUBLE: "d",
    Type.IFD: "L",
    Type.UTF8: "B",
}
_BYTE_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}


class Field(NamedTuple):
    """A tag's value as it stands.

    Attributes:
        type: how to read it.
        raw: its bytes.
        byte_order: "<" or ">", as `struct` writes it.
    """

    type: Type
    raw: bytes
    byte_order: str

    def numbers(self) -> list[int | float | None]:
        """The values as numbers; None where there is none (a denominator of zero, an infinity)."""
        letters = _FORMATS[self.type]
        values = struct.iter_unpack(self.byte_order + letters, self.raw)
        if len(letters) == 1:
            return [value if math.isfinite(value) else None for (value,) in values]
        return [_quotient(numerator, denominator) for numerator, denominator in values]


def _quotient(numerator: int, denominator: int) -> int | float | None:
    if denominator == 0:
        return None
    whole, rest = divmod(numerator, denominator)
    return numerator / denominator if rest else whole


class Directories:
    """The directories of one block. What is read of them has a limit, however they overlap."""

    def __init__(self, block: bytes) -> None:
        """Take a block that begins with a TIFF header."""
        self._block = block
        self._byte_order = _BYTE_ORDERS.get(block[:4], "")
        self._remaining_bytes = _MAX_BYTES

    def first(self) -> int:
        """Where the first directory lies; 0 if this is no TIFF."""
        return self._long(4) if self._byte_order else 0

    def read(self, offset: int) -> tuple[dict[int, Field], int]:
        """The fields of a directory by their tags, and where the next directory lies (0: there is none).

        Entries and values that lie outside of the block, and types that nobody knows, are left out. Of a tag
        that comes twice the first counts.
        """
        fields: dict[int, Field] = {}
        if not 0 < offset <= len(self._block) - 2:
            return fields, 0
        (count,) = struct.unpack_from(f"{self._byte_order}H", self._block, offset)
        start = offset + 2
        readable = min(
            count, (len(self._block) - start) // _ENTRY_BYTES, self._remaining_bytes // _ENTRY_BYTES
        )
        self._remaining_bytes -= readable * _ENTRY_BYTES
        for at in range(start, start + readable * _ENTRY_BYTES, _ENTRY_BYTES):
            tag, field = self._entry(at)
            if field is not None:
                fields.setdefault(tag, field)
        return fields, self._long(start + count * _ENTRY_BYTES)

    def _entry(self, at: int) -> tuple[int, Field | None]:
        tag, code, count = struct.unpack_from(f"{self._byte_order}HHL", self._block, at)
        if code not in _FORMATS:
            return tag, None
        size = count * struct.calcsize("<" + _FORMATS[Type(code)])
        place = at + _VALUE_AT
        if size > _INLINE_BYTES:
            place = self._long(place)
            if size > self._remaining_bytes or place + size > len(self._block):
                return tag, None
            self._remaining_bytes -= size
        raw = self._block[place : place + size]
        return tag, Field(type=Type(code), raw=raw, byte_order=self._byte_order)

    def _long(self, at: int) -> int:
        if at + 4 > len(self._block):
            return 0
        (value,) = struct.unpack_from(f"{self._byte_order}L", self._block, at)
        return int(value)
