"""The chunks of a PNG that say how its colours are meant and how large it is.

Sections are those of the Portable Network Graphics Specification (Third Edition) of the W3C.
"""

import zlib

from image_format import NotAnImage
from image_format.icc import trim_profile
from image_format.pieces import Piece

from image_metadata.png_chunks import Chunk, chunk, damaged, inflated

# 11.3.2 and 11.3.4: chunks of one length for every picture.
_LENGTHS = {b"cHRM": 32, b"gAMA": 4, b"sRGB": 1, b"cICP": 4, b"mDCV": 24, b"cLLI": 8, b"pHYs": 9}
# Those whose length follows from the colour type (11.2).
_LENGTHS_BY_COLOUR_TYPE = {
    b"sBIT": {0: 1, 2: 3, 3: 3, 4: 2, 6: 4},
    b"bKGD": {0: 2, 2: 6, 3: 1, 4: 2, 6: 6},
}
_TRANSPARENT_COLOUR_BYTES = {0: 2, 2: 6}
_INDEXED = 3
_PALETTE_ENTRY_BYTES = 3
_LONGEST_PALETTE = 256
_HEADER_BYTES = 13
_COLOUR_TYPE_AT = 9

# Profiles of printers have a few megabytes; 16 is also what a JPEG can carry.
_MAX_PROFILE_BYTES = 16 * 1024 * 1024
# Pillow, for one, refuses an image with a larger profile. The image can be converted instead.
_MAX_KEPT_PROFILE_BYTES = 1024 * 1024
_PROFILE_NAME = b"icc"


class ColourChunks:
    """What of the chunks before the pixels stays: each once and whole. A new one for each picture."""

    def __init__(self, header: Chunk) -> None:
        """Begin with IHDR.

        Raises:
            NotAnImage: it has not the length of one.
        """
        if len(header.body) != _HEADER_BYTES:
            raise damaged()
        self._colour_type = header.body[_COLOUR_TYPE_AT]
        self._palette_entries = 0
        self._seen: set[bytes] = set()

    def kept(self, part: Chunk) -> list[Piece]:
        """The chunk, or nothing where decoders ignore it or it is none of colour or size.

        Raises:
            NotAnImage: a palette that does not fit or is damaged, or a profile of more than 1 MB.
        """
        if part.name in self._seen:  # 5.6: none of them may come twice
            return []
        pieces = self._pieces(part)
        # 11.3.2.3: at most one profile. Behind a broken one decoders disagree, and each takes 16 MB to try.
        if pieces or part.name == b"iCCP":
            self._seen.add(part.name)
        return pieces

    def _pieces(self, part: Chunk) -> list[Piece]:
        match part.name:
            case b"PLTE":
                self._read_palette(part)
                if self._colour_type != _INDEXED:
                    # 11.2.2: a suggestion for displays of few colours, that may hold anything.
                    return []
                return [part.checked()]
            case b"tRNS":
                return [part.whole] if part.sound and self._is_transparency(part) else []
            case b"iCCP":
                profile = _profile(part) if part.sound else None
                return (
                    [chunk(b"iCCP", _PROFILE_NAME + b"\0\0" + zlib.compress(profile, 9))] if profile else []
                )
            case name if self._length(name) != len(part.body):
                return []
        return [part.whole] if part.sound else []

    def _length(self, name: bytes) -> int | None:
        return _LENGTHS.get(name) or _LENGTHS_BY_COLOUR_TYPE.get(name, {}).get(self._colour_type)

    def _read_palette(self, part: Chunk) -> None:
        self._palette_entries, odd = divmod(len(part.body), _PALETTE_ENTRY_BYTES)
        if odd or not 1 <= self._palette_entries <= _LONGEST_PALETTE:
            raise damaged()

    def _is_transparency(self, part: Chunk) -> bool:
        """Whether the length fits the palette or the colour type (11.3.1). Libpng ignores any other chunk."""
        if self._colour_type == _INDEXED:
            return 1 <= len(part.body) <= self._palette_entries
        return len(part.body) == _TRANSPARENT_COLOUR_BYTES.get(self._colour_type)


def _profile(part: Chunk) -> bytes | None:
    """The ICC profile of an iCCP chunk (11.3.2). Its name, which is free text, is not kept.

    Raises:
        NotAnImage: many decoders refuse the image for the profile.
    """
    _, _, method_and_stream = bytes(part.body).partition(b"\0")
    if method_and_stream[:1] != b"\0":
        return None
    profile = trim_profile(inflated(method_and_stream[1:], _MAX_PROFILE_BYTES))
    if profile and len(profile) > _MAX_KEPT_PROFILE_BYTES:
        raise NotAnImage("The PNG picture has a profile of more than 1 MB.")
    return profile
