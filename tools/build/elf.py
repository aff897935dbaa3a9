"""Removal of debugging data from shared libraries."""

import struct

_START = b"\x7fELF\2\1"  # 64 bits, little-endian
_HEADER_BYTES = 64
_PROGRAM_HEADERS_AT = struct.Struct("<32xQ")
_PROGRAM_HEADERS = struct.Struct("<54x2H")  # size and number
_SEGMENT = struct.Struct("<8xQ16xQ")  # offset and size in the file
_SECTION_HEADERS_AT, _SECTION_HEADERS = slice(40, 48), slice(60, 64)


def remove_debug_data(content: bytes) -> bytes:
    """Return a file in which zeros replace all that the dynamic linker does not read.

    The linker reads the ELF header, the program headers and the segments in them (System V ABI, chapter 5).
    Debugging data and symbol tables of the static linker are in sections of no segment: 78 % of Pillow's
    largest extension, and 11 % of the zip of edge_resize. No byte moves, because auditwheel puts segments
    behind those sections; zeros are compressed to nothing.

    Args:
        content: any file. Files other than ELF files for 64 bits, little-endian, are returned unchanged.
    """
    if not content.startswith(_START):
        return content
    (headers_at,) = _PROGRAM_HEADERS_AT.unpack_from(content)
    size, number = _PROGRAM_HEADERS.unpack_from(content)
    kept = [(0, _HEADER_BYTES), (headers_at, size * number)]
    kept += [_SEGMENT.unpack_from(content, headers_at + size * index) for index in range(number)]
    stripped = bytearray(len(content))
    for at, length in kept:
        stripped[at : at + length] = content[at : at + length]
    # The section headers are zeros now, so the file must not refer to them.
    stripped[_SECTION_HEADERS_AT], stripped[_SECTION_HEADERS] = bytes(8), bytes(4)
    return bytes(stripped)
