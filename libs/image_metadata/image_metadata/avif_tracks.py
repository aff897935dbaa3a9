"""Write the movie box of an animated AVIF again, without metadata. Sections are those of ISO/IEC 14496-12."""

from collections.abc import Callable, Iterator

from image_format import NotAnImage
from image_format.avif_tracks import ALPHA, TABLES, Movie, Track
from image_format.boxes import full
from image_format.pieces import Piece, take

from image_metadata.avif_boxes import box, full_box
from image_metadata.avif_properties import check_once, clean_property

_MATRIX = b"".join(number.to_bytes(4) for number in (1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30))
_DATES = bytes(16)
_UNDETERMINED = b"\x55\xc4"  # ISO 639-2/T: und
# Length of an entry of a table, behind version, flags and the number of entries.
_ENTRY_BYTES = {b"stts": 8, b"ctts": 8, b"stss": 4, b"stsc": 12}
_FULL_BYTES, _COUNT_BYTES = 4, 4


def movie_box(movie: Movie, offset: Callable[[int], int]) -> bytes:
    """Return the movie box without dates, names and metadata.

    Args:
        movie: the animation.
        offset: returns the offset of a frame in the new file.

    Raises:
        NotAnImage: a box is truncated or has an unknown version.
    """
    timescale, duration = _read_duration(movie.header)
    following = max(track.number for track in movie.tracks) + 1
    header = timescale + duration + b"\0\1\0\0" + b"\1\0" + bytes(10) + _MATRIX + bytes(24)
    return box(
        b"moov",
        full_box(b"mvhd", _DATES, header, (following & 0xFFFFFFFF).to_bytes(4), version=1),
        *(_track_box(track, offset) for track in movie.tracks),
    )


def _track_box(track: Track, offset: Callable[[int], int]) -> bytes:
    flags = full(track.header).flags & 0x0F
    header = track.number.to_bytes(4) + bytes(4) + _wide(track.duration, track.header)
    size = take(track.header, len(track.header) - 8, 8)
    timescale, duration = _read_duration(track.media_header)
    return box(
        b"trak",
        full_box(b"tkhd", _DATES, header, bytes(16), _MATRIX, size, version=1, flags=flags),
        *([box(b"tref", box(b"auxl", track.auxiliary_of.to_bytes(4)))] if track.handler == ALPHA else []),
        *([box(b"edts", box(b"elst", _clean_edits(track.edits)))] if track.edits is not None else []),
        box(
            b"mdia",
            full_box(b"mdhd", _DATES, timescale, duration, _UNDETERMINED, bytes(2), version=1),
            full_box(b"hdlr", bytes(4), track.handler, bytes(13)),
            box(
                b"minf",
                full_box(b"vmhd", bytes(8), flags=1),
                box(b"dinf", full_box(b"dref", b"\0\0\0\1", full_box(b"url ", flags=1))),
                box(b"stbl", *_sample_table(track, offset)),
            ),
        ),
    )


def _sample_table(track: Track, offset: Callable[[int], int]) -> Iterator[bytes]:
    width, height = (side.to_bytes(2) for side in track.size)
    check_once(track.properties)
    properties = [clean_property(each) for each in track.properties]
    fields = bytes(6) + b"\0\1" + bytes(16) + width + height + b"\0\x48\0\0" * 2 + bytes(4) + b"\0\1"
    entry = box(b"av01", fields, bytes(32), b"\0\x18\xff\xff", *properties)
    yield full_box(b"stsd", b"\0\0\0\1", entry)
    for name in TABLES:
        if name in track.tables:
            yield box(name, _clean_table(name, track.tables[name]))
    starts, at = [], 0
    for count in track.chunks:
        starts.append(offset(track.samples[at][0]).to_bytes(4))
        at += count
    yield full_box(b"stco", len(starts).to_bytes(4), *starts)


def _clean_table(name: bytes, body: memoryview) -> Piece:
    """Return a table up to its last entry."""
    count_at = _FULL_BYTES + (4 if name == b"stsz" else 0)
    count = int.from_bytes(take(body, count_at, _COUNT_BYTES))
    entry_bytes = _ENTRY_BYTES.get(name, 0)
    if name == b"stsz" and not int.from_bytes(take(body, _FULL_BYTES, 4)):
        entry_bytes = 4
    return take(body, 0, count_at + _COUNT_BYTES + count * entry_bytes)


def _clean_edits(body: memoryview) -> Piece:
    """Return an edit list up to its last entry (8.6.6)."""
    entry_bytes = 20 if full(body).version else 12
    return take(body, 0, 8 + int.from_bytes(take(body, 4, 4)) * entry_bytes)


def _read_duration(body: memoryview) -> tuple[bytes, bytes]:
    """Return time scale, and duration in eight bytes, of mvhd or mdhd (8.2.2 and 8.4.2)."""
    header = full(body)
    date_bytes = 8 if header.version else 4
    header.rest.take(2 * date_bytes)
    timescale = bytes(header.rest.take(4))
    return timescale, _wide(header.rest.number(date_bytes), body)


def _wide(duration: int, header: memoryview) -> bytes:
    """Return a duration in eight bytes. The largest number in a header stands for an unknown duration."""
    if full(header).version > 1:
        raise NotAnImage
    unknown = duration == (2**64 - 1 if full(header).version else 2**32 - 1)
    return (2**64 - 1 if unknown else duration).to_bytes(8)
