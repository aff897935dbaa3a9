"""ICC profiles (ICC.1:2022), and the only way from a function to littleCMS.

Elements of a profile are found by offsets, so a short file can name the same bytes thousands of times, and
littleCMS follows every one of them in a single call that nothing can stop: 44 kB took 29 s, 198 kB took
2.6 GB. littleCMS therefore never gets a profile as it is in a file. It gets one that is built here of the few
tags that a conversion to sRGB needs, each of a type whose cost grows with its length. Among the tags left out
are all `multiProcessElements` (10.16), which are optional beside the tables that every version has.
"""

import math
import struct
from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple

from PIL import Image

from image_core.clock import Clock

MAX_PROFILE_BYTES = 16 * 2**20
"""The longest profile that a JPEG can carry, in 255 segments (annex B.4)."""

# The longest of printers take 2 MB for these tags. littleCMS holds up to five copies of tables.
_MAX_NEEDED_BYTES = 4 * 2**20
_COPIES = 12
# littleCMS reduces the pipeline to tables of up to 33**3 nodes of 3 samples in 2 bytes.
_PIPELINE_BYTES = 4 * 2**20

_HEADER_BYTES, _TAG_BYTES = 128, 12
_MAX_TAGS = 100  # as in littleCMS
_MAX_CURVE_POINTS = 0x7FFF  # as in littleCMS

_MODES = {"L": b"GRAY", "LA": b"GRAY", "RGB": b"RGB ", "RGBA": b"RGB ", "CMYK": b"CMYK"}
_CHANNELS = {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4}
# Classes that say what the numbers of an image mean (7.2.5), and the connection spaces (7.2.7).
_CLASSES = frozenset({b"scnr", b"mntr", b"prtr", b"spac"})
_CONNECTION_SPACES = frozenset({b"XYZ ", b"Lab "})
_CONNECTION_CHANNELS = 3

COLORANTS = (b"rXYZ", b"gXYZ", b"bXYZ")
CURVES = (b"rTRC", b"gTRC", b"bTRC")
TO_CONNECTION_SPACE = (b"A2B0", b"A2B1")
# littleCMS finds the black of inks by going there and back.
_FROM_CONNECTION_SPACE = b"B2A0"
_NEEDED = {
    b"GRAY": (*TO_CONNECTION_SPACE, b"kTRC"),
    b"RGB ": (*TO_CONNECTION_SPACE, *COLORANTS, *CURVES),
    b"CMYK": (*TO_CONNECTION_SPACE, _FROM_CONNECTION_SPACE),
}
_SUFFICIENT = {
    b"GRAY": (frozenset({b"A2B0"}), frozenset({b"kTRC"})),
    b"RGB ": (frozenset({b"A2B0"}), frozenset({*COLORANTS, *CURVES})),
    b"CMYK": (frozenset({b"A2B0"}),),
}

# What profiles that are made here have beside colours (8.2, 8.3 and 10.15): names, and D50.
_VERSION = 0x0440_0000
_D50 = struct.pack(">3i", 0xF6D6, 0x1_0000, 0xD32D)
_NAME = "PNG".encode("utf-16-be")
_NAMED = struct.pack(">4s4xII4sII", b"mluc", 1, 12, b"enUS", len(_NAME), 28) + _NAME
_DESCRIPTION = {b"desc": _NAMED, b"cprt": _NAMED, b"wtpt": b"XYZ \0\0\0\0" + _D50}

# For each pixel, on one vCPU, of noise by tables for four inks; and before the first one.
_SECONDS, _SETUP_SECONDS = 80e-9, 0.2


class Profile(NamedTuple):
    """A profile within the limits.

    Attributes:
        data: as it was in the file, up to the length that its header gives.
        space: the colour space of its images, such as `RGB `.
        tags: the tags that a conversion to sRGB needs. Several names may have the same bytes.
        kept: whether it may be written into files; else images are converted to sRGB.
    """

    data: bytes
    space: bytes
    tags: dict[bytes, bytes]
    kept: bool = True

    def fits(self, mode: str) -> bool:
        """Whether the profile is one for images of this Pillow mode. Viewers ignore any other."""
        return self.space == _MODES.get(mode)

    @property
    def memory_bytes(self) -> int:
        """The memory that it takes to hold and to apply the profile, at most."""
        return 2 * len(self.data) + _COPIES * sum(map(len, self.tags.values())) + _PIPELINE_BYTES


def read_profile(data: bytes | None) -> Profile | None:
    """Return the profile; None where there is none that can be used, or where it is over a limit.

    Limits are the length, the number of tags, the length of the needed tags together, and for each of them
    what its type says of channels, points and grids: all must be there, within the tag.

    Args:
        data: the bytes that a file has for its profile, of any origin.
    """
    if not data or not _HEADER_BYTES < len(data) <= MAX_PROFILE_BYTES or data[36:40] != b"acsp":
        return None
    data = data[: max(_HEADER_BYTES, int.from_bytes(data[:4]))]
    space = data[16:20]
    if data[12:16] not in _CLASSES or space not in _CHANNELS or data[20:24] not in _CONNECTION_SPACES:
        return None
    try:
        tags = dict(_needed_tags(data, space))
    except (ValueError, struct.error, IndexError):
        return None
    return Profile(data=data, space=space, tags=tags) if _is_sufficient(space, tags) else None


def _is_sufficient(space: bytes, tags: dict[bytes, bytes]) -> bool:
    return any(names <= tags.keys() for names in _SUFFICIENT[space])


def _needed_tags(data: bytes, space: bytes) -> Iterator[tuple[bytes, bytes]]:
    (count,) = struct.unpack_from(">I", data, _HEADER_BYTES)
    if count > _MAX_TAGS:
        raise ValueError("more tags than any profile has")
    channels = _CHANNELS[space]
    contents: dict[tuple[int, int], bytes] = {}
    for number in range(count):
        name, start, length = struct.unpack_from(">4sII", data, _HEADER_BYTES + 4 + number * _TAG_BYTES)
        if name not in _NEEDED[space]:
            continue
        if start + length > len(data):
            raise ValueError("a tag beyond the end")
        place = (start, length)
        if place not in contents:
            if length + sum(map(len, contents.values())) > _MAX_NEEDED_BYTES:
                raise ValueError("tags too long")
            contents[place] = data[start : start + length]
        _check_tag(name, contents[place], channels)
        yield name, contents[place]


def _check_tag(name: bytes, content: bytes, channels: int) -> None:
    """Raise ValueError where a tag is of another type than it must be, or says more than it holds."""
    kind = content[:4]
    if name in COLORANTS:
        _demand(holds=kind == b"XYZ " and len(content) >= 20)  # noqa: PLR2004 - 10.31: one number
    elif name == _FROM_CONNECTION_SPACE:
        _check_table(content, b"mBA ", _CONNECTION_CHANNELS, channels)
    elif name in TO_CONNECTION_SPACE:
        _check_table(content, b"mAB ", channels, _CONNECTION_CHANNELS)
    elif kind == b"curv":
        (points,) = struct.unpack_from(">I", content, 8)
        _demand(holds=points <= _MAX_CURVE_POINTS and 12 + 2 * points <= len(content))
    else:
        _demand(holds=kind == b"para")


def _check_table(content: bytes, with_offsets: bytes, inputs: int, outputs: int) -> None:
    """Hold a table of colours against its length (10.10 to 10.13)."""
    kind = content[:4]
    _demand(holds=(content[8], content[9]) == (inputs, outputs))
    if kind == with_offsets:
        _check_elements(content, inputs, outputs)
        return
    nodes = content[10] ** inputs * outputs
    if kind == b"mft1":
        _demand(holds=48 + 256 * (inputs + outputs) + nodes <= len(content))
    elif kind == b"mft2":
        entries, exits = struct.unpack_from(">HH", content, 48)
        _demand(holds=max(entries, exits) <= _MAX_CURVE_POINTS)
        _demand(holds=52 + 2 * (entries * inputs + nodes + exits * outputs) <= len(content))
    else:
        raise ValueError("a table of another type")


def _check_elements(content: bytes, inputs: int, outputs: int) -> None:
    """Hold five elements against the length. Curves are as many as channels, each of 64 kB at most."""
    offsets = struct.unpack_from(">5I", content, 12)
    _demand(holds=max(offsets) < len(content))
    grid_at = offsets[3]
    if grid_at:
        grid, sample_bytes = content[grid_at : grid_at + inputs], content[grid_at + 16]
        _demand(holds=sample_bytes in {1, 2})
        _demand(holds=grid_at + 20 + math.prod(grid) * outputs * sample_bytes <= len(content))


def _demand(*, holds: bool) -> None:
    if not holds:
        raise ValueError("a tag that cannot be so")


def build_profile(space: bytes, tags: dict[bytes, bytes], *, kept: bool) -> Profile | None:
    """Return a profile of these tags.

    Args:
        space: `GRAY` or `RGB `.
        tags: curves, and colorants adapted to D50.
        kept: whether it may be written into files.
    """
    header = struct.pack(">4x4xI4s4s4s12x4s28x", _VERSION, b"mntr", space, b"XYZ ", b"acsp")
    header = (header + _D50).ljust(_HEADER_BYTES, b"\0")
    profile = read_profile(_build(header, {**_DESCRIPTION, **tags}))
    return profile and profile._replace(kept=kept)


def _build(header: bytes, tags: dict[bytes, bytes]) -> bytes:
    """Return a profile with that header and these tags, each content once."""
    chunk_places: dict[bytes, int] = {}
    body = bytearray()
    table = bytearray(struct.pack(">I", len(tags)))
    start = _HEADER_BYTES + 4 + _TAG_BYTES * len(tags)
    for name, content in tags.items():
        if content not in chunk_places:
            chunk_places[content] = start + len(body)
            body += content + bytes(-len(content) % 4)
        table += struct.pack(">4sII", name, chunk_places[content], len(content))
    length = struct.pack(">I", start + len(body))
    return length + header[4:_HEADER_BYTES] + bytes(table) + bytes(body)


def convert_to_srgb(image: Image.Image, profile: Profile, clock: Clock) -> Image.Image | None:
    """Return the image in RGB with the meaning of sRGB; None where littleCMS cannot use the profile.

    Relative colorimetric, with the black of the source on that of sRGB.

    Args:
        image: of a mode that the profile fits, without alpha: littleCMS would overwrite it.
        profile: what the samples mean.
        clock: the time that is left.

    Raises:
        DerivationTooSlow
    """
    # Imported here: few images need it, and every cold start would load littleCMS (18 ms).
    from PIL import ImageCms  # noqa: PLC0415

    clock.check(_SETUP_SECONDS + image.width * image.height * _SECONDS)
    try:
        return ImageCms.profileToProfile(
            image,
            BytesIO(_build(profile.data, profile.tags)),
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError):
        return None
