"""The boxes of the ISO base media file format."""

import struct

import pytest
from image_format import NotAnImage
from image_format.boxes import MAX_BOXES, Reader, boxes, full


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + name + body


def test_boxes_are_yielded_with_their_places() -> None:
    data = memoryview(box(b"ftyp", b"avif") + box(b"free", b"") + box(b"mdat", b"abc") + b"odd")
    assert [(each.name, each.start, each.end, bytes(each.body)) for each in boxes(data)] == [
        (b"ftyp", 8, 12, b"avif"),
        (b"free", 20, 20, b""),
        (b"mdat", 28, 31, b"abc"),
    ]


def test_a_length_may_have_64_bits_or_mean_the_rest() -> None:
    large = struct.pack(">I4sQ", 1, b"mdat", 19) + b"abc"
    rest = struct.pack(">I4s", 0, b"mdat") + b"abcd"
    first, second = boxes(memoryview(large + rest))
    assert (first.start, first.end, bytes(first.body)) == (16, 19, b"abc")
    assert (second.end, bytes(second.body)) == (len(large + rest), b"abcd")


def test_boxes_within_a_box() -> None:
    data = memoryview(box(b"free", b"") + box(b"meta", b"full" + box(b"pitm", b"ab") + box(b"idat", b"c")))
    _, meta = boxes(data)
    assert [(each.name, each.start, bytes(each.body)) for each in boxes(data, meta, 4)] == [
        (b"pitm", 28, b"ab"),
        (b"idat", 38, b"c"),
    ]


@pytest.mark.parametrize("missing", range(1, 4))
def test_a_truncated_box_ends_behind_the_file(missing: int) -> None:
    data = box(b"mdat", b"abc")
    (found,) = boxes(memoryview(data[:-missing]))
    assert (found.end, bytes(found.body)) == (len(data), b"abc"[:-missing])


@pytest.mark.parametrize(
    "data",
    [
        struct.pack(">I4s", 7, b"free"),
        struct.pack(">I4sQ", 1, b"free", 15),
        struct.pack(">I4sI", 1, b"free", 0),
        box(b"free", b"") * (MAX_BOXES + 1),
    ],
    ids=["too short", "too short in 64 bits", "half of 64 bits", "too many"],
)
def test_boxes_that_break_the_rules(data: bytes) -> None:
    with pytest.raises(NotAnImage):
        list(boxes(memoryview(data)))


def test_a_box_that_exceeds_its_parent_is_refused() -> None:
    data = memoryview(box(b"meta", struct.pack(">I4s", 9, b"free")) + bytes(8))
    (meta, *_) = boxes(data[:16])
    with pytest.raises(NotAnImage):
        list(boxes(data, meta))


def test_full_boxes_and_numbers() -> None:
    content = full(memoryview(b"\1\0\0\2\xff\xfe\7"))
    assert (content.version, content.flags) == (1, 2)
    assert (content.rest.number(2), content.rest.number(0), content.rest.remaining) == (0xFFFE, 0, 1)
    with pytest.raises(NotAnImage):
        content.rest.number(2)
    with pytest.raises(NotAnImage):
        full(memoryview(b"\0\0\0"))
    assert bytes(Reader(memoryview(b"abc")).take(2)) == b"ab"
