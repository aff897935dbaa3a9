"""The blocks of a GIF."""

import struct

import pytest
from image_format import NotAnImage
from image_format.gif import Kind, blocks, dimensions

HEADER = b"GIF89a" + struct.pack("<HHBBB", 5, 4, 0, 0, 0)
CONTROL = b"\x21\xf9\4\0\0\0\0\0"
COMMENT = b"\x21\xfe\2ab\0"


def frame(left: int, top: int, width: int, height: int) -> bytes:
    return b"," + struct.pack("<4HB", left, top, width, height, 0) + b"\2\2\x4c\1\0"


LOOP = b"\x21\xff\x0bNETSCAPE2.0\3\1\7\0\0"


def test_blocks_are_yielded_up_to_the_trailer() -> None:
    pieces = [CONTROL, frame(0, 0, 5, 4), COMMENT, LOOP, b"\0", b";"]
    found = list(blocks(HEADER + b"".join(pieces) + frame(0, 0, 5, 4)))
    assert [bytes(block.whole) for block in found] == pieces
    assert [block.kind for block in found] == [
        Kind.GRAPHIC_CONTROL,
        Kind.IMAGE,
        0x21FE,
        Kind.APPLICATION,
        Kind.STRAY,
        Kind.TRAILER,
    ]
    assert all(block.complete for block in found)


@pytest.mark.parametrize("block", [CONTROL, COMMENT, LOOP, frame(0, 0, 5, 4)])
def test_a_truncated_block_is_not_complete(block: bytes) -> None:
    for length in range(1, len(block)):
        (found,) = blocks(HEADER + block[:length])
        assert not found.complete
        assert found.whole == block[:length]


def test_a_truncated_header_is_refused() -> None:
    for length in range(len(HEADER)):
        with pytest.raises(NotAnImage):
            list(blocks(HEADER[:length]))


@pytest.mark.parametrize(
    ("block", "repeats"),
    [
        (LOOP, 7),
        (b"\x21\xff\x0bANIMEXTS1.0\3\1\0\0\0", 0),
        (b"\x21\xff\x0bNETSCAPE2.0\5\2\0\0\0\0\3\1\1\1\0", 257),  # behind the size of a buffer
        (b"\x21\xff\x0bNETSCAPE2.0\2\1\7\0", None),
        (b"\x21\xff\x0bNETSCAPE2.0\0", None),
        (b"\x21\xff\x0bXMP DataXMP\3\1\7\0\0", None),
        (COMMENT, None),
    ],
)
def test_the_number_of_repetitions(block: bytes, repeats: int | None) -> None:
    assert [found.repeats() for found in blocks(HEADER + block)] == [repeats]


def test_the_canvas_grows_for_the_first_frame() -> None:
    assert dimensions(HEADER + b";") == (5, 4)
    assert dimensions(HEADER + CONTROL + frame(1, 0, 3, 4) + frame(9, 9, 9, 9) + b";") == (5, 4)
    assert dimensions(HEADER + frame(4, 2, 5, 6) + b";") == (9, 8)
