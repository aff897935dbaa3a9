"""AVIF: the image with its tiles and its alpha channel, or the animation, and nothing else.

All boxes are written again, with only the fields that decoding and colour need. Sections are those of ISO/IEC
23008-12 (HEIF), unless another standard is named.
"""

from collections.abc import Callable, Iterator, Sequence

from image_format import NotAnImage, av1
from image_format.avif_items import EXIF, GRID, IMAGE, Item, Items, content, read_items
from image_format.avif_tracks import Movie, read_movie
from image_format.boxes import boxes
from image_format.pieces import Piece, take

from image_metadata.avif_boxes import box, full_box
from image_metadata.avif_properties import clean_properties
from image_metadata.avif_tracks import movie_box
from image_metadata.parts import Parts

type Range = tuple[int, int]
type NewOffset = Callable[[int], int]
"""Returns the offset in the new file for one in the original."""

_BRANDS = frozenset({b"avif", b"avis", b"avio", b"mif1", b"miaf", b"msf1", b"iso8", b"MA1A", b"MA1B"})
_MAX_EXIF_BYTES = 2 * 1024 * 1024
_EXIF_OFFSET_BYTES = 4
_MAX_FILE_BYTES = 2**32 - 1
_HEADER_BYTES = 8
# Units of a bitstream that decoding needs.
_CODED = frozenset(
    {
        av1.Kind.SEQUENCE_HEADER,
        av1.Kind.TEMPORAL_DELIMITER,
        av1.Kind.FRAME_HEADER,
        av1.Kind.TILE_GROUP,
        av1.Kind.FRAME,
        av1.Kind.REDUNDANT_FRAME_HEADER,
    }
)
_EXTENSION_AND_LENGTH = 0x06  # flags of a unit (AV1 specification, 5.3.2)
_GRID_LENGTHS = frozenset({8, 12})  # 6.6.2.3.2


def split(data: bytes) -> Parts:
    """Return the parts of a file that decoding and colour need, and the EXIF data apart from them.

    The transforms of the container (irot, imir, clap) are kept, so the image needs no EXIF orientation, which
    viewers ignore.

    Args:
        data: a file that begins as an AVIF.

    Raises:
        NotAnImage: a part is missing, truncated or there twice, parts overlap, or viewers need a property
            that is unknown here.
    """
    movie = read_movie(data)
    has_items = any(each.name == b"meta" for each in boxes(memoryview(data)))
    items = read_items(data) if has_items or movie is None else None
    kept = _select(data, items) if items else []
    coded = {place for item in kept if item.kind == IMAGE for place in item.ranges}
    coded |= {place for track in movie.tracks for place in track.samples} if movie else set()
    ranges = sorted(coded | {place for item in kept for place in item.ranges})
    _check_ranges(ranges)
    pieces = [piece for place in ranges for piece in _content(data, place, is_coded=place in coded)]
    return Parts(
        kept=[*_headers(data, movie, items, kept, ranges), *pieces],
        hidden_exif=_read_exif(data, items) if items else b"",
        frames=len(movie.tracks[0].samples) if movie else 1,
    )


def _select(data: bytes, items: Items) -> list[Item]:
    """Return the items of the image, of its tiles and of their alpha channels, in the order of the file."""
    alpha = items.alpha(items.image)
    needed = [items.image, *([alpha] if alpha else [])]
    needed += [tile for each in needed for tile in items.tiles(each)]
    # An encoder may give each tile an alpha channel of its own.
    needed += [alpha for each in items.tiles(items.image) if (alpha := items.alpha(each))]
    numbers = {each.number for each in needed}
    kept = [item for item in items.items.values() if item.number in numbers]
    for item in kept:
        length = len(content(data, item))
        if item.protected or (item.kind == GRID and length not in _GRID_LENGTHS):
            raise NotAnImage
    return kept


def _check_ranges(ranges: Sequence[Range]) -> None:
    """Refuse empty and overlapping ranges. The image and the first frame of an animation may be the same."""
    ends = [0, *(end for _, end in ranges)]
    if any(
        start < end_before or start >= end for (start, end), end_before in zip(ranges, ends, strict=False)
    ):
        raise NotAnImage


def _headers(
    data: bytes, movie: Movie | None, items: Items | None, kept: Sequence[Item], ranges: Sequence[Range]
) -> list[Piece]:
    """Return all boxes before the coded pixels, and the header of the box with the pixels."""
    file_type = _file_type(data, movie)
    content_bytes = sum(end - start for start, end in ranges)

    def build(offset: NewOffset) -> list[Piece]:
        meta = [_meta(items, kept, offset)] if items else []
        return [file_type, *meta, *([movie_box(movie, offset)] if movie else [])]

    # Every offset has four bytes, so headers with zeros in place of the offsets have the right length.
    start = sum(map(len, build(lambda _: 0))) + _HEADER_BYTES
    if start + content_bytes > _MAX_FILE_BYTES:
        raise NotAnImage
    offsets = {}
    for place in ranges:
        offsets[place[0]] = start
        start += place[1] - place[0]
    return [*build(offsets.__getitem__), (_HEADER_BYTES + content_bytes).to_bytes(4) + b"mdat"]


def _file_type(data: bytes, movie: Movie | None) -> bytes:
    """Return the file type (ISO/IEC 14496-12, 4.3) with the brands of images."""
    first = next(iter(boxes(memoryview(data))))
    body = bytes(first.body)
    brands = [body[at : at + 4] for at in (0, *range(8, len(body), 4))]
    known = [brand for brand in dict.fromkeys(brands) if brand in _BRANDS]
    if first.name != b"ftyp" or not known:
        raise NotAnImage
    if movie is None:
        known = [brand for brand in known if brand not in {b"avis", b"msf1", b"iso8"}]
        known = list(dict.fromkeys([b"avif", *known]))
    return box(b"ftyp", known[0] + bytes(4) + b"".join(known))


def _meta(items: Items, kept: Sequence[Item], offset: NewOffset) -> bytes:
    """Return the box of the kept items (ISO/IEC 14496-12, 8.11), with new numbers from 1."""
    numbers = {item.number: number for number, item in enumerate(kept, 1)}
    if len(numbers) > 2**16 - 1:
        raise NotAnImage
    return full_box(
        b"meta",
        full_box(b"hdlr", bytes(4) + b"pict" + bytes(13)),
        full_box(b"pitm", numbers[items.primary].to_bytes(2)),
        full_box(
            b"iloc",
            b"\x44\0" + len(kept).to_bytes(2),
            *(
                numbers[item.number].to_bytes(2)
                + b"\0\0\0\1"
                + offset(item.ranges[0][0]).to_bytes(4)
                + (item.ranges[0][1] - item.ranges[0][0]).to_bytes(4)
                for item in kept
            ),
        ),
        full_box(
            b"iinf",
            len(kept).to_bytes(2),
            *(
                full_box(
                    b"infe",
                    numbers[item.number].to_bytes(2) + b"\0\0" + item.kind + b"\0",
                    version=2,
                    flags=int(item.hidden),
                )
                for item in kept
            ),
        ),
        *_references(items, numbers),
        clean_properties([(numbers[item.number], item) for item in kept]),
    )


def _references(items: Items, numbers: dict[int, int]) -> Iterator[bytes]:
    """Yield the box of the references between the items, if there are any (ISO/IEC 14496-12, 8.11.12)."""
    found = []
    for each in items.references:
        targets = [numbers[target] for target in each.targets if target in numbers]
        if each.kind in {b"dimg", b"auxl", b"prem"} and each.source in numbers and targets:
            if len(targets) != len(each.targets):
                raise NotAnImage
            fields = [numbers[each.source], len(targets), *targets]
            found.append(box(each.kind, *(field.to_bytes(2) for field in fields)))
    if found:
        yield full_box(b"iref", *found)


def _content(data: bytes, place: Range, *, is_coded: bool) -> Iterator[Piece]:
    """Yield the content of an item or a frame, with padding instead of metadata in the bitstream.

    The padding has the length of the metadata, so that all lengths in the file stay valid.
    """
    start, end = place
    view = take(memoryview(data), start, end - start)
    if not is_coded:
        yield view
        return
    copied = 0
    for unit in av1.units(view):
        if unit.kind in _CODED:
            continue
        yield view[copied : unit.start]
        yield bytes([av1.Kind.PADDING << 3 | unit.header[0] & _EXTENSION_AND_LENGTH]) + unit.header[1:]
        yield bytes(len(unit.body))
        copied = unit.start + len(unit.header) + len(unit.body)
    yield view[copied:]


def _read_exif(data: bytes, items: Items) -> bytes:
    """Return the EXIF block of the first item that holds one (annex A.2.1), from its TIFF header."""
    for item in items.items.values():
        if item.kind == EXIF and len(item.ranges) == 1:
            start, end = item.ranges[0]
            block = data[start : min(end, start + _MAX_EXIF_BYTES)]
            skipped = int.from_bytes(block[:_EXIF_OFFSET_BYTES])
            return block[_EXIF_OFFSET_BYTES + skipped :]
    return b""
