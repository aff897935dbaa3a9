"""The tracks of an animated AVIF, as in a video. Sections are those of ISO/IEC 14496-12."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from image_format.avif_properties import Property, find_property, is_alpha
from image_format.boxes import Box, Reader, boxes, find_only_box, full
from image_format.errors import NotAnImage
from image_format.pieces import check_count

COLOUR, ALPHA = b"pict", b"auxv"
"""Types of tracks (8.4.3)."""

TABLES = (b"stts", b"ctts", b"stss", b"stsc", b"stsz")
"""Boxes of the sample table (8.5 to 8.7) with numbers that do not depend on the place of the samples."""

_BRAND = b"avis"
_CODEC = b"av01"
# 12.1.3: fields of a visual sample entry before its boxes, and the offset of width and height.
_ENTRY_BYTES, _SIZE_AT = 78, 24
_FOREVER = frozenset({2**32 - 1, 2**64 - 1})
_MAX_LOOP_COUNT = 2**31 - 1


class Track(NamedTuple):
    """A track (8.3).

    Attributes:
        number: identifier of the track.
        handler: `COLOUR` or `ALPHA`.
        auxiliary_of: number of the track whose alpha channel this track is; 0: of no track.
        duration: duration with all repetitions, in the time scale of the movie.
        header: content of the box tkhd.
        media_header: content of the box mdhd.
        edits: content of the box elst; None if there is none.
        size: width and height in pixels, before the transforms.
        properties: boxes of the sample entry.
        tables: contents of the `TABLES` that the track has.
        chunks: numbers of samples in each chunk.
        samples: offsets in the file, start and end, of each frame.
    """

    number: int
    handler: bytes
    auxiliary_of: int
    duration: int
    header: memoryview
    media_header: memoryview
    edits: memoryview | None
    size: tuple[int, int]
    properties: tuple[Property, ...]
    tables: Mapping[bytes, memoryview]
    chunks: tuple[int, ...]
    samples: tuple[tuple[int, int], ...]


class Movie(NamedTuple):
    """An animation.

    Attributes:
        header: content of the box mvhd.
        tracks: the track that is displayed, and its alpha channel if it has one.
    """

    header: memoryview
    tracks: tuple[Track, ...]

    @property
    def loop_count(self) -> int:
        """Number of times that the animation is played; 0, the default: forever.

        A higher number than 2**31 - 1, the maximum of an APNG, counts as that maximum. Source: AV1 Image File
        Format, 7, and 8.6.6.
        """
        track = self.tracks[0]
        if track.edits is None:
            return 0
        edits = full(track.edits)
        edits.rest.number(4)
        segment = edits.rest.number(8 if edits.version else 4)
        if not edits.flags & 1:
            return 1
        if track.duration in _FOREVER or not segment:
            return 0
        return min(-(-track.duration // segment), _MAX_LOOP_COUNT)


def read_movie(data: bytes) -> Movie | None:
    """Return the animation that is displayed; None for a file whose image is displayed.

    Viewers display the animation only if `avis` is the first brand of the file.

    Raises:
        NotAnImage: a box is missing, truncated or there twice, or there are too many frames.
    """
    view = memoryview(data)
    top = [*boxes(view)]
    if not top or bytes(top[0].body[:4]) != _BRAND or not any(each.name == b"moov" for each in top):
        return None
    moov = _children(view, top, b"moov")
    tracks = [track for each in moov if each.name == b"trak" if (track := _read_track(view, each))]
    colour = next((track for track in tracks if track.handler == COLOUR), None)
    if colour is None:
        raise NotAnImage
    alpha = [
        track
        for track in tracks
        if track.handler == ALPHA and track.auxiliary_of == colour.number and _may_be_alpha(track)
    ]
    return Movie(header=find_only_box(moov, b"mvhd").body, tracks=(colour, *alpha[:1]))


def _may_be_alpha(track: Track) -> bool:
    """Return True for an auxiliary track of type alpha (HEIF, 7.5.3), or without a type, as in libavif."""
    kind = find_property(track.properties, b"auxi")
    return kind is None or is_alpha(kind)


def _read_track(view: memoryview, trak: Box) -> Track | None:
    """Return a track; None for one without images."""
    children = [*boxes(view, trak)]
    media = _children(view, children, b"mdia")
    handler = bytes(find_only_box(media, b"hdlr").body[8:12])
    if handler not in {COLOUR, ALPHA}:
        # libavif ignores the handler, and would display a track with coded images.
        if _CODEC in bytes(trak.body):
            raise NotAnImage
        return None
    table = _children(view, _children(view, media, b"minf"), b"stbl")
    header = find_only_box(children, b"tkhd").body
    number, duration = _read_track_header(header)
    size, properties = _read_entry(view, find_only_box(table, b"stsd"))
    found = {
        name: find_only_box(table, name).body for name in TABLES if any(each.name == name for each in table)
    }
    chunks, samples = _read_samples(table)
    edits = _children(view, children, b"edts") if any(each.name == b"edts" for each in children) else []
    return Track(
        number=number,
        handler=handler,
        auxiliary_of=_read_auxiliary(view, children),
        duration=duration,
        header=header,
        media_header=find_only_box(media, b"mdhd").body,
        edits=next((each.body for each in edits if each.name == b"elst"), None),
        size=size,
        properties=properties,
        tables=found,
        chunks=chunks,
        samples=samples,
    )


def _read_track_header(body: memoryview) -> tuple[int, int]:
    """Return number and duration of a track (8.3.2)."""
    header = full(body)
    date_bytes = 8 if header.version else 4
    header.rest.take(2 * date_bytes)
    number = header.rest.number(4)
    header.rest.take(4)
    return number, header.rest.number(date_bytes)


def _read_auxiliary(view: memoryview, children: Sequence[Box]) -> int:
    """Return the number of the track whose alpha channel this track is (8.3.3); 0: none."""
    for each in children:
        if each.name == b"tref":
            for reference in boxes(view, each):
                if reference.name == b"auxl":
                    return Reader(reference.body).number(4)
    return 0


def _read_entry(view: memoryview, stsd: Box) -> tuple[tuple[int, int], tuple[Property, ...]]:
    """Return the size and the boxes of the only sample entry (12.1.3)."""
    entries = [*boxes(view, stsd, 8)]
    if len(entries) != 1 or entries[0].name != _CODEC:
        raise NotAnImage
    fields = Reader(entries[0].body)
    fields.take(_SIZE_AT)
    size = fields.number(2), fields.number(2)
    fields.take(_ENTRY_BYTES - fields.at)
    inner = boxes(view, entries[0], _ENTRY_BYTES)
    return size, tuple(Property(each.name, each.body, essential=False) for each in inner)


def _read_samples(table: Sequence[Box]) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
    """Return the number of samples in each chunk, and the place of each sample (8.7)."""
    sizes = _read_sizes(find_only_box(table, b"stsz").body)
    starts = _read_offsets(table)
    chunks: list[int] = []
    for first, per_chunk, next_first in _runs(find_only_box(table, b"stsc").body, len(starts) + 1):
        if first != len(chunks) + 1 or next_first <= first or next_first > len(starts) + 1 or per_chunk < 1:
            raise NotAnImage
        chunks += [per_chunk] * (next_first - first)
    if len(chunks) != len(starts) or sum(chunks) != len(sizes) or not sizes:
        raise NotAnImage
    samples, remaining = [], iter(sizes)
    for start, count in zip(starts, chunks, strict=True):
        at = start
        for _ in range(count):
            end = at + next(remaining)
            samples.append((at, end))
            at = end
    return tuple(chunks), tuple(samples)


def _read_sizes(stsz: memoryview) -> list[int]:
    reader = full(stsz).rest
    same, count = reader.number(4), check_count(reader.number(4))
    return [same or reader.number(4) for _ in range(count)]


def _read_offsets(table: Sequence[Box]) -> list[int]:
    name, offset_bytes = (b"stco", 4) if any(each.name == b"stco" for each in table) else (b"co64", 8)
    reader = full(find_only_box(table, name).body).rest
    return [reader.number(offset_bytes) for _ in range(check_count(reader.number(4)))]


def _runs(stsc: memoryview, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield first chunk, samples per chunk, and the first chunk of the next run (8.7.4)."""
    reader = full(stsc).rest
    count = check_count(reader.number(4))
    if not count:
        raise NotAnImage
    runs = [(reader.number(4), reader.number(4), reader.number(4)) for _ in range(count)]
    firsts = [first for first, *_ in runs[1:]]
    for (first, per_chunk, entry), following in zip(runs, [*firsts, end], strict=True):
        if entry != 1:
            raise NotAnImage
        yield first, per_chunk, following


def _children(view: memoryview, siblings: Sequence[Box], name: bytes) -> list[Box]:
    return [*boxes(view, find_only_box(siblings, name))]
