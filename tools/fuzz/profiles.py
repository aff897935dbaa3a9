"""Builders of ICC profiles, valid ones and crafted ones that cost much (ICC.1:2022)."""

import itertools
import math
import struct
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

_BIG = 0xFFFF_FFFF


class Tag(NamedTuple):
    """A tag of a profile.

    Attributes:
        name: signature of four bytes.
        content: bytes of the tag.
        place: offset and length to declare instead of those of the content.
    """

    name: bytes
    content: bytes
    place: tuple[int, int] | None = None


def profile(space: bytes, *tags: Tag, kind: bytes = b"mntr", connection: bytes = b"XYZ ") -> bytes:
    """Return a profile of version 4 with these tags. Equal contents are written once."""
    table, body, places = b"", b"", dict[bytes, tuple[int, int]]()
    start = 128 + 4 + 12 * len(tags)
    for tag in tags:
        if tag.place is None and tag.content not in places:
            places[tag.content] = (start + len(body), len(tag.content))
            body += tag.content + bytes(-len(tag.content) % 4)
        table += struct.pack(">4sII", tag.name, *(tag.place or places[tag.content]))
    header = struct.pack(">I4sI4s4s4s", start + len(body), bytes(4), 0x04400000, kind, space, connection)
    header += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28)
    header += struct.pack(">iii", 0xF6D6, 0x10000, 0xD32D)
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def xyz(*values: float) -> bytes:
    """Return an `XYZType` (10.31)."""
    return struct.pack(">4sI3i", b"XYZ ", 0, *(round(value * 65_536) for value in values))


def curve(*points: int, declared: int | None = None) -> bytes:
    """Return a `curveType` (10.6).

    Args:
        points: samples of 16 bits.
        declared: number of points to declare. None: the real number.
    """
    count = len(points) if declared is None else declared
    return struct.pack(">4sII", b"curv", 0, count) + struct.pack(f">{len(points)}H", *points)


def formula(kind: int, *numbers: int) -> bytes:
    """Return a `parametricCurveType` (10.18) with parameters in 65,536ths."""
    return struct.pack(f">4sIHH{len(numbers)}i", b"para", 0, kind, 0, *numbers)


def matrix(*curves: bytes) -> list[Tag]:
    """Return the tags of an RGB profile with the colorants of sRGB and these curves."""
    colorants = xyz(0.4360, 0.2225, 0.0139), xyz(0.3851, 0.7169, 0.0971), xyz(0.1431, 0.0606, 0.7141)
    names = [b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC"]
    return [Tag(name, content) for name, content in zip(names, [*colorants, *curves], strict=True)]


def table_of_16_bits(
    inputs: int, outputs: int, grid: int, entries: int = 2, length: int | None = None
) -> bytes:
    """Return a `lut16Type` (10.10) of zeros, cut to `length` bytes."""
    whole = 52 + 2 * (entries * (inputs + outputs) + grid**inputs * outputs)
    start = struct.pack(">4sI4B9i2H", b"mft2", 0, inputs, outputs, grid, 0, *_identity(), entries, entries)
    return start.ljust(min(whole, 4 << 20) if length is None else length, b"\0")


def table_of_8_bits(inputs: int, outputs: int, grid: int, length: int | None = None) -> bytes:
    """Return a `lut8Type` (10.11) of zeros, cut to `length` bytes."""
    whole = 48 + 256 * (inputs + outputs) + grid**inputs * outputs
    start = struct.pack(">4sI4B9i", b"mft1", 0, inputs, outputs, grid, 0, *_identity())
    return start.ljust(min(whole, 4 << 20) if length is None else length, b"\0")


def _identity() -> Sequence[int]:
    return (0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x10000)


def elements(inputs: int, grid: Sequence[int], sample_bytes: int, one_set: bytes) -> bytes:
    """Return a `lutAToBType` (10.12) to 3 channels, whose sets of curves share their bytes."""
    matrix_at = 32 + len(one_set)
    grid_at = matrix_at + 48 if grid else 0
    start = struct.pack(">4sI2BH", b"mAB ", 0, inputs, 3, 0)
    start += struct.pack(">5I", 32, matrix_at, 32, grid_at, 32 if grid else 0) + one_set + bytes(48)
    if grid:
        start += bytes(grid).ljust(16, b"\0") + bytes((sample_bytes, 0, 0, 0))
    return start.ljust(min(len(start) + math.prod(grid) * 3 * sample_bytes, 4 << 20), b"\0")


def one_place_many_times(inputs: int, count: int, element: bytes) -> bytes:
    """Return a `multiProcessElementsType` (10.16): a matrix to 3 channels, then `count` equal elements."""
    first = struct.pack(">4sIHH", b"matf", 0, inputs, 3) + struct.pack(">f", 0.9) * 3 * (inputs + 1)
    start = struct.pack(">4sIHHI", b"mpet", 0, inputs, 3, count + 1)
    at = len(start) + 8 * (count + 1)
    places = struct.pack(">II", at, len(first)) + struct.pack(">II", at + len(first), len(element)) * count
    return start + places + first + element


def curve_set(channels: int, samples: int) -> bytes:
    """Return a `curveSetElement` (10.16.2) whose curves share their samples."""
    body = struct.pack(">4sIHHII", b"curf", 0, 1, 0, *(0, 0))
    body = (
        body[:12] + struct.pack(">4sII", b"samf", 0, samples) + struct.pack(f">{samples}f", *[0.5] * samples)
    )
    start = struct.pack(">4sIHH", b"cvst", 0, channels, channels)
    place = struct.pack(">II", len(start) + 8 * channels, len(body))
    return start + place * channels + body


def grid_element(inputs: int, outputs: int, grid: int) -> bytes:
    """Return a `CLUTElement` (10.16.4) without nodes."""
    return struct.pack(">4sIHH", b"clut", 0, inputs, outputs) + bytes([grid] * 16)


type Make = Callable[[Random], bytes]

_SPACES = {1: b"GRAY", 3: b"RGB ", 4: b"CMYK"}


def _floats(random: Random) -> bytes:
    inputs = random.choice((1, 3, 4))
    element = random.choice(
        (
            curve_set(3, random.choice((1, 64, 2_000, 40_000))),
            grid_element(3, 3, random.choice((2, 33, 255))),
            struct.pack(">4sIHH12f", b"matf", 0, 3, 3, *[0.5] * 12),
            struct.pack(">4sIHH", b"bACS", 0, 3, 3) + bytes(8),
        )
    )
    many = one_place_many_times(inputs, random.choice((100, 5_000, 20_000)), element)
    names = random.choice(((b"D2B1",), (b"D2B0", b"D2B1"), (b"A2B0",), (b"A2B0", b"A2B1", b"B2A0")))
    return profile(_SPACES[inputs], *(Tag(name, many) for name in names), kind=b"prtr")


def _overlapping(random: Random) -> bytes:
    size = random.choice((100_000, 1_000_000, 15_000_000))
    content = table_of_16_bits(3, 3, 60, length=size)
    names = [b"A2B0", b"A2B1", b"rTRC", b"gTRC", b"bTRC", b"rXYZ", b"kTRC"]
    names += [bytes(name) for name in itertools.islice(itertools.product(b"abcd", repeat=4), 90)]
    tags = [Tag(name, b"", (1_500 + 4 * number, size - 400)) for number, name in enumerate(names)]
    return profile(b"RGB ", Tag(b"data", content), *tags)


def _long_tables(random: Random) -> bytes:
    inputs = random.choice((1, 3, 4))
    grid = random.choice((2, 9, 17, 33, 45, 100, 255))
    make = random.choice((table_of_16_bits, table_of_8_bits))
    content = make(inputs, 3, grid, length=random.choice((None, 100, 1_000_000)))
    back = make(3, inputs, random.choice((2, 33, 100)))
    return profile(
        _SPACES[inputs],
        Tag(b"A2B0", content),
        Tag(b"A2B1", content),
        Tag(b"B2A0", back),
        kind=b"prtr",
        connection=b"Lab ",
    )


def _elements(random: Random) -> bytes:
    inputs = random.choice((1, 3, 4))
    points = random.choice((0, 1, 2, 4_096, 32_767, 65_535))
    one = random.choice(
        (
            curve(*[random.randrange(65_536) for _ in range(points)]),
            formula(random.randrange(6), *[-(2**31)] * 7),
        )
    )
    grid = [random.choice((0, 1, 2, 17, 60, 255)) for _ in range(inputs)] if random.randrange(3) else []
    content = elements(inputs, grid, random.choice((0, 1, 2, 255)), one * max(inputs, 3))
    if not random.randrange(3):
        odd = [random.choice((0, 32, 20, len(content) - 1, _BIG)) for _ in range(5)]
        content = content[:12] + struct.pack(">5I", *odd) + content[32:]
    return profile(
        _SPACES[inputs], Tag(b"A2B0", content), Tag(b"A2B1", content), kind=b"prtr", connection=b"Lab "
    )


def _curves(random: Random) -> bytes:
    def one() -> bytes:
        points = random.choice((0, 1, 2, 4_096, 32_767, 60_000))
        return random.choice(
            (
                curve(*[random.randrange(65_536) for _ in range(points)]),
                curve(
                    *[random.choice((0, 65_535)) for _ in range(points)],
                    declared=random.choice((points, _BIG, 0x7FFF)),
                ),
                formula(
                    random.randrange(6), *[random.choice((0, 1, -1, 2**31 - 1, -(2**31))) for _ in range(7)]
                ),
            )
        )

    if not random.randrange(3):
        return profile(b"GRAY", Tag(b"kTRC", one()))
    return profile(b"RGB ", *matrix(one(), one(), one()))


def _names(random: Random) -> bytes:
    """Return a profile whose texts share their bytes, with far too many tags."""
    text = (
        struct.pack(">4sIII", b"mluc", 0, 50_000, 12)
        + struct.pack(">2s2sII", b"en", b"US", 40_000, 28) * 50_000
    )
    tags = [Tag(name, text) for name in (b"desc", b"cprt", b"dmnd", b"dmdd")]
    many = [
        Tag(struct.pack(">I", number), b"", (200, 50_000)) for number in range(random.choice((0, 60, 5_000)))
    ]
    return profile(b"RGB ", *matrix(*[curve(600)] * 3), *tags, *many)


COSTLY: dict[str, Make] = {
    "shared elements of floats": _floats,
    "tags that overlap": _overlapping,
    "tables that declare too much": _long_tables,
    "shared elements": _elements,
    "curves": _curves,
    "shared texts": _names,
}
"""Builders of profiles that are crafted to cost much, by the kind of profile."""


def costly(count: int) -> list[tuple[str, bytes]]:
    """Return this many profiles of all kinds, with the names of the kinds. The result is reproducible."""
    kinds = itertools.islice(itertools.cycle(COSTLY), count)
    return [(kind, COSTLY[kind](Random(seed))) for seed, kind in enumerate(kinds)]  # noqa: S311 - for variety
