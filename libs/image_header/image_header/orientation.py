"""How a picture lies, by the note of the camera in its EXIF data."""

import struct

UPRIGHT = 1

_ID_CODE = b"Exif\0\0"
_BYTE_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
_ENTRY_BYTES = 12
_ORIENTATION = 0x0112  # EXIF 2.32, 4.6.4
# The types of whole numbers (TIFF 6.0, section 2): SHORT, LONG, and IFD of Technical Note 1.
_LETTERS = {3: "H", 4: "L", 13: "L"}
_INLINE_BYTES = 4


def orientation_of(block: bytes) -> int:
    """1 to 8 as EXIF numbers them; 1, upright, where nothing sensible is said.

    As browsers do, XMP is not asked. Of a tag that comes twice the first counts. Only this tag is read: a
    small block may hold thousands of tags whose values overlap, and grow to any size when all are read.

    Args:
        block: the EXIF data, with or without its code (`Exif`) before it, which some writers put there twice.
    """
    block = block.removeprefix(_ID_CODE).removeprefix(_ID_CODE)
    order = _BYTE_ORDERS.get(block[:4])
    if order is None:
        return UPRIGHT
    try:
        said = _first_number(block, order)
    except struct.error:  # the block ends before
        return UPRIGHT
    return said if UPRIGHT <= said <= 8 else UPRIGHT  # noqa: PLR2004 - the last of the eight


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
