"""The supported image formats, and their detection by content."""

from collections.abc import Mapping
from enum import StrEnum
from importlib import import_module
from typing import Any, NamedTuple, Self

from image_format.errors import NotAnImage

DETECTION_BYTES = 144
"""Number of bytes at the start of a file by which its format is detected, for AVIF as many as in Chromium."""

_ANIMATION, _ICC_PROFILE, _TRANSPARENCY = 1, 2, 4


def _brands(*brands: bytes) -> tuple[Mapping[int, bytes], ...]:
    """Return the signatures of ISO base media files with one of these brands, as major or compatible brand.

    Source: ISO/IEC 14496-12, 4.3.
    """
    places = (8, *range(16, DETECTION_BYTES, 4))
    return tuple({4: b"ftyp", place: brand} for brand in brands for place in places)


class _Traits(NamedTuple):
    """A row of the table of formats. `holds` is a sum of `_ANIMATION`, `_ICC_PROFILE` and `_TRANSPARENCY`."""

    signatures: tuple[Mapping[int, bytes], ...]
    max_side: int
    holds: int


class Format(StrEnum):
    """A file format that can be read and written. The values are Pillow's names.

    An MPO counts as JPEG: the file begins with one.

    Attributes:
        content_type: media type, such as `image/jpeg`.
        extensions: extensions of file names, in lower case and without a dot.
        signatures: the first bytes of a file. Alternatives, each as a mapping of offset to bytes.
        max_side: maximum width and height in pixels, of the format or of its encoder.
        animates: True if a file can hold an animation (a PNG as APNG).
        keeps_icc_profile: True if an ICC profile is written into the file.
        shows_transparency: True if viewers show transparency. Most ignore the alpha channel of a BMP.
    """

    content_type: str
    extensions: tuple[str, ...]
    signatures: tuple[Mapping[int, bytes], ...]
    max_side: int
    animates: bool
    keeps_icc_profile: bool
    shows_transparency: bool

    def __new__(cls, name: str, *row: _Traits) -> Self:
        """Create a member from its name and its row in the table below.

        Raises:
            ValueError: the row is missing.
        """
        (traits,) = row
        member = str.__new__(cls, name)
        member._value_ = name
        member.content_type = f"image/{name.lower()}"
        member.extensions = ("jpg", "jpeg") if name == "JPEG" else (name.lower(),)
        member.signatures, member.max_side = traits.signatures, traits.max_side
        member.animates = bool(traits.holds & _ANIMATION)
        member.keeps_icc_profile = bool(traits.holds & _ICC_PROFILE)
        member.shows_transparency = bool(traits.holds & _TRANSPARENCY)
        return member

    JPEG = "JPEG", _Traits(({0: b"\xff\xd8\xff"},), 65_500, _ICC_PROFILE)  # JPEG_MAX_DIMENSION of libjpeg
    PNG = "PNG", _Traits(({0: b"\x89PNG\r\n\x1a\n"},), 2**31 - 1, _ANIMATION + _ICC_PROFILE + _TRANSPARENCY)
    GIF = "GIF", _Traits(({0: b"GIF87a"}, {0: b"GIF89a"}), 65_535, _ANIMATION + _TRANSPARENCY)
    BMP = "BMP", _Traits(({0: b"BM"},), 2**31 - 1, 0)
    WEBP = "WEBP", _Traits(({0: b"RIFF", 8: b"WEBP"},), 16_383, _ANIMATION + _ICC_PROFILE + _TRANSPARENCY)
    # The maximum side is that of libavif's decoder.
    AVIF = "AVIF", _Traits(_brands(b"avif", b"avis"), 32_768, _ANIMATION + _ICC_PROFILE + _TRANSPARENCY)


def detect_format(data: bytes) -> Format | None:
    """Return the format of a file by its first bytes, ignoring its name; None for other formats."""
    for found in Format:
        if any(_matches(data, signature) for signature in found.signatures):
            return found
    return None


def require_format(data: bytes) -> Format:
    """Return the format of a file by its first bytes, ignoring its name.

    Raises:
        NotAnImage: the format is not supported.
    """
    found = detect_format(data)
    if found is None:
        raise NotAnImage("This is not a JPEG, PNG, GIF, BMP, WebP or AVIF image.")
    return found


def load_for_every_format(package: str, name: str) -> Mapping[Format, Any]:
    """Return the object of this name in the module of each format. The modules have the names of the formats.

    Callers build their table while they are imported, so that a format without its module fails every test
    and build, not the first request for such an image.

    Raises:
        ImportError, AttributeError: a module or its object is missing.
    """
    return {each: getattr(import_module(f"{package}.{each.lower()}"), name) for each in Format}


def _matches(data: bytes, signature: Mapping[int, bytes]) -> bool:
    return all(data.startswith(part, offset) for offset, part in signature.items())
