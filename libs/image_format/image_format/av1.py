"""The units of an AV1 bitstream, which is not decoded.

Sections are those of the AV1 specification of the Alliance for Open Media (2019-01-08).
"""

from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

from image_format.boxes import Reader
from image_format.errors import NotAnImage
from image_format.pieces import bounded

_MAX_UNITS = 10_000
_MAX_LENGTH_BYTES = 8  # 4.10.5
_MIN_TIER_LEVEL = 8
_MAX_HEADER_BYTES = 512  # a header with 32 operating points, the most, and all fields is shorter


class Kind(IntEnum):
    """Type of a unit (6.2.2)."""

    SEQUENCE_HEADER = 1
    TEMPORAL_DELIMITER = 2
    FRAME_HEADER = 3
    TILE_GROUP = 4
    METADATA = 5
    FRAME = 6
    REDUNDANT_FRAME_HEADER = 7
    PADDING = 15


class Unit(NamedTuple):
    """An open bitstream unit, OBU (5.3).

    Attributes:
        kind: a `Kind`, or another number.
        start: offset in the bitstream.
        header: the header, with the length of the content if the header states it.
        body: the content.
    """

    kind: int
    start: int
    header: memoryview
    body: memoryview


def units(stream: memoryview) -> Iterator[Unit]:
    """Yield the units of an image or a frame.

    Raises:
        NotAnImage: a unit is truncated, or the stream has more units than any encoder writes.
    """
    return bounded(_units(stream), _MAX_UNITS)


def sequence_size(body: memoryview) -> tuple[int, int]:
    """Return the maximum width and height of frames in pixels, from a sequence header (5.5.1).

    Raises:
        NotAnImage: the header is truncated.
    """
    bits = _Bits(body)
    bits.read(4)  # profile, still picture
    if bits.read(1):  # reduced header
        bits.read(5)
    else:
        _skip_operating_points(bits)
    width_bits, height_bits = bits.read(4) + 1, bits.read(4) + 1
    return bits.read(width_bits) + 1, bits.read(height_bits) + 1


def _skip_operating_points(bits: "_Bits") -> None:
    delay_bits = 0
    if bits.read(1):  # timing info (5.5.3)
        bits.read(64)
        if bits.read(1):
            bits.skip_exponential()
        if bits.read(1):  # decoder model info (5.5.4)
            delay_bits = bits.read(5) + 1
            bits.read(42)
    has_display_delay = bits.read(1)
    for _ in range(bits.read(5) + 1):
        bits.read(12)
        if bits.read(5) >= _MIN_TIER_LEVEL:
            bits.read(1)
        if delay_bits and bits.read(1):  # 5.5.5
            bits.read(2 * delay_bits + 1)
        if has_display_delay and bits.read(1):
            bits.read(4)


class _Bits:
    """Reads numbers of any length in bits, the most significant bit first."""

    def __init__(self, body: memoryview) -> None:
        self._number = int.from_bytes(body[:_MAX_HEADER_BYTES])
        self._left = 8 * min(len(body), _MAX_HEADER_BYTES)

    def read(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise NotAnImage
        return self._number >> self._left & (1 << count) - 1

    def skip_exponential(self) -> None:
        """Skip a number of variable length (4.10.3)."""
        zeros = 0
        while not self.read(1):
            zeros += 1
        if zeros < 32:  # noqa: PLR2004 - after more zeros no bits of a value follow
            self.read(zeros)


def _units(stream: memoryview) -> Iterator[Unit]:
    reader = Reader(stream)
    while reader.remaining:
        start = reader.at
        flags = reader.number(1)
        reader.take(flags >> 2 & 1)  # extension (5.3.3)
        length = _read_length(reader) if flags & 2 else reader.remaining
        header = stream[start : reader.at]
        yield Unit(kind=flags >> 3 & 0x0F, start=start, header=header, body=reader.take(length))


def _read_length(reader: Reader) -> int:
    """Return a number that is stored in seven bits per byte, the lowest ones first (4.10.5)."""
    length = 0
    for place in range(_MAX_LENGTH_BYTES):
        byte = reader.number(1)
        length |= (byte & 0x7F) << 7 * place
        if byte < 0x80:  # noqa: PLR2004 - the highest bit announces another byte
            return length
    raise NotAnImage
