"""The parts of a file that are kept, and its EXIF data, which is not kept."""

from typing import NamedTuple

from image_format.pieces import Piece


class Parts(NamedTuple):
    """A file without metadata, in pieces.

    Attributes:
        kept: the pieces of the new file, which has only the parts that decoding and colour need.
        exif: the EXIF block, with or without its prefix; empty if there is none.
        hidden_exif: an EXIF block in a place that tools read and viewers ignore; empty if there is none.
        frames: 1, or the number of frames of an animation.
    """

    kept: list[Piece]
    exif: bytes = b""
    hidden_exif: bytes = b""
    frames: int = 1
