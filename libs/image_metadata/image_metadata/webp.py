"""WebP: the chunks that decoding and colour need, and nothing else.

Sections are those of RFC 9649.
"""

from collections.abc import Iterator
from typing import NamedTuple

from image_format import NotAnImage
from image_format.icc import trim_profile
from image_format.pieces import Piece, bounded, take

from image_metadata.parts import Parts

_CHUNK_HEADER_BYTES = 8
_BITSTREAMS = frozenset({b"VP8 ", b"VP8L"})
_METADATA = frozenset({b"EXIF", b"XMP "})
# 2.7: the flags of VP8X. EXIF and XMP are gone, and with them their flags.
_ICC_FLAG, _ALPHA_FLAG, _EXIF_FLAG, _ANIMATION_FLAG = 0x20, 0x10, 0x08, 0x02
_FEATURES_BYTES, _CANVAS_AT = 10, 4
_ANIMATION_BYTES, _FRAME_HEADER_BYTES = 6, 16
# A frame needs two chunks at most. Unknown ones may stand among them, but no encoder puts them there.
_MAX_CHUNKS_OF_FRAME = 10


class _Chunk(NamedTuple):
    name: bytes
    body: memoryview


def split(data: bytes) -> Parts:
    """Tell what decoding and colour need from the rest.

    Args:
        data: a file that begins as a WebP.

    Raises:
        NotAnImage: a chunk that it needs is missing, cut short or does not fit. The file may end before the
            length in its header: within metadata behind the image.
    """
    # The file header says how long it is (2.4). What lies behind is not read.
    size = int.from_bytes(data[4:8], "little")
    content = memoryview(data)[_CHUNK_HEADER_BYTES : _CHUNK_HEADER_BYTES + size][len(b"WEBP") :]
    chunks = list(bounded(_split(content)))
    extended = bool(chunks) and chunks[0].name == b"VP8X"
    pieces = _extended(chunks) if extended else _bitstream(chunks[:1])
    new_size = len(b"WEBP") + sum(len(piece) for piece in pieces)
    block = next((bytes(chunk.body) for chunk in chunks if chunk.name == b"EXIF"), b"")  # 2.7.1.5
    announced = extended and chunks[0].body[0] & _EXIF_FLAG
    animated = extended and chunks[0].body[0] & _ANIMATION_FLAG
    return Parts(
        kept=[b"RIFF" + new_size.to_bytes(4, "little") + b"WEBP", *pieces],
        exif=block if announced else b"",
        hidden_exif=block,
        frames=sum(chunk.name == b"ANMF" for chunk in chunks) if animated else 1,
    )


def _split(view: memoryview) -> Iterator[_Chunk]:
    at = 0
    while len(view) - at >= _CHUNK_HEADER_BYTES:
        length = int.from_bytes(view[at + 4 : at + 8], "little")
        name = bytes(view[at : at + 4])
        if at + _CHUNK_HEADER_BYTES + length > len(view) and name in _METADATA:
            return
        yield _Chunk(name=name, body=take(view, at + _CHUNK_HEADER_BYTES, length))
        at += _CHUNK_HEADER_BYTES + length + length % 2  # 2.3: an odd one is padded


def _extended(chunks: list[_Chunk]) -> list[Piece]:
    features = chunks[0].body
    if len(features) < _FEATURES_BYTES:
        raise _damaged()
    profile = _profile(chunks) if features[0] & _ICC_FLAG else None
    flags = features[0] & (_ALPHA_FLAG | _ANIMATION_FLAG) | (_ICC_FLAG if profile else 0)
    kept = bytes([flags, 0, 0, 0]) + features[_CANVAS_AT:_FEATURES_BYTES]
    return [
        *_pieces(b"VP8X", kept),
        *(_pieces(b"ICCP", profile) if profile else []),
        *(_animation(chunks) if flags & _ANIMATION_FLAG else _bitstream(chunks)),
    ]


def _profile(chunks: list[_Chunk]) -> bytes | None:
    """2.7.1.4: the first of them counts."""
    bodies = [chunk.body for chunk in chunks if chunk.name == b"ICCP"]
    return trim_profile(bytes(bodies[0])) if bodies else None


def _animation(chunks: list[_Chunk]) -> Iterator[Piece]:
    controls = [chunk.body for chunk in chunks if chunk.name == b"ANIM"]
    frames = [chunk.body for chunk in chunks if chunk.name == b"ANMF"]
    if not controls or len(controls[0]) < _ANIMATION_BYTES or not frames:
        raise _damaged()
    yield from _pieces(b"ANIM", controls[0][:_ANIMATION_BYTES])
    for frame in frames:
        # 2.7.1.1: a header, then the same chunks as a still picture has.
        header = take(frame, 0, _FRAME_HEADER_BYTES)
        pieces = _bitstream([*bounded(_split(frame[_FRAME_HEADER_BYTES:]), _MAX_CHUNKS_OF_FRAME)])
        size = len(header) + sum(len(piece) for piece in pieces)
        yield b"ANMF" + size.to_bytes(4, "little") + header
        yield from pieces


def _bitstream(chunks: list[_Chunk]) -> list[Piece]:
    """The picture: the first VP8, with its alpha channel if it has one, or VP8L (2.7.1.2, 2.7.1.3)."""
    place = next((place for place, chunk in enumerate(chunks) if chunk.name in _BITSTREAMS), None)
    if place is None:
        raise _damaged()
    picture = chunks[place]
    alpha = [chunk for chunk in chunks[:place] if chunk.name == b"ALPH"] if picture.name == b"VP8 " else []
    return [piece for chunk in [*alpha[:1], picture] for piece in _pieces(chunk.name, chunk.body)]


def _pieces(name: bytes, body: Piece) -> list[Piece]:
    return [name + len(body).to_bytes(4, "little"), body, b"\0" * (len(body) % 2)]


def _damaged() -> NotAnImage:
    return NotAnImage("The WebP picture is damaged.")
