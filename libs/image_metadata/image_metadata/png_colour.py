"""The chunks of a PNG for colour and size.

Sections are those of the Portable Network Graphics Specification (Third Edition) of the W3C.
"""

import struct
import zlib

from image_format import NotAnImage
from image_format.icc import MAX_PROFILE_BYTES, trim_profile
from image_format.pieces import Piece
from image_format.png import Chunk, chunk, profile_stream, read_header

# 11.3.2 and 11.3.4: chunks of one length for every image.
_LENGTHS = {b"cHRM": 32, b"gAMA": 4, b"sRGB": 1, b"cICP": 4, b"mDCV": 24, b"cLLI": 8, b"pHYs": 9}
# Chunks with a length for each colour type.
_LENGTHS_BY_COLOUR_TYPE = {
    b"sBIT": {0: 1, 2: 3, 3: 3, 4: 2, 6: 4},
    b"bKGD": {0: 2, 2: 6, 3: 1, 4: 2, 6: 6},
}
_PALETTE_ENTRY_BYTES, _MAX_PALETTE_ENTRIES = 3, 256

# 11.3.2.1: the unit of a chromaticity. None is larger than 1 (CIE 1931), and decoders ignore a cHRM with such
# a number, in which 32 bytes of text could be hidden.
_CHROMATICITY_UNIT = 100_000

# Some decoders, such as Pillow, refuse an image with a larger profile. The image can be converted instead.
_MAX_KEPT_PROFILE_BYTES = 1024 * 1024
_PROFILE_NAME = b"icc"


class ColourChunks:
    """Selects the chunks to keep among those before the pixels of one PNG."""

    def __init__(self, header: Chunk) -> None:
        """Begin with the header chunk (IHDR).

        Raises:
            NotAnImage: the chunk has a wrong length.
        """
        self._header = read_header(header.body)
        self._palette_entries = 0
        self._seen: set[bytes] = set()

    def select(self, part: Chunk) -> list[Piece]:
        """Return the chunk, or nothing for a chunk that decoders ignore or that is not for colour or size.

        Raises:
            NotAnImage: a palette does not fit or is damaged, or a profile has more than 1 MB.
        """
        if part.name in self._seen:  # 5.6: each at most once
            return []
        pieces = self._select(part)
        # 11.3.2.3: at most one profile. Decoders disagree on one that follows a broken profile, and reading
        # each could take 16 MB.
        if pieces or part.name == b"iCCP":
            self._seen.add(part.name)
        return pieces

    def _select(self, part: Chunk) -> list[Piece]:
        match part.name:
            case b"PLTE":
                self._read_palette(part)
                # 11.2.2: if pixels are not indices, a palette is a suggestion for displays with few colours.
                return [require_intact(part)] if self._header.has_palette else []
            case b"tRNS":
                fits = self._header.fits_transparency(part.body, self._palette_entries)
                return [part.whole] if part.intact and fits else []
            case b"iCCP":
                profile = _read_profile(part) if part.intact else None
                return (
                    [chunk(b"iCCP", _PROFILE_NAME + b"\0\0" + zlib.compress(profile, 9))] if profile else []
                )
            case name if self._length(name) != len(part.body):
                return []
            case b"cHRM" if max(struct.unpack(">8I", part.body)) > _CHROMATICITY_UNIT:
                return []
        return [part.whole] if part.intact else []

    def _length(self, name: bytes) -> int | None:
        by_colour_type = _LENGTHS_BY_COLOUR_TYPE.get(name, {})
        return _LENGTHS.get(name) or by_colour_type.get(self._header.colour_type)

    def _read_palette(self, part: Chunk) -> None:
        self._palette_entries, odd = divmod(len(part.body), _PALETTE_ENTRY_BYTES)
        if odd or not 1 <= self._palette_entries <= _MAX_PALETTE_ENTRIES:
            raise NotAnImage


def require_intact(part: Chunk) -> memoryview:
    """Return the whole chunk.

    Raises:
        NotAnImage: the chunk does not match its checksum (5.5).
    """
    if not part.intact:
        raise NotAnImage
    return part.whole


def inflate(stream: bytes, max_bytes: int) -> bytes:
    """Return the content of a zlib stream (10.3); nothing if it is broken or longer than `max_bytes`."""
    decompressor = zlib.decompressobj()
    try:
        content = decompressor.decompress(stream, max_bytes)
    except zlib.error:
        return b""
    return content if decompressor.eof else b""


def _read_profile(part: Chunk) -> bytes | None:
    """Return the ICC profile of an iCCP chunk (11.3.2.3). Its name, which is free text, is not kept.

    Raises:
        NotAnImage: many decoders refuse the image because of the profile.
    """
    profile = trim_profile(inflate(profile_stream(bytes(part.body)), MAX_PROFILE_BYTES))
    if profile and len(profile) > _MAX_KEPT_PROFILE_BYTES:
        raise NotAnImage("The PNG image has a profile of more than 1 MB.")
    return profile
