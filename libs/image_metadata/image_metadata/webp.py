"""WebP: the chunks that decoding and colour need, and nothing else.

Sections are those of RFC 9649.
"""

from collections.abc import Iterable, Iterator

from image_format import NotAnImage, webp
from image_format.icc import trim_profile
from image_format.pieces import Piece, take
from image_format.webp import Chunk

from image_metadata.parts import Parts

_FEATURES_BYTES, _CANVAS_AT = 10, 4
_ANIMATION_BYTES = 6
# A frame needs two chunks at most. Unknown chunks are allowed between them, but no encoder writes any.
_MAX_CHUNKS_OF_FRAME = 10


def split(data: bytes) -> Parts:
    """Return the parts of a file that decoding and colour need, and the EXIF data apart from them.

    Args:
        data: a file that begins as a WebP.

    Raises:
        NotAnImage: a required chunk is missing, truncated or does not fit. Only metadata behind the image may
            be truncated.
    """
    parts = [*_complete(webp.chunks(data))]
    extended = bool(parts) and parts[0].name == b"VP8X"
    pieces = _clean_extended(parts) if extended else _bitstream(parts[:1])
    new_size = len(b"WEBP") + sum(len(piece) for piece in pieces)
    block = next((bytes(part.body) for part in parts if part.name == b"EXIF"), b"")  # 2.7.1.5
    announced = extended and parts[0].body[0] & webp.EXIF_FLAG
    animated = extended and parts[0].body[0] & webp.ANIMATION_FLAG
    return Parts(
        kept=[b"RIFF" + new_size.to_bytes(4, "little") + b"WEBP", *pieces],
        exif=block if announced else b"",
        hidden_exif=block,
        frames=sum(part.name == b"ANMF" for part in parts) if animated else 1,
    )


def _complete(found: Iterable[Chunk]) -> Iterator[Chunk]:
    """Yield the chunks up to metadata that is truncated; other truncated chunks are an error."""
    for part in found:
        if part.complete:
            yield part
        elif part.name not in webp.METADATA:
            raise NotAnImage


def _clean_extended(parts: list[Chunk]) -> list[Piece]:
    features = parts[0].body
    if len(features) < _FEATURES_BYTES:
        raise NotAnImage
    profile = _profile(parts) if features[0] & webp.ICC_FLAG else None
    # The flags of EXIF and XMP are dropped with their chunks.
    flags = features[0] & (webp.ALPHA_FLAG | webp.ANIMATION_FLAG) | (webp.ICC_FLAG if profile else 0)
    kept = bytes([flags, 0, 0, 0]) + features[_CANVAS_AT:_FEATURES_BYTES]
    return [
        *_pieces(b"VP8X", kept),
        *(_pieces(b"ICCP", profile) if profile else []),
        *(_animation(parts) if flags & webp.ANIMATION_FLAG else _bitstream(parts)),
    ]


def _profile(parts: list[Chunk]) -> bytes | None:
    """Return the ICC profile. The first of several counts (2.7.1.4)."""
    bodies = [part.body for part in parts if part.name == b"ICCP"]
    return trim_profile(bytes(bodies[0])) if bodies else None


def _animation(parts: list[Chunk]) -> Iterator[Piece]:
    controls = [part.body for part in parts if part.name == b"ANIM"]
    frames = [part.body for part in parts if part.name == b"ANMF"]
    if not controls or len(controls[0]) < _ANIMATION_BYTES or not frames:
        raise NotAnImage
    yield from _pieces(b"ANIM", controls[0][:_ANIMATION_BYTES])
    for frame in frames:
        header = take(frame, 0, webp.FRAME_HEADER_BYTES)
        pieces = _bitstream([*_complete(webp.chunks_of_frame(frame, _MAX_CHUNKS_OF_FRAME))])
        size = len(header) + sum(len(piece) for piece in pieces)
        yield b"ANMF" + size.to_bytes(4, "little") + header
        yield from pieces


def _bitstream(parts: list[Chunk]) -> list[Piece]:
    """Return the chunks of the image: the first VP8 chunk behind its ALPH chunk, or the first VP8L chunk.

    Source: 2.7.1.2 and 2.7.1.3. Chunks behind the image are ignored.
    """
    place = next((place for place, part in enumerate(parts) if part.name in webp.BITSTREAMS), None)
    if place is None:
        raise NotAnImage
    image = parts[place]
    alpha = [part for part in parts[:place] if part.name == b"ALPH"] if image.name == b"VP8 " else []
    return [piece for part in [*alpha[:1], image] for piece in _pieces(part.name, part.body)]


def _pieces(name: bytes, body: Piece) -> list[Piece]:
    return [name + len(body).to_bytes(4, "little"), body, b"\0" * (len(body) % 2)]
