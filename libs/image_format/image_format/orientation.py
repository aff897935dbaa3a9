"""EXIF orientation."""

import struct

UPRIGHT = 1

_EXIF_PREFIX = b"Exif\0\0"
_BYTE_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
_ENTRY_BYTES = 12
_ORIENTATION = 0x0112  # EXIF 2.32, 4.6.4
# The types of whole numbers (TIFF 6.0, section 2): SHORT, LONG, and IFD of Technical Note 1.
_LETTERS = {3: "H", 4: "L", 13: "L"}
_INLINE_BYTES = 4


def read_orientation(block: bytes) -> int:
    """Return the EXIF orientation, 1 to 8; 1, upright, if the block has none that is valid.

    XMP is ignored, as in browsers. Of a repeated tag the first counts. No other tag is read: thousands of
    tags of a small block may have values that overlap, and take any amount of memory when all are read.

    Args:
        block: the EXIF data, with or without its prefix (`Exif`), which some writers put there twice.
    """
    block = block.removeprefix(_EXIF_PREFIX).removeprefix(_EXIF_PREFIX)
    order = _BYTE_ORDERS.get(block[:4])
    if order is None:
        return UPRIGHT
    try:
        number = _first_number(block, order)
    except struct.error:  # the block is truncated
        return UPRIGHT
    return number if UPRIGHT <= number <= 8 else UPRIGHT  # noqa: PLR2004 - the last of the eight


def _first_number(block: bytes, order: str) -> int:
    (directory,) = struct.unpack_from(f"{order}L", block, 4)
    (count,) = struct.unpack_from(f"{order}H", block, directory)
    for at in range(directory + 2, directory + 2 + count * _ENTRY_BYTES, _ENTRY_BYTES):
        tag, kind, numbers = struct.unpack_from(f"{order}HHL", block, at)
        if tag == _ORIENTATION and kind in _LETTERS and numbers:
            letter = _LETTERS[kind]
            place = at + 8
            if numbers * struct.calcsize(f"={letter}") > _INLINE_BYTES:
                (place,) = struct.unpack_from(f"{order}L", block, place)
            (number,) = struct.unpack_from(f"{order}{letter}", block, place)
            return int(number)
    return UPRIGHT
