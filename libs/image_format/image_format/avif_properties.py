"""The properties of an image in an AVIF: size, colour, crop, rotation and the type of an auxiliary image.

Sections are those of ISO/IEC 23008-12 (HEIF), unless another standard is named.
"""

import struct
from collections.abc import Mapping, Sequence
from typing import NamedTuple

# Types of auxiliary images that are alpha channels (AVIF, 4.1).
_ALPHA_TYPES = frozenset(
    {
        b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha",
        b"urn:mpeg:hevc:2015:auxid:1",
        b"urn:mpeg:avc:2015:auxid:1",
    }
)

TRANSFORMS = (b"clap", b"irot", b"imir")
"""Crop, rotation and mirror of the decoded image, in the only valid order (MIAF, 7.3.6.7)."""

_CROP_BYTES, _NCLX_BYTES = 32, 11
# EXIF orientation by the angle of irot, in quarters of a turn counterclockwise, and the axis of imir: 0 swaps
# top and bottom, 1 swaps left and right, and None stands for an image without imir.
_ORIENTATIONS: Mapping[tuple[int, int | None], int] = {
    (0, None): 1,
    (0, 0): 4,
    (0, 1): 2,
    (1, None): 8,
    (1, 0): 5,
    (1, 1): 7,
    (2, None): 3,
    (2, 0): 2,
    (2, 1): 4,
    (3, None): 6,
    (3, 0): 7,
    (3, 1): 5,
}


class Property(NamedTuple):
    """A property (9.3.1) of an item, or a box of a sample entry.

    Attributes:
        name: type of the box.
        body: the content.
        essential: True if a reader must not ignore the property.
    """

    name: bytes
    body: memoryview
    essential: bool


def find_property(properties: Sequence[Property], name: bytes) -> memoryview | None:
    """Return the content of the first property of a type; None if there is none."""
    return next((each.body for each in properties if each.name == name), None)


def is_alpha(auxiliary_type: memoryview | None) -> bool:
    """Return True for the content of a property auxC, or box auxi, that declares an alpha channel."""
    return auxiliary_type is not None and bytes(auxiliary_type[4:]).partition(b"\0")[0] in _ALPHA_TYPES


def read_orientation(properties: Sequence[Property]) -> int:
    """Return the EXIF orientation, 1 to 8, that equals the rotation irot and the mirror imir.

    Source: 6.5.10 and 6.5.12. The orientation in EXIF data has no influence (MIAF, 7.3.6.7; browsers agree).
    """
    angle = find_property(properties, b"irot")
    axis = find_property(properties, b"imir")
    return _ORIENTATIONS[angle[0] & 3 if angle else 0, axis[0] & 1 if axis else None]


def read_crop(properties: Sequence[Property], size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """Return left, top, right and bottom of the part that is displayed, from the property clap.

    Source: ISO/IEC 14496-12, 12.1.4, "clean aperture".

    Args:
        properties: properties of an image.
        size: width and height of the image in pixels.

    Returns:
        The part in pixels, before rotation and mirror. None: the whole image. Decoders ignore a part that is
        not within the image or does not begin and end between pixels, so the result is None for it, too.
    """
    fields = find_property(properties, b"clap")
    if fields is None or len(fields) != _CROP_BYTES:
        return None
    numbers = struct.unpack(">8i", fields)
    across = _crop_side(size[0], numbers[:2], numbers[4:6])
    down = _crop_side(size[1], numbers[2:4], numbers[6:8])
    return (across[0], down[0], across[1], down[1]) if across and down else None


def read_code_points(properties: Sequence[Property]) -> tuple[int, int] | None:
    """Return the code points of primaries and transfer (ITU-T H.273); None if the image states none.

    Source: a property colr of type nclx (ISO/IEC 14496-12, 12.1.5).
    """
    for each in properties:
        if each.name == b"colr" and bytes(each.body[:4]) == b"nclx" and len(each.body) == _NCLX_BYTES:
            primaries, transfer = struct.unpack_from(">HH", each.body, 4)
            return primaries, transfer
    return None


def _crop_side(full: int, length: Sequence[int], offset: Sequence[int]) -> tuple[int, int] | None:
    """Return start and end of a part from its length and the offset of its middle, both fractions."""
    if length[1] < 1 or offset[1] < 1 or length[0] % length[1]:
        return None
    side = length[0] // length[1]
    start, odd = divmod(2 * offset[0] + (full - side) * offset[1], 2 * offset[1])
    return (start, start + side) if not odd and 0 <= start < start + side <= full else None
