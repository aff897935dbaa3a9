"""The formats and how to tell them apart."""

from enum import StrEnum

from image_metadata.errors import NotAnImage


class Format(StrEnum):
    """A file format that can be cleaned. The values are Pillow's names; an MPO is the JPEG it begins with."""

    JPEG = "JPEG"
    PNG = "PNG"
    GIF = "GIF"
    BMP = "BMP"
    WEBP = "WEBP"


_SIGNATURES = {
    b"\xff\xd8\xff": Format.JPEG,
    b"\x89PNG\r\n\x1a\n": Format.PNG,
    b"GIF87a": Format.GIF,
    b"GIF89a": Format.GIF,
    b"BM": Format.BMP,
}


def recognise(data: bytes) -> Format:
    """The format of a file by its first bytes.

    Raises:
        NotAnImage: none of the five.
    """
    for signature, found in _SIGNATURES.items():
        if data.startswith(signature):
            return found
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Format.WEBP
    raise NotAnImage("This is not a JPEG, PNG, GIF, BMP or WebP picture.")
