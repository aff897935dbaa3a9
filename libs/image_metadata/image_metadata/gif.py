"""GIF: the screen, the pictures with their timing, the loop, an ICC profile, and nothing else.

Sections are those of the GIF89a specification (CompuServe, 1990).
"""

from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

from image_format import NotAnImage

from image_metadata.icc import trimmed_profile
from image_metadata.reading import Parts, Piece, bounded, take

_SCREEN_BYTES = 13
_EXTENSION, _TRAILER = 0x21, 0x3B
_GRAPHIC_CONTROL_BYTES = 8
_DESCRIPTOR_BYTES = 10
# 26: introducer, label, length, eight bytes of identifier and three of authentication, then the sub-blocks.
_APPLICATION_START = b"\x21\xff\x0b"
_APPLICATION_HEADER_BYTES = 14
_LOOPS = frozenset({b"NETSCAPE2.0", b"ANIMEXTS1.0"})
_LOOP_BYTES = 3
_ICC = b"ICCRGBG1012"
_LONGEST_SUB_BLOCK = 255
# Encoders fill them: 64 MB are 263,000. Of one byte each, they would be 32 million.
_MOST_SUB_BLOCKS = 1_000_000


def take_apart(data: bytes) -> Parts:
    """Tell what decoding and colour need from comments, texts and what applications added.

    Args:
        data: a file that begins as a GIF.

    Raises:
        NotAnImage: it breaks the rules or holds no picture. The trailer may be missing: the file then has to
            end where a block ends, and not before the picture that a graphic control is for.
    """
    view = memoryview(data)
    start = _SCREEN_BYTES + _palette_bytes(take(view, 0, _SCREEN_BYTES)[10])
    kept = _Kept()
    for block in bounded(_blocks(view, start)):
        kept.add(block)
    if not kept.pictures:
        raise _damaged()
    return Parts(kept=[take(view, 0, start), *kept.pieces, bytes([_TRAILER])], frames=kept.pictures)


class _Kind(IntEnum):
    """How a block begins: a picture with its introducer, an extension with its introducer and label."""

    PICTURE = 0x2C
    GRAPHIC_CONTROL = 0x21F9
    APPLICATION = 0x21FF


class _Block(NamedTuple):
    """A picture or an extension: how it begins, and all of it as it stands."""

    kind: int
    whole: memoryview


class _Kept:
    """What stays of the blocks, in their order."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.pictures = 0
        self._control: memoryview | None = None
        self._applications: set[bytes] = set()

    def add(self, block: _Block) -> None:
        match block.kind:
            case _Kind.PICTURE:
                self._add_picture(block)
            case _Kind.GRAPHIC_CONTROL:
                # 23: at most one before a picture. One before a text counts for the picture behind, because
                # viewers ignore texts (25). What two of them mean viewers do not agree on.
                if self._control is not None or len(block.whole) != _GRAPHIC_CONTROL_BYTES:
                    raise _damaged()
                self._control = block.whole
            case _Kind.APPLICATION:
                self._add_application(block)

    def _add_picture(self, block: _Block) -> None:
        if self._control is not None:
            self.pieces.append(self._control)
            self._control = None
        self.pieces.append(block.whole)
        self.pictures += 1

    def _add_application(self, block: _Block) -> None:
        name = bytes(block.whole[len(_APPLICATION_START) : _APPLICATION_HEADER_BYTES])
        content = _application(name, block.whole)
        if content and name not in self._applications:
            self._applications.add(name)
            self.pieces.append(_APPLICATION_START + name + content)


def _application(name: bytes, whole: memoryview) -> bytes:
    """The sub-blocks of an application extension that is needed, or nothing."""
    if whole[: len(_APPLICATION_START)] != _APPLICATION_START:
        return b""
    if name in _LOOPS:
        # Netscape's sub-block 1 holds the number of loops; number 2, the size of a buffer, nobody asks for.
        loops = [part for part in bounded(_sub_blocks(whole)) if len(part) >= _LOOP_BYTES and part[0] == 1]
        return _in_sub_blocks(loops[0][:_LOOP_BYTES]) if loops else b""
    if name == _ICC:
        return _in_sub_blocks(trimmed_profile(b"".join(bounded(_sub_blocks(whole)))) or b"")
    return b""


def _blocks(view: memoryview, at: int) -> Iterator[_Block]:
    """Every block up to the trailer or the end. A byte that begins none is an error, as it is to browsers."""
    counted = iter(range(_MOST_SUB_BLOCKS))
    ends_with_picture = False
    while (introducer := _introducer(view, at, may_end=ends_with_picture)) != _TRAILER:
        if introducer == _Kind.PICTURE:
            kind = introducer
            flags = take(view, at, _DESCRIPTOR_BYTES)[9]
            # 22: before the coded pixels a byte tells the size of their codes.
            content_at = at + _DESCRIPTOR_BYTES + _palette_bytes(flags) + 1
        elif introducer == _EXTENSION:
            kind = int.from_bytes(take(view, at, 2))
            content_at = at + 2
        else:
            raise _damaged()
        end = _after_sub_blocks(view, content_at, counted)
        ends_with_picture = kind == _Kind.PICTURE or (ends_with_picture and kind != _Kind.GRAPHIC_CONTROL)
        yield _Block(kind=kind, whole=view[at:end])
        at = end


def _introducer(view: memoryview, at: int, *, may_end: bool) -> int:
    """The first byte of a block. A missing trailer is one, where the file may end."""
    return _TRAILER if may_end and at == len(view) else take(view, at, 1)[0]


def _palette_bytes(flags: int) -> int:
    """18 and 20: the highest bit says that a colour table follows, the lowest three say how large it is."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_sub_blocks(view: memoryview, at: int, counted: Iterator[int]) -> int:
    """15 and 16: a length before each sub-block, 0 after the last. What counts them is that of the file."""
    for _ in counted:
        if at >= len(view):
            raise NotAnImage("The GIF picture is incomplete.")
        length = view[at]
        at += 1 + length
        if length == 0:
            return at
    raise NotAnImage("The picture is cut into too many pieces.")


def _sub_blocks(whole: memoryview) -> Iterator[bytes]:
    at = _APPLICATION_HEADER_BYTES
    while length := whole[at]:
        yield bytes(whole[at + 1 : at + 1 + length])
        at += 1 + length


def _in_sub_blocks(content: bytes) -> bytes:
    if not content:
        return b""
    parts = (content[at : at + _LONGEST_SUB_BLOCK] for at in range(0, len(content), _LONGEST_SUB_BLOCK))
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def _damaged() -> NotAnImage:
    return NotAnImage("The GIF picture is damaged.")
