"""Write the boxes of an AVIF (ISO/IEC 14496-12, 4.2)."""

from image_format.pieces import Piece


def box(name: bytes, *parts: Piece) -> bytes:
    """Return a box with this content."""
    return (8 + sum(map(len, parts))).to_bytes(4) + name + b"".join(parts)


def full_box(name: bytes, *parts: Piece, version: int = 0, flags: int = 0) -> bytes:
    """Return a box whose content begins with a version and flags."""
    return box(name, bytes([version]) + flags.to_bytes(3), *parts)
