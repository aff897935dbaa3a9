"""Mutations along the structure of the five formats, and mutations of arbitrary bytes."""

import re
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from random import Random

from tools.fuzz import samples
from tools.fuzz.profile_mutations import SOUND, mutated_profile, with_profile

type MutateBytes = Callable[[bytes, int], bytes]
"""Returns other bytes, given bytes and the maximum length."""

_ODD_LENGTHS = (0, 1, 2, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF)
_MARKER = re.compile(rb"\xff[^\x00\x01\xff\xd0-\xd7]")  # no stuffed 00, no filling FF, no restart
_ALONE = {b"\xff\xd8", b"\xff\xd9"}  # markers of no segment
_PROFILES = 0.15  # share of all mutations
_HEADER_BYTES = 32  # sizes, depths, flags and counts stand at the beginning of a piece


class Mutator:
    """Mutates files. Equal files and seeds result in equal files.

    Args:
        donors: files from which pieces are inserted.
        mutate_bytes: changes arbitrary bytes.
    """

    def __init__(self, donors: Sequence[bytes], mutate_bytes: MutateBytes) -> None:
        self._donors = [pieces for data in donors if (pieces := split(data))]
        self._mutate_bytes = mutate_bytes

    def __call__(self, data: bytes, max_bytes: int, seed: int) -> bytes:
        random = Random(seed)  # noqa: S311 - for variety, not for secrets
        if random.random() < _PROFILES:
            room = max_bytes - len(data)
            profile = mutated_profile(random.choice(SOUND), room, random) if room > 0 else b""
            return repair(with_profile(data, profile))[:max_bytes]
        pieces = split(data)
        if not pieces or random.random() < 0.5:  # noqa: PLR2004
            data = self._mutate_bytes(data, max_bytes)
        else:
            for _ in range(random.choice((1, 1, 2, 4))):
                pieces = self._change(pieces, random)
            data = b"".join(pieces)[:max_bytes]
        # A wrong checksum stops a parser early, so most checksums are repaired and some stay wrong.
        return repair(data) if random.random() < 0.9 else data  # noqa: PLR2004

    def _change(self, pieces: samples.Pieces, random: Random) -> samples.Pieces:
        """Return the pieces with one of them changed, repeated, replaced or removed."""
        if not pieces:
            return pieces
        at = random.randrange(len(pieces))
        piece = pieces[at]
        match random.choice(("lose", "double", "repeat", "borrow", "extreme", "header", "header", "cut")):
            case "lose":
                instead = []
            case "double":
                instead = [piece] * random.choice((2, 3, 50))
            case "repeat":
                instead = [random.choice(pieces), piece]
            case "borrow":
                instead = [random.choice(random.choice(self._donors)), piece]
            case "extreme":
                instead = [_with_extreme_number(piece, random)]
            case "header":
                instead = [_with_other_byte(piece, random)]
            case _:
                instead = [piece[: random.randrange(len(piece) + 1)]]
        return [*pieces[:at], *instead, *pieces[at + 1 :]]


def split(data: bytes) -> samples.Pieces:
    """Return the pieces of a file (segments, chunks, boxes or blocks); none if the structure is damaged."""
    start = b"ftyp" if data[4:8] == b"ftyp" else data[:2]
    try:
        return list(_SPLITTERS[start](data)) if start in _SPLITTERS else []
    except IndexError:
        return []


def _split_jpeg(data: bytes) -> Iterator[bytes]:
    """Yield the segments, and the bytes between them: coded pixels or stray bytes."""
    at = 0
    while marker := _MARKER.search(data, at):
        start = marker.start()
        yield data[at:start]
        at = start + 2
        if marker[0] not in _ALONE:
            at += int.from_bytes(data[at : at + 2])
        yield data[start:at]
    yield data[at:]


_SPLITTERS: Mapping[bytes, Callable[[bytes], Iterable[bytes]]] = {
    b"\xff\xd8": _split_jpeg,
    b"\x89P": samples.split_png,
    b"GI": samples.split_gif,
    b"RI": lambda data: [data[:12], *samples.split_riff(data[12:])],
    b"BM": lambda data: [data[:14], data[14:54], data[54:]],
    b"ftyp": samples.split_boxes,
}


def repair(data: bytes) -> bytes:
    """Return the file with valid checksums (PNG) or a valid length (RIFF)."""
    if data.startswith(b"\x89PNG"):
        signature, *chunks = samples.split_png(data)
        return signature + b"".join(
            chunk[:-4] + struct.pack(">L", zlib.crc32(chunk[4:-4])) if len(chunk) > 11 else chunk  # noqa: PLR2004 - as long as an empty chunk
            for chunk in chunks
        )
    if data.startswith(b"RIFF"):
        return data[:4] + struct.pack("<L", len(data) - 8 & 0xFFFF_FFFF) + data[8:]
    return data


def _with_extreme_number(piece: bytes, random: Random) -> bytes:
    """Return the piece with an extreme number at a place of a length, a size or a count."""
    form = random.choice(("<H", ">H", "<L", ">L"))
    size = struct.calcsize(form)
    at = random.randrange(min(len(piece), _HEADER_BYTES) + 1)
    odd = random.choice(_ODD_LENGTHS) & (1 << 8 * size) - 1
    return piece[:at] + struct.pack(form, odd) + piece[at + size :]


def _with_other_byte(piece: bytes, random: Random) -> bytes:
    at = random.randrange(min(len(piece), _HEADER_BYTES) + 1)
    return piece[:at] + bytes([random.randrange(256)]) + piece[at + 1 :]
