"""GIF: the screen, the images with their timing, the loop count and an ICC profile, and nothing else.

Sections are those of the GIF89a specification (CompuServe, 1990).
"""

from image_format import NotAnImage, gif
from image_format.gif import Block, Kind
from image_format.icc import trim_profile
from image_format.pieces import Piece, take

from image_metadata.parts import Parts

_GRAPHIC_CONTROL_BYTES = 8
_TRAILER = bytes([Kind.TRAILER])
_ICC = b"ICCRGBG1012"
_MAX_SUB_BLOCK_BYTES = 255


def split(data: bytes) -> Parts:
    """Return the parts for decoding and colour, without comments, texts and data of applications.

    Args:
        data: a file that begins as a GIF.

    Raises:
        NotAnImage: the file breaks the rules or holds no image. The trailer may be missing if the file ends
            where a block ends, and not between a graphic control and its image.
    """
    selection = _Selection()
    for block in gif.blocks(data):
        selection.add(block)
    selection.check_end()
    header = take(memoryview(data), 0, gif.header_bytes(data))
    return Parts(kept=[header, *selection.pieces, _TRAILER], frames=selection.images)


class _Selection:
    """The blocks to keep, in their order."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.images = 0
        self._control: memoryview | None = None
        self._applications: set[bytes] = set()
        self._may_end = False

    def add(self, block: Block) -> None:
        if not block.complete:
            raise NotAnImage
        match block.kind:
            case Kind.IMAGE:
                self._add_image(block)
            case Kind.GRAPHIC_CONTROL:
                # 23: at most one precedes an image, and viewers disagree on the meaning of two. One that
                # precedes a text applies to the image behind the text, because viewers ignore texts (25).
                if self._control is not None or len(block.whole) != _GRAPHIC_CONTROL_BYTES:
                    raise NotAnImage
                self._control = block.whole
                self._may_end = False
            case Kind.APPLICATION:
                self._add_application(block)
            case Kind.STRAY:  # browsers refuse the file, too
                raise NotAnImage
            case Kind.TRAILER:
                self._may_end = True

    def check_end(self) -> None:
        """Refuse a file without an image, or one that ends between a graphic control and its image."""
        if not self._may_end or not self.images:
            raise NotAnImage

    def _add_image(self, block: Block) -> None:
        if self._control is not None:
            self.pieces.append(self._control)
            self._control = None
        self.pieces.append(block.whole)
        self.images += 1
        self._may_end = True

    def _add_application(self, block: Block) -> None:
        name = block.application
        content = _application_data(block)
        if content and name not in self._applications:
            self._applications.add(name)
            self.pieces.append(gif.APPLICATION_START + name + content)


def _application_data(block: Block) -> bytes:
    """Return the sub-blocks of an application extension to keep; empty for an extension that is dropped."""
    repeats = block.repeats()
    if repeats is not None:
        return _to_sub_blocks(b"\1" + repeats.to_bytes(2, "little"))
    if block.application == _ICC:
        return _to_sub_blocks(trim_profile(b"".join(block.application_data())) or b"")
    return b""


def _to_sub_blocks(content: bytes) -> bytes:
    if not content:
        return b""
    parts = (content[at : at + _MAX_SUB_BLOCK_BYTES] for at in range(0, len(content), _MAX_SUB_BLOCK_BYTES))
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"
