"""Builders of EXIF blocks, independent of the code under test."""

import struct
from collections.abc import Sequence

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED = 1, 2, 3, 4, 5, 7
EXIF, GPS, INTEROP = 0x8769, 0x8825, 0xA005
HEADER_BYTES = 8

type Entry = tuple[int, int, int, bytes]
"""Tag, type, number of values, and bytes of the values."""


def text(tag: int, value: bytes) -> Entry:
    return tag, ASCII, len(value) + 1, value + b"\0"


def long(tag: int, value: int, byte_order: str = "<") -> Entry:
    return tag, LONG, 1, struct.pack(f"{byte_order}L", value)


def orientation(value: int, byte_order: str = "<") -> Entry:
    return 0x0112, SHORT, 1, struct.pack(f"{byte_order}H", value)


def directory(entries: Sequence[Entry], at: int, next_at: int = 0, byte_order: str = "<") -> bytes:
    """Return a directory that begins at this offset, followed by its values."""
    values_at = at + 2 + 12 * len(entries) + 4
    table, values = b"", b""
    for tag, code, count, raw in entries:
        place = (
            raw.ljust(4, b"\0") if len(raw) <= 4 else struct.pack(f"{byte_order}L", values_at + len(values))
        )
        values += raw if len(raw) > 4 else b""
        table += struct.pack(f"{byte_order}HHL", tag, code, count) + place
    return (
        struct.pack(f"{byte_order}H", len(entries)) + table + struct.pack(f"{byte_order}L", next_at) + values
    )


def block(  # noqa: PLR0913 - the sections of EXIF, by their names
    zeroth: Sequence[Entry] = (),
    *,
    exif: Sequence[Entry] = (),
    gps: Sequence[Entry] = (),
    interop: Sequence[Entry] = (),
    first: Sequence[Entry] = (),
    thumbnail: bytes = b"",
    byte_order: str = "<",
) -> bytes:
    """Return a block with these sections. The first directory comes last in the bytes, as TIFF allows."""
    body = thumbnail

    def add(entries: Sequence[Entry], next_at: int = 0) -> int:
        nonlocal body
        at = HEADER_BYTES + len(body)
        body += directory(entries, at, next_at, byte_order)
        return at

    if thumbnail:
        first = [*first, long(0x0201, HEADER_BYTES, byte_order), long(0x0202, len(thumbnail), byte_order)]
    if interop:
        exif = [*exif, long(INTEROP, add(interop), byte_order)]
    if gps:
        zeroth = [*zeroth, long(GPS, add(gps), byte_order)]
    if exif:
        zeroth = [*zeroth, long(EXIF, add(exif), byte_order)]
    zeroth_at = add(zeroth, add(first) if first else 0)
    return (b"II*\0" if byte_order == "<" else b"MM\0*") + struct.pack(f"{byte_order}L", zeroth_at) + body
