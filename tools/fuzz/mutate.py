"""Mutations that know how the five formats are made, beside those that change any bytes."""

import re
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from random import Random

from tools.fuzz import samples
from tools.fuzz.profile_mutations import SOUND, mutated_profile, with_profile

type MutateBytes = Callable[[bytes, int], bytes]
"""Of bytes and the most that may come out, other bytes."""

_ODD_LENGTHS = (0, 1, 2, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF)
_MARKER = re.compile(rb"\xff[^\x00\x01\xff\xd0-\xd7]")  # no stuffed 00, no filling FF, no restart
_ALONE = {b"\xff\xd8", b"\xff\xd9"}  # markers of no segment
_PROFILES = 0.15  # of all mutations
_HEADER_BYTES = 32  # sizes, depths, flags and counts stand at the beginning of a piece


class Mutator:
    """Makes of one file another, the same one for the same seed.

    Args:
        strangers: files of which pieces are borrowed.
        mutate_bytes: what changes bytes without knowing what they are.
    """

    def __init__(self, strangers: Sequence[bytes], mutate_bytes: MutateBytes) -> None:
        self._strangers = [pieces for data in strangers if (pieces := split(data))]
        self._mutate_bytes = mutate_bytes

    def __call__(self, data: bytes, longest: int, seed: int) -> bytes:
        random = Random(seed)  # noqa: S311 - it is for variety, not for secrets
        if random.random() < _PROFILES:
            room = longest - len(data)
            profile = mutated_profile(random.choice(SOUND), room, random) if room > 0 else b""
            return repair(with_profile(data, profile))[:longest]
        pieces = split(data)
        if not pieces or random.random() < 0.5:  # noqa: PLR2004
            data = self._mutate_bytes(data, longest)
        else:
            for _ in range(random.choice((1, 1, 2, 4))):
                pieces = self._change(pieces, random)
            data = b"".join(pieces)[:longest]
        # A wrong check sum hides what lies behind it. Some stay wrong.
        return repair(data) if random.random() < 0.9 else data  # noqa: PLR2004

    def _change(self, pieces: samples.Pieces, random: Random) -> samples.Pieces:
        """The pieces with another one, several or none in the place of one."""
        if not pieces:
            return pieces
        at = random.randrange(len(pieces))
        piece = pieces[at]
        match random.choice(("lose", "double", "repeat", "borrow", "lie", "header", "header", "cut")):
            case "lose":
                instead = []
            case "double":
                instead = [piece] * random.choice((2, 3, 50))
            case "repeat":
                instead = [random.choice(pieces), piece]
            case "borrow":
                instead = [random.choice(random.choice(self._strangers)), piece]
            case "lie":
                instead = [_with_lie(piece, random)]
            case "header":
                instead = [_with_other_byte(piece, random)]
            case _:
                instead = [piece[: random.randrange(len(piece) + 1)]]
        return [*pieces[:at], *instead, *pieces[at + 1 :]]


def split(data: bytes) -> samples.Pieces:
    """The pieces of which a file is made, or none if it is no longer made of pieces."""
    try:
        match data[:2]:
            case b"\xff\xd8":
                return list(_split_jpeg(data))
            case b"\x89P":
                return samples.split_png(data)
            case b"GI":
                return samples.split_gif(data)
            case b"RI":
                return [data[:12], *samples.split_riff(data[12:])]
            case b"BM":
                return [data[:14], data[14:54], data[54:]]
    except IndexError:
        pass
    return []


def _split_jpeg(data: bytes) -> Iterator[bytes]:
    """The segments, and what stands between them: coded pixels, or what does not belong there."""
    at = 0
    while marker := _MARKER.search(data, at):
        start = marker.start()
        yield data[at:start]
        at = start + 2
        if marker[0] not in _ALONE:
            at += int.from_bytes(data[at : at + 2])
        yield data[start:at]
    yield data[at:]


def repair(data: bytes) -> bytes:
    """The file with the check sums (PNG) or the length (RIFF) that it ought to have."""
    if data.startswith(b"\x89PNG"):
        signature, *chunks = samples.split_png(data)
        return signature + b"".join(
            chunk[:-4] + struct.pack(">L", zlib.crc32(chunk[4:-4])) if len(chunk) > 11 else chunk  # noqa: PLR2004 - as long as an empty chunk
            for chunk in chunks
        )
    if data.startswith(b"RIFF"):
        return data[:4] + struct.pack("<L", len(data) - 8 & 0xFFFF_FFFF) + data[8:]
    return data


def _with_lie(piece: bytes, random: Random) -> bytes:
    """With an odd number where a length, a size or a count may stand."""
    form = random.choice(("<H", ">H", "<L", ">L"))
    size = struct.calcsize(form)
    at = random.randrange(min(len(piece), _HEADER_BYTES) + 1)
    odd = random.choice(_ODD_LENGTHS) & (1 << 8 * size) - 1
    return piece[:at] + struct.pack(form, odd) + piece[at + size :]


def _with_other_byte(piece: bytes, random: Random) -> bytes:
    at = random.randrange(min(len(piece), _HEADER_BYTES) + 1)
    return piece[:at] + bytes([random.randrange(256)]) + piece[at + 1 :]
