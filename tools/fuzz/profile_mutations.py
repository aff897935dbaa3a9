"""Mutations of ICC profiles (tags, offsets, counts and grids), embedded in files that hold a profile."""

import struct
import zlib
from collections.abc import Callable, Sequence
from random import Random

from tools.fuzz import profiles, samples
from tools.fuzz.profiles import Tag

_HEADER_BYTES, _TAG_BYTES = 128, 12
_ODD = (0, 1, 2, 3, 4, 0x7F, 0xFF, 0x1000, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF)
_NAMES = (b"A2B0", b"A2B1", b"B2A0", b"D2B0", b"D2B1", b"B2D1", b"rTRC", b"gTRC", b"kTRC", b"rXYZ", b"desc")
_KINDS = (b"mpet", b"mft1", b"mft2", b"mAB ", b"mBA ", b"curv", b"para", b"XYZ ", b"mluc", b"ncl2")
_JPEG_PART_BYTES = 65_519
# End of the header of a WebP whose first chunk is VP8X (RFC 9649, 2.7).
_VP8X_END = 30

_CURVE = profiles.curve(*range(0, 65_536, 256))
SOUND: Sequence[bytes] = (
    profiles.profile(b"RGB ", *profiles.matrix(_CURVE, _CURVE, profiles.formula(0, 0x18000))),
    profiles.profile(b"GRAY", Tag(b"kTRC", _CURVE)),
    profiles.profile(
        b"CMYK",
        Tag(b"A2B0", profiles.table_of_16_bits(4, 3, 3)),
        Tag(b"A2B1", profiles.elements(4, [3] * 4, 1, _CURVE * 4)),
        Tag(b"B2A0", profiles.table_of_8_bits(3, 4, 3)),
        kind=b"prtr",
        connection=b"Lab ",
    ),
    profiles.profile(
        b"RGB ", Tag(b"A2B0", profiles.elements(3, [5] * 3, 2, _CURVE * 3)), kind=b"spac", connection=b"Lab "
    ),
)
"""Valid profiles from which mutations start, one for each kind of image."""


def mutated_profile(profile: bytes, max_bytes: int, random: Random) -> bytes:
    """Return a mutated profile of at most this many bytes. The length in the header is valid."""
    for _ in range(random.choice((1, 1, 2, 4))):
        change: Callable[[bytearray, Random], None] = random.choice(
            (_place, _place, _share, _number, _number, _number, _rename, _retype, _many)
        )
        changed = bytearray(profile)
        if len(changed) > _HEADER_BYTES + 4 + _TAG_BYTES:
            change(changed, random)
        profile = bytes(changed)
    profile = profile[:max_bytes]
    return struct.pack(">I", len(profile)) + profile[4:]


def _tag(profile: bytearray, random: Random) -> int:
    """Return the offset of a random entry of the tag table."""
    count = int.from_bytes(profile[_HEADER_BYTES : _HEADER_BYTES + 4])
    room = (len(profile) - _HEADER_BYTES - 4) // _TAG_BYTES
    return _HEADER_BYTES + 4 + _TAG_BYTES * random.randrange(max(1, min(count, room, 100)))


def _place(profile: bytearray, random: Random) -> None:
    """Change the offset or the length of a tag."""
    odd = random.choice((*_ODD, _HEADER_BYTES, len(profile), random.randrange(len(profile))))
    struct.pack_into(">I", profile, _tag(profile, random) + random.choice((4, 8)), odd)


def _share(profile: bytearray, random: Random) -> None:
    """Make two tags refer to the same bytes."""
    one, other = _tag(profile, random), _tag(profile, random)
    profile[one + 4 : one + 12] = profile[other + 4 : other + 12]


def _number(profile: bytearray, random: Random) -> None:
    """Change a count, grid, number of channels or offset at the beginning of a tag."""
    (start,) = struct.unpack_from(">I", profile, _tag(profile, random) + 4)
    form = random.choice((">B", ">H", ">I"))
    at = min(start + random.randrange(8, 52), len(profile) - 4)
    struct.pack_into(form, profile, at, random.choice(_ODD) & (1 << 8 * struct.calcsize(form)) - 1)


def _rename(profile: bytearray, random: Random) -> None:
    at = _tag(profile, random)
    profile[at : at + 4] = random.choice(_NAMES)


def _retype(profile: bytearray, random: Random) -> None:
    (start,) = struct.unpack_from(">I", profile, _tag(profile, random) + 4)
    if start + 4 <= len(profile):
        profile[start : start + 4] = random.choice(_KINDS)


def _many(profile: bytearray, random: Random) -> None:
    """Replace a tag by thousands of pipeline elements that share their bytes."""
    inputs = {b"GRAY": 1, b"CMYK": 4}.get(bytes(profile[16:20]), 3)
    element = random.choice((profiles.curve_set(3, 400), profiles.curve_set(3, 2)))
    content = profiles.one_place_many_times(inputs, random.choice((50, 1_000, 5_000)), element)
    name = random.choice((b"D2B1", b"D2B1", b"D2B0", b"A2B0", b"A2B1"))
    struct.pack_into(">4sII", profile, _tag(profile, random), name, len(profile), len(content))
    profile += content


def with_profile(data: bytes, profile: bytes) -> bytes:
    """Return a JPEG, PNG or extended WebP with this profile before its own; other files unchanged.

    A file that ends within its header counts as another file.
    """
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data, profile)
    if data.startswith(b"\x89PNG"):
        return data[:33] + _png_chunk(profile) + data[33:]
    if data.startswith(b"RIFF") and data[12:16] == b"VP8X" and len(data) >= _VP8X_END:
        chunk = b"ICCP" + struct.pack("<I", len(profile)) + profile + bytes(len(profile) % 2)
        others = [piece for piece in samples.split_riff(data[_VP8X_END:]) if not piece.startswith(b"ICCP")]
        return data[:20] + bytes((data[20] | 0x20,)) + data[21:_VP8X_END] + chunk + b"".join(others)
    return data


def _jpeg(data: bytes, profile: bytes) -> bytes:
    parts = [profile[at : at + _JPEG_PART_BYTES] for at in range(0, len(profile), _JPEG_PART_BYTES)]
    segments = b"".join(
        struct.pack(">HH12sBB", 0xFFE2, len(part) + 16, b"ICC_PROFILE\0", number, len(parts)) + part
        for number, part in enumerate(parts, 1)
    )
    return data[:2] + segments + data[2:]


def _png_chunk(profile: bytes) -> bytes:
    content = b"iCCP" + b"icc\0\0" + zlib.compress(profile)
    return struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))
