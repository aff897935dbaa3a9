"""The properties of an AVIF that are kept, each with exactly its fields.

Sections are those of ISO/IEC 23008-12 (HEIF), unless another standard is named.
"""

from collections.abc import Sequence

from image_format import NotAnImage, av1
from image_format.avif_items import Item
from image_format.avif_properties import TRANSFORMS, Property, is_alpha
from image_format.icc import trim_profile
from image_format.pieces import Piece

from image_metadata.avif_boxes import box, full_box

# Properties of a fixed length: size, aspect ratio, crop, rotation, mirror, and volume of the colours (6.5);
# layers of AV1 (AVIF, 2.3.2).
_LENGTHS = {
    b"ispe": 12,
    b"pasp": 8,
    b"clap": 32,
    b"irot": 1,
    b"imir": 1,
    b"clli": 4,
    b"mdcv": 24,
    b"a1op": 1,
    b"lsel": 2,
    b"ccst": 8,
}
_LAYERS_LENGTHS = {0: 7, 1: 13}
_PIXI_BYTES, _NCLX_BYTES = 5, 11
_CODEC_BYTES, _CODEC_START = 4, 0x81
_MAX_INDEX = 127


def clean_properties(items: Sequence[tuple[int, Item]]) -> bytes:
    """Return the box of the properties of these items, with their new numbers (9.3).

    Raises:
        NotAnImage: an item has a property twice, or one that must not be ignored and is unknown.
    """
    indices: dict[bytes, int] = {}
    associations = []
    for number, item in items:
        own = [
            (indices.setdefault(cleaned, len(indices) + 1), each.essential)
            for each in item.properties
            if (cleaned := clean_property(each))
        ]
        check_once(item.properties)
        associations.append((number, own))
    wide = len(indices) > _MAX_INDEX
    index_bytes, essential = (2, 0x8000) if wide else (1, 0x80)
    lists = [
        number.to_bytes(2)
        + bytes([len(own)])
        + b"".join((index | (essential if needed else 0)).to_bytes(index_bytes) for index, needed in own)
        for number, own in associations
    ]
    ipma = full_box(b"ipma", len(lists).to_bytes(4), *lists, flags=int(wide))
    return box(b"iprp", box(b"ipco", *indices), ipma)


def clean_property(each: Property) -> bytes:
    """Return the box of a property with nothing but its fields; empty for a property that is dropped.

    Raises:
        NotAnImage: the property is damaged, or must not be ignored and is unknown.
    """
    content = _clean(each.name, each.body)
    if content is None:
        if each.essential:
            raise NotAnImage
        return b""
    return box(each.name, content)


def check_once(properties: Sequence[Property]) -> None:
    """Refuse repeated properties, and transforms in another order: viewers disagree on such files."""
    names = [each.name + (bytes(each.body[:4]) if each.name == b"colr" else b"") for each in properties]
    kept = [name for name in names if name[:4] in {*_LENGTHS, b"colr", b"pixi", b"av1C", b"auxC", b"a1lx"}]
    transforms = [name for name in names if name in TRANSFORMS]
    if len(kept) != len(set(kept)) or transforms != sorted(transforms, key=TRANSFORMS.index):
        raise NotAnImage


def _clean(name: bytes, body: memoryview) -> Piece | None:
    """Return the fields of a property; None if it is dropped."""
    match name:
        case b"colr":
            return _clean_colour(body)
        case b"av1C":
            return _clean_codec(body)
        case b"auxC" | b"auxi":  # 6.5.8: the type, and data for types other than alpha
            return bytes(4) + bytes(body[4:]).partition(b"\0")[0] + b"\0" if is_alpha(body) else None
    length = _length(name, body)
    return None if length is None else _require(body, length)


def _length(name: bytes, body: memoryview) -> int | None:
    """Return the only valid length of a property; None for unknown ones."""
    match name:
        case b"pixi":  # 6.5.6: the number of channels stands behind version and flags
            return _PIXI_BYTES + int.from_bytes(body[_PIXI_BYTES - 1 : _PIXI_BYTES])
        case b"a1lx":  # AVIF, 2.3.2.3
            return _LAYERS_LENGTHS[int.from_bytes(body[:1]) & 1]
    return _LENGTHS.get(name)


def _require(body: memoryview, length: int) -> memoryview:
    if len(body) != length:
        raise NotAnImage
    return body


def _clean_colour(body: memoryview) -> Piece | None:
    """Return code points or an ICC profile (ISO/IEC 14496-12, 12.1.5); None for an incomplete profile."""
    kind = bytes(body[:4])
    if kind == b"nclx":
        return _require(body, _NCLX_BYTES)
    profile = trim_profile(bytes(body[4:])) if kind in {b"prof", b"rICC"} else None
    return kind + profile if profile else None


def _clean_codec(body: memoryview) -> bytes:
    """Return the configuration of the decoder with only the sequence header (AV1-ISOBMFF, 2.3)."""
    if len(body) < _CODEC_BYTES or body[0] != _CODEC_START:
        raise NotAnImage
    units = av1.units(body[_CODEC_BYTES:])
    kept = [bytes(each.header) + bytes(each.body) for each in units if each.kind == av1.Kind.SEQUENCE_HEADER]
    return bytes(body[:_CODEC_BYTES]) + b"".join(kept)
