"""The items of an AVIF.

An image is an item: pixels in AV1, or a grid of such items, with properties (size, colour, orientation) and
with other items that refer to it (alpha, EXIF).

Sections are those of ISO/IEC 23008-12 (HEIF), unless "14496-12" (boxes) or "AV1-ISOBMFF" is named. The rules
for AVIF are those of the AV1 Image File Format 1.1 of the Alliance for Open Media.
"""

import itertools
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from image_format.avif_properties import Property, find_property, is_alpha
from image_format.boxes import Box, Reader, boxes, find_only_box, full
from image_format.errors import NotAnImage
from image_format.pieces import bounded, take

IMAGE, GRID, EXIF = b"av01", b"grid", b"Exif"
"""Types of items."""

_MAX_ITEMS = 20_000
# Number of bytes of an identifier by version of an infe box.
_INFO_NUMBER_BYTES = {2: 2, 3: 4}
_IDAT = 1  # construction method of content in the box idat


class Item(NamedTuple):
    """An item (14496-12, 8.11).

    Attributes:
        number: identifier of the item.
        kind: `IMAGE`, `GRID`, `EXIF` or another type.
        hidden: True if the item is not displayed by itself.
        protected: True if the content is encrypted.
        ranges: offsets in the file, start and end, of the content.
        properties: in the order in which they apply.
    """

    number: int
    kind: bytes
    hidden: bool
    protected: bool
    ranges: tuple[tuple[int, int], ...]
    properties: tuple[Property, ...]

    def find(self, name: bytes) -> memoryview | None:
        """Return the first property of this type; None if there is none."""
        return find_property(self.properties, name)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, before the transforms (6.5.3).

        Raises:
            NotAnImage: the item has no size.
        """
        fields = full(self.find(b"ispe") or memoryview(b"")).rest
        return fields.number(4), fields.number(4)


class Reference(NamedTuple):
    """A reference from an item to others (14496-12, 8.11.12)."""

    kind: bytes
    source: int
    targets: tuple[int, ...]


class Items(NamedTuple):
    """The content of the meta box.

    Attributes:
        primary: number of the item that is displayed.
        items: by their number.
        references: in the order of the file.
    """

    primary: int
    items: Mapping[int, Item]
    references: tuple[Reference, ...]

    @property
    def image(self) -> Item:
        """The item that is displayed.

        Raises:
            NotAnImage: the item is missing, or is not an image that an AVIF can have.
        """
        found = self.items.get(self.primary)
        if found is None or found.kind not in {IMAGE, GRID}:
            raise NotAnImage
        return found

    def tiles(self, item: Item) -> list[Item]:
        """Return the images of a grid, row by row (6.6.2.3), or the item itself if the item is not a grid.

        Raises:
            NotAnImage: the grid lacks an image, or contains another grid.
        """
        if item.kind != GRID:
            return [item]
        numbers = [
            target
            for each in self.references
            if each.kind == b"dimg" and each.source == item.number
            for target in each.targets
        ]
        found = [self.items[number] for number in numbers if number in self.items]
        if len(found) != len(numbers) or not found or any(each.kind != IMAGE for each in found):
            raise NotAnImage
        return found

    def alpha(self, item: Item) -> Item | None:
        """Return the alpha channel of an image (AVIF, 4.1); None for an image without one."""
        for each in self.references:
            if each.kind == b"auxl" and item.number in each.targets:
                auxiliary = self.items.get(each.source)
                if auxiliary and auxiliary.kind in {IMAGE, GRID} and is_alpha(auxiliary.find(b"auxC")):
                    return auxiliary
        return None


def read_items(data: bytes) -> Items:
    """Return the items of a file.

    Raises:
        NotAnImage: a box is missing, truncated or there twice, or there are more items, ranges or properties
            than any encoder writes.
    """
    view = memoryview(data)
    meta = find_only_box(boxes(view), b"meta")
    if meta.end > len(view):
        raise NotAnImage
    children = {each.name: each for each in boxes(view, meta, 4)}
    if not children.keys() >= {b"pitm", b"iinf", b"iloc", b"iprp"}:
        raise NotAnImage
    primary = full(children[b"pitm"].body)
    idat = children.get(b"idat")
    ranges = dict(_read_locations(children[b"iloc"].body, idat))
    properties = _read_properties(view, children[b"iprp"])
    items = {}
    for number, kind, hidden, protected in bounded(_read_infos(view, children[b"iinf"]), _MAX_ITEMS):
        items[number] = Item(
            number, kind, hidden, protected, tuple(ranges.get(number, ())), properties.get(number, ())
        )
    return Items(
        primary=primary.rest.number(4 if primary.version else 2),
        items=items,
        references=tuple(_read_references(view, children.get(b"iref"))),
    )


def content(data: bytes, item: Item) -> memoryview:
    """Return the content of an item.

    Raises:
        NotAnImage: the content is truncated, empty or cut into several parts, which no encoder does.
    """
    if len(item.ranges) != 1:
        raise NotAnImage
    ((start, end),) = item.ranges
    if start >= end:
        raise NotAnImage
    return take(memoryview(data), start, end - start)


def _read_infos(view: memoryview, iinf: Box) -> Iterator[tuple[int, bytes, bool, bool]]:
    """Yield number and type of each item, and whether it is hidden and protected (14496-12, 8.11.6)."""
    header = full(iinf.body)
    header.rest.number(4 if header.version else 2)
    for each in boxes(view, iinf, header.rest.at):
        info = full(each.body)
        if each.name != b"infe" or info.version not in _INFO_NUMBER_BYTES:
            continue
        number = info.rest.number(_INFO_NUMBER_BYTES[info.version])
        protected = info.rest.number(2) != 0
        yield number, bytes(info.rest.take(4)), bool(info.flags & 1), protected


def _read_locations(iloc: memoryview, idat: Box | None) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Yield the number of each item and its ranges in the file (14496-12, 8.11.3).

    An item whose content is constructed from other items gets no range.
    """
    header = full(iloc)
    reader, version = header.rest, header.version
    if version > 2:  # noqa: PLR2004 - the last version
        raise NotAnImage
    sizes = reader.number(2)
    offset_bytes, length_bytes, base_bytes = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_bytes = sizes & 15 if version else 0
    counted = bounded(itertools.count())
    for _ in range(reader.number(4 if version == 2 else 2)):  # noqa: PLR2004
        number = reader.number(4 if version == 2 else 2)  # noqa: PLR2004
        method = reader.number(2) & 15 if version else 0
        reader.number(2)  # data_reference_index, 0 for this file
        base = reader.number(base_bytes)
        ranges = []
        for _ in range(reader.number(2)):
            next(counted)  # raises NotAnImage after MAX_PIECES
            reader.number(index_bytes)
            start = base + reader.number(offset_bytes)
            length = reader.number(length_bytes)
            if method == _IDAT and idat:
                start += idat.start
                length = min(length, max(0, idat.end - start))
            ranges.append((start, start + length))
        yield number, ranges if method == 0 or (method == _IDAT and idat) else []


def _read_properties(view: memoryview, iprp: Box) -> dict[int, tuple[Property, ...]]:
    """Return the properties of each item (9.3)."""
    children = [*boxes(view, iprp)]
    found = [*boxes(view, find_only_box(children, b"ipco"))]
    counted = bounded(itertools.count())
    properties: dict[int, tuple[Property, ...]] = {}
    for ipma in children:
        if ipma.name != b"ipma":
            continue
        header = full(ipma.body)
        reader = header.rest
        index_bytes = 2 if header.flags & 1 else 1
        essential_flag = 0x80 << 8 * (index_bytes - 1)
        for _ in range(reader.number(4)):
            number = reader.number(4 if header.version else 2)
            associated = []
            for _ in range(reader.number(1)):
                index = reader.number(index_bytes)
                place = index & ~essential_flag
                next(counted)  # raises NotAnImage after MAX_PIECES
                if place > len(found):
                    raise NotAnImage
                if place:  # 0 stands for no property
                    box = found[place - 1]
                    associated.append(Property(box.name, box.body, essential=bool(index & essential_flag)))
            if number in properties:
                raise NotAnImage
            properties[number] = tuple(associated)
    return properties


def _read_references(view: memoryview, iref: Box | None) -> Iterator[Reference]:
    """Yield the references between items (14496-12, 8.11.12)."""
    if iref is None:
        return
    number_bytes = 4 if full(iref.body).version else 2
    counted = bounded(itertools.count())
    for each in boxes(view, iref, 4):
        reader = Reader(each.body)
        source = reader.number(number_bytes)
        targets = []
        for _ in range(reader.number(2)):
            next(counted)  # raises NotAnImage after MAX_PIECES
            targets.append(reader.number(number_bytes))
        yield Reference(kind=each.name, source=source, targets=tuple(targets))
