"""The formats and how to tell them apart."""

from enum import StrEnum


class Format(StrEnum):
    """A file format that is read and written. The values are Pillow's names.

    An MPO is the JPEG it begins with.
    """

    JPEG = "JPEG"
    PNG = "PNG"
    GIF = "GIF"
    BMP = "BMP"
    WEBP = "WEBP"

    @property
    def content_type(self) -> str:
        """The media type, such as `image/jpeg`."""
        return f"image/{self.lower()}"

    @property
    def animates(self) -> bool:
        """Whether a file can hold an animation (a PNG as APNG)."""
        return self in {Format.GIF, Format.PNG, Format.WEBP}

    @property
    def keeps_icc_profile(self) -> bool:
        """Whether an ICC profile is written into the file."""
        return self in {Format.JPEG, Format.PNG, Format.WEBP}

    @property
    def shows_through(self) -> bool:
        """Whether viewers show what lies behind clear pixels. Most take no notice of alpha in a BMP."""
        return self in {Format.GIF, Format.PNG, Format.WEBP}

    @property
    def longest_side(self) -> int:
        """The most pixels that a side can have: the format's own limit, or that of its encoder."""
        return {
            Format.JPEG: 65_500,  # JPEG_MAX_DIMENSION of libjpeg
            Format.PNG: 2**31 - 1,
            Format.GIF: 65_535,
            Format.BMP: 2**31 - 1,
            Format.WEBP: 16_383,
        }[self]


_SIGNATURES = {
    b"\xff\xd8\xff": Format.JPEG,
    b"\x89PNG\r\n\x1a\n": Format.PNG,
    b"GIF87a": Format.GIF,
    b"GIF89a": Format.GIF,
    b"BM": Format.BMP,
}


def recognised(data: bytes) -> Format | None:
    """The format of a file by its first bytes, whatever its name says; None: it is of another kind."""
    for signature, found in _SIGNATURES.items():
        if data.startswith(signature):
            return found
    return Format.WEBP if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None
