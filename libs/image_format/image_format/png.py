"""The chunks of a PNG.

Sections are those of the Portable Network Graphics Specification (Third Edition) of the W3C.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from image_format.errors import NotAnImage
from image_format.formats import Format
from image_format.pieces import bounded

(_SIGNATURE,) = Format.PNG.signatures
SIGNATURE = _SIGNATURE[0]

ANIMATION = frozenset({b"acTL", b"fcTL", b"fdAT"})
FRAME_CONTROL_BYTES, SEQUENCE_BYTES = 26, 4
_HEADER_BYTES = 13
_INDEXED, _HAS_COLOUR = 3, 2
_ANCILLARY = 0x20  # 5.4: the first letter of the name is in lower case
_TRANSPARENCY_BYTES = {0: 2, 2: 6}  # 11.3.1.1, by colour type
_CHUNK_HEADER_BYTES, _CHECKSUM_BYTES = 8, 4


class Chunk(NamedTuple):
    """A chunk.

    Attributes:
        name: type of the chunk, four letters.
        body: the data, as far as the file goes.
        whole: all bytes of the chunk that the file has, with length and checksum.
        complete: False if the file ends within the chunk.
    """

    name: bytes
    body: memoryview
    whole: memoryview
    complete: bool

    @property
    def ancillary(self) -> bool:
        """True if a decoder may skip a chunk of an unknown type."""
        return bool(self.name[0] & _ANCILLARY)

    @property
    def intact(self) -> bool:
        """True if the chunk is complete and matches its checksum (5.5)."""
        checksum = int.from_bytes(self.whole[-_CHECKSUM_BYTES:])
        return self.complete and zlib.crc32(self.whole[4:-_CHECKSUM_BYTES]) == checksum


class Header(NamedTuple):
    """The image header, IHDR (11.2.1).

    Attributes:
        width: in pixels.
        height: in pixels.
        rest: bit depth, colour type, and the methods of compression, filters and interlacing: a byte each.
    """

    width: int
    height: int
    rest: bytes

    @property
    def colour_type(self) -> int:
        """0: grey, 2: RGB, 3: indices of a palette, 4: grey with alpha, 6: RGB with alpha."""
        return self.rest[1]

    @property
    def has_palette(self) -> bool:
        """True if the pixels are indices of a palette."""
        return self.colour_type == _INDEXED

    @property
    def has_colour(self) -> bool:
        """False for shades of grey."""
        return bool(self.colour_type & _HAS_COLOUR)

    def fits_transparency(self, body: memoryview, palette_entries: int) -> bool:
        """Return True if the length of a tRNS chunk is valid (11.3.1). libpng ignores a chunk that is not."""
        if self.has_palette:
            return 1 <= len(body) <= palette_entries
        return len(body) == _TRANSPARENCY_BYTES.get(self.colour_type)


def chunks(data: bytes) -> Iterator[Chunk]:
    """Yield the chunks up to and including IEND, or up to the end of the file.

    Raises:
        NotAnImage: the file has more chunks than any encoder writes.
    """
    return bounded(_chunks(data))


def chunk(name: bytes, body: bytes) -> bytes:
    """Return a chunk with its length and checksum (5.3)."""
    return len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(_CHECKSUM_BYTES)


def read_header(body: memoryview) -> Header:
    """Return the content of an IHDR chunk.

    Raises:
        NotAnImage: the length is wrong.
    """
    if len(body) != _HEADER_BYTES:
        raise NotAnImage
    width, height = struct.unpack_from(">II", body)
    return Header(width=width, height=height, rest=bytes(body[8:]))


def header_of(data: bytes) -> Header:
    """Return the header of a file.

    Raises:
        NotAnImage: the file has no header.
    """
    body = next((each.body for each in chunks(data) if each.name == b"IHDR"), None)
    if body is None:
        raise NotAnImage
    return read_header(body)


def dimensions(data: bytes) -> tuple[int, int]:
    """Return width and height in pixels.

    Raises:
        NotAnImage: the file has no header.
    """
    header = header_of(data)
    return header.width, header.height


def in_sequence(found: Iterable[Chunk]) -> Iterator[Chunk]:
    """Yield the same chunks, and verify the sequence numbers in the chunks of frames (11.3.6).

    Raises:
        NotAnImage: a number is missing or out of order, or a frame control has a wrong length.
    """
    number = 0
    for each in found:
        if each.name in {b"fcTL", b"fdAT"}:
            fits = each.name == b"fdAT" or len(each.body) == FRAME_CONTROL_BYTES
            if not fits or each.body[:SEQUENCE_BYTES] != number.to_bytes(SEQUENCE_BYTES):
                raise NotAnImage
            number += 1
        yield each


def profile_stream(body: bytes) -> bytes:
    """Return the zlib stream of an iCCP chunk (11.3.2.3), which follows a name and a byte for the method.

    Empty if the method is not 0, the only one that is defined.
    """
    _, _, method_and_stream = body.partition(b"\0")
    return method_and_stream[1:] if method_and_stream[:1] == b"\0" else b""


def _chunks(data: bytes) -> Iterator[Chunk]:
    view = memoryview(data)
    at = len(SIGNATURE)
    while at + _CHUNK_HEADER_BYTES <= len(data):
        name = data[at + 4 : at + _CHUNK_HEADER_BYTES]
        body_at = at + _CHUNK_HEADER_BYTES
        body_end = body_at + int.from_bytes(data[at : at + 4])
        end = body_end + _CHECKSUM_BYTES
        yield Chunk(name=name, body=view[body_at:body_end], whole=view[at:end], complete=end <= len(data))
        if name == b"IEND":
            return
        at = end
