"""A PNG cut into its chunks, by section 5 of the Portable Network Graphics Specification (Third Edition)."""

import zlib
from collections.abc import Iterator
from typing import NamedTuple

from image_format import NotAnImage
from image_format.pieces import take

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_ANCILLARY = 0x20  # 5.4: the first letter is a small one


class Chunk(NamedTuple):
    """A chunk.

    Attributes:
        name: its type, four letters.
        body: its data.
        whole: all of it as it stands, length and checksum included.
    """

    name: bytes
    body: memoryview
    whole: memoryview

    @property
    def ancillary(self) -> bool:
        """Whether a decoder that does not know the chunk may pass over it."""
        return bool(self.name[0] & _ANCILLARY)

    @property
    def sound(self) -> bool:
        """Whether the chunk matches its checksum (5.5)."""
        return zlib.crc32(self.whole[4:-4]) == int.from_bytes(self.whole[-4:])

    def checked(self) -> memoryview:
        """The whole chunk, held against its checksum (5.5).

        Raises:
            NotAnImage: they do not match.
        """
        if not self.sound:
            raise damaged()
        return self.whole


def damaged() -> NotAnImage:
    """What to raise where a rule is broken."""
    return NotAnImage("The PNG picture is damaged.")


def chunks(data: bytes) -> Iterator[Chunk]:
    """Every chunk up to and including IEND. What lies behind is not read.

    Raises:
        NotAnImage: the file ends before.
    """
    view = memoryview(data)
    at = len(SIGNATURE)
    while True:
        length = int.from_bytes(take(view, at, 4))
        whole = take(view, at, length + 12)  # 5.3: length, type, data, checksum
        name = bytes(whole[4:8])
        yield Chunk(name=name, body=whole[8:-4], whole=whole)
        if name == b"IEND":
            return
        at += len(whole)


def chunk(name: bytes, body: bytes) -> bytes:
    """The bytes of a chunk."""
    return len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4)


def inflated(stream: bytes, max_bytes: int) -> bytes:
    """What a compressed stream holds (10.3), or nothing where it is broken or holds more than `max_bytes`."""
    inflate = zlib.decompressobj()
    try:
        content = inflate.decompress(stream, max_bytes)
    except zlib.error:
        return b""
    return content if inflate.eof else b""
