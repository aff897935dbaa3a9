"""ICC profiles (ICC.1:2022), and the only call of littleCMS.

The elements of a profile are referred to by offsets, so a short file can refer to the same bytes thousands of
times. littleCMS processes all of them in a single call that nothing can interrupt: 44 kB took 29 s, 198 kB
took 2.6 GB. Therefore littleCMS never gets a profile as the file has it, but one that is built here from the
few tags that a conversion to sRGB needs, each of a type whose cost grows with its length. Tags of the type
`multiProcessElements` (10.16) are left out: they are optional, beside the tables that every version has.
"""

import math
import struct
from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple

from image_format.icc import HEADER_BYTES, MAX_PROFILE_BYTES, SIGNATURE, is_profile
from PIL import Image

from image_core.limits import TimeLimit

# Profiles of printers have up to 2 MB of these tags. littleCMS holds up to five copies of tables.
_MAX_NEEDED_BYTES = 4 * 2**20
_COPIES = 12
# littleCMS reduces the pipeline to tables of up to 33**3 nodes of 3 samples in 2 bytes.
_PIPELINE_BYTES = 4 * 2**20

_TAG_BYTES = 12
_MAX_TAGS = 100  # as in littleCMS
_MAX_CURVE_POINTS = 0x7FFF  # as in littleCMS

_MODES = {"L": b"GRAY", "LA": b"GRAY", "RGB": b"RGB ", "RGBA": b"RGB ", "CMYK": b"CMYK"}
_CHANNELS = {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4}
# Classes of profiles for the samples of an image (7.2.5), and the connection spaces (7.2.7).
_CLASSES = frozenset({b"scnr", b"mntr", b"prtr", b"spac"})
_CONNECTION_SPACES = frozenset({b"XYZ ", b"Lab "})
_CONNECTION_CHANNELS = 3

COLORANTS = (b"rXYZ", b"gXYZ", b"bXYZ")
CURVES = (b"rTRC", b"gTRC", b"bTRC")
TO_CONNECTION_SPACE = (b"A2B0", b"A2B1")
# littleCMS finds the black point of CMYK by converting to the connection space and back.
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

# Required tags of profiles that are built here (8.2, 8.3 and 10.15): descriptions, and D50.
_VERSION = 0x0440_0000
_D50 = struct.pack(">3i", 0xF6D6, 0x1_0000, 0xD32D)
_NAME = "PNG".encode("utf-16-be")
_NAMED = struct.pack(">4s4xII4sII", b"mluc", 1, 12, b"enUS", len(_NAME), 28) + _NAME
_DESCRIPTION = {b"desc": _NAMED, b"cprt": _NAMED, b"wtpt": b"XYZ \0\0\0\0" + _D50}

# Worst cases on one vCPU: per pixel, of noise in CMYK by tables, and before the first pixel.
_PIXEL_SECONDS, _SETUP_SECONDS = 80e-9, 0.2


class Profile(NamedTuple):
    """An ICC profile that is safe to use.

    Attributes:
        data: the profile as in the file, up to the length in its header.
        space: colour space of the images that the profile describes, such as `RGB `.
        tags: the tags that a conversion to sRGB needs. Several names may share their bytes.
        kept: True if the profile may be embedded in files. Otherwise images are converted to sRGB.
    """

    data: bytes
    space: bytes
    tags: dict[bytes, bytes]
    kept: bool = True

    def fits(self, mode: str) -> bool:
        """Return True if the profile describes images of this Pillow mode. Viewers ignore other profiles."""
        return self.space == _MODES.get(mode)

    @property
    def memory_bytes(self) -> int:
        """Maximum memory for holding and applying the profile, in bytes."""
        return 2 * len(self.data) + _COPIES * sum(map(len, self.tags.values())) + _PIPELINE_BYTES


def read_profile(data: bytes | None) -> Profile | None:
    """Return the profile; None if there is none, if a conversion cannot use it, or if it exceeds a limit.

    Limits are the length, the number of tags, and the total length of the needed tags. The channels, points
    and grids that a needed tag declares must lie within the tag.

    Args:
        data: the embedded profile of a file, which may be crafted.
    """
    if not data or len(data) > MAX_PROFILE_BYTES or not is_profile(data):
        return None
    data = data[: max(HEADER_BYTES, int.from_bytes(data[:4]))]
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
    (count,) = struct.unpack_from(">I", data, HEADER_BYTES)
    if count > _MAX_TAGS:
        raise ValueError("more tags than any profile has")
    channels = _CHANNELS[space]
    contents: dict[tuple[int, int], bytes] = {}
    for number in range(count):
        name, start, length = struct.unpack_from(">4sII", data, HEADER_BYTES + 4 + number * _TAG_BYTES)
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
    """Raise ValueError if the type of a tag is wrong, or if its data are shorter than declared."""
    kind = content[:4]
    if name in COLORANTS:
        _require(holds=kind == b"XYZ " and len(content) >= 20)  # noqa: PLR2004 - 10.31: one number
    elif name == _FROM_CONNECTION_SPACE:
        _check_table(content, b"mBA ", _CONNECTION_CHANNELS, channels)
    elif name in TO_CONNECTION_SPACE:
        _check_table(content, b"mAB ", channels, _CONNECTION_CHANNELS)
    elif kind == b"curv":
        (points,) = struct.unpack_from(">I", content, 8)
        _require(holds=points <= _MAX_CURVE_POINTS and 12 + 2 * points <= len(content))
    else:
        _require(holds=kind == b"para")


def _check_table(content: bytes, with_offsets: bytes, inputs: int, outputs: int) -> None:
    """Raise ValueError if a lookup table is shorter than declared (10.10 to 10.13)."""
    kind = content[:4]
    _require(holds=(content[8], content[9]) == (inputs, outputs))
    if kind == with_offsets:
        _check_elements(content, inputs, outputs)
        return
    nodes = content[10] ** inputs * outputs
    if kind == b"mft1":
        _require(holds=48 + 256 * (inputs + outputs) + nodes <= len(content))
    elif kind == b"mft2":
        entries, exits = struct.unpack_from(">HH", content, 48)
        _require(holds=max(entries, exits) <= _MAX_CURVE_POINTS)
        _require(holds=52 + 2 * (entries * inputs + nodes + exits * outputs) <= len(content))
    else:
        raise ValueError("an unknown type of table")


def _check_elements(content: bytes, inputs: int, outputs: int) -> None:
    """Raise ValueError if one of the five parts of a lutAToBType or lutBToAType is not within the tag.

    The lengths of curves need no check: there is one per channel, with 64 kB at most.
    """
    offsets = struct.unpack_from(">5I", content, 12)
    _require(holds=max(offsets) < len(content))
    grid_at = offsets[3]
    if grid_at:
        grid, sample_bytes = content[grid_at : grid_at + inputs], content[grid_at + 16]
        _require(holds=sample_bytes in {1, 2})
        _require(holds=grid_at + 20 + math.prod(grid) * outputs * sample_bytes <= len(content))


def _require(*, holds: bool) -> None:
    if not holds:
        raise ValueError("an invalid tag")


def build_profile(space: bytes, tags: dict[bytes, bytes], *, kept: bool) -> Profile | None:
    """Return a profile with these tags; None if a value is out of range.

    Args:
        space: `GRAY` or `RGB `.
        tags: curves, and colorants adapted to D50.
        kept: True if the profile may be embedded in files.
    """
    header = struct.pack(">4x4xI4s4s4s12x4s28x", _VERSION, b"mntr", space, b"XYZ ", SIGNATURE)
    header = (header + _D50).ljust(HEADER_BYTES, b"\0")
    profile = read_profile(_build(header, {**_DESCRIPTION, **tags}))
    return profile and profile._replace(kept=kept)


def _build(header: bytes, tags: dict[bytes, bytes]) -> bytes:
    """Return the bytes of a profile with this header and these tags. Equal contents are written once."""
    starts: dict[bytes, int] = {}
    body = bytearray()
    table = bytearray(struct.pack(">I", len(tags)))
    start = HEADER_BYTES + 4 + _TAG_BYTES * len(tags)
    for name, content in tags.items():
        if content not in starts:
            starts[content] = start + len(body)
            body += content + bytes(-len(content) % 4)
        table += struct.pack(">4sII", name, starts[content], len(content))
    length = struct.pack(">I", start + len(body))
    return length + header[4:HEADER_BYTES] + bytes(table) + bytes(body)


def convert_to_srgb(image: Image.Image, profile: Profile, time_limit: TimeLimit) -> Image.Image | None:
    """Return the image converted to sRGB; None if littleCMS rejects the profile.

    The rendering intent is relative colorimetric with black point compensation, as in browsers.

    Args:
        image: L, RGB or CMYK, of a mode that the profile fits. littleCMS would overwrite an alpha channel.
        profile: ICC profile of the samples.
        time_limit: time until the deadline.

    Raises:
        TransformTooSlow: the conversion would not be finished in time.
    """
    # Imported here, because few images need littleCMS and every cold start would pay 18 ms for it.
    from PIL import ImageCms  # noqa: PLC0415

    time_limit.check(_SETUP_SECONDS + image.width * image.height * _PIXEL_SECONDS)
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
