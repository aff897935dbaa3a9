"""Headers, tables and pixels of every kind of BMP, without the bytes between them."""

import struct
from dataclasses import dataclass

import numpy as np
import pytest
from image_metadata import NotAnImage, clean

from tools.fuzz import samples
from tools.fuzz.oracles import render

WIDTH, HEIGHT = 6, 4
PALETTE = b"".join(bytes([number * 16, 255 - number, number, 0]) for number in range(16))
INDICES = np.arange(WIDTH * HEIGHT, dtype=np.uint8).reshape(HEIGHT, WIDTH) % 16
EIGHT_BITS = b"".join(row.tobytes() + bytes(2) for row in INDICES)
THIRTY_TWO_BITS = bytes(range(WIDTH * HEIGHT * 4))
MASKS = struct.pack("<3I", 0xFF0000, 0xFF00, 0xFF)
RUNS = b"".join(bytes([WIDTH, number, 0, 0]) for number in range(HEIGHT)) + b"\0\1"
RGB, RLE8, BIT_FIELDS = 0, 1, 3


@dataclass(frozen=True, kw_only=True)
class Info:
    """The second header of a BMP, with the fields of BITMAPINFOHEADER."""

    depth: int
    compression: int = RGB
    height: int = HEIGHT
    size: int = 40
    coded_bytes: int = 0
    colours: int = 0

    def pack(self, behind: bytes = b"") -> bytes:
        start = struct.pack("<IiiHHI", self.size, WIDTH, self.height, 1, self.depth, self.compression)
        rest = struct.pack("<IIIII", self.coded_bytes, 2835, 2835, self.colours, 0)
        return (start + rest + behind).ljust(self.size, b"\0")


def file(header: bytes, tables: bytes, pixels: bytes, *, gap: bytes = b"", behind: bytes = b"") -> bytes:
    """A file. One with a gap also has a secret in its first header."""
    pixels_at = 14 + len(header) + len(tables) + len(gap)
    reserved = samples.SECRET[:4] if gap else bytes(4)
    size = pixels_at + len(pixels) + (0 if gap else len(behind))
    start = b"BM" + struct.pack("<I", size) + reserved + struct.pack("<I", pixels_at)
    return start + header + tables + gap + pixels + behind


CORE = struct.pack("<IHHHH", 12, WIDTH, HEIGHT, 1, 8)
KINDS = {
    "palette": (Info(depth=8, colours=16).pack(), PALETTE, EIGHT_BITS),
    "full-palette": (Info(depth=8).pack(), PALETTE * 16, EIGHT_BITS),
    "core-header": (CORE, bytes(range(256)) * 3, EIGHT_BITS),
    "os2-header": (Info(depth=8, colours=16, size=64).pack(), PALETTE, EIGHT_BITS),
    "runs": (Info(depth=8, compression=RLE8, colours=16, coded_bytes=len(RUNS)).pack(), PALETTE, RUNS),
    "true-colour": (Info(depth=32).pack(), b"", THIRTY_TWO_BITS),
    "downwards": (Info(depth=32, height=-HEIGHT).pack(), b"", THIRTY_TWO_BITS),
    "masks": (Info(depth=32, compression=BIT_FIELDS).pack(), MASKS, THIRTY_TWO_BITS),
    "masks-in-the-header": (
        Info(depth=32, compression=BIT_FIELDS, size=108).pack(MASKS + bytes(4) + b"BGRs"),
        b"",
        THIRTY_TWO_BITS,
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_bytes_between_and_behind_the_parts_are_dropped(kind: str) -> None:
    data = file(*KINDS[kind], gap=samples.SECRET, behind=samples.SECRET)
    assert clean(data).data == file(*KINDS[kind])
    assert render(file(*KINDS[kind])) == render(data)


def test_a_palette_beside_true_colour_is_dropped() -> None:
    data = file(Info(depth=32, colours=16).pack(), PALETTE, THIRTY_TWO_BITS)
    assert clean(data).data == file(*KINDS["true-colour"])


def v5(colour_space: bytes, place: int = 0, length: int = 0) -> bytes:
    behind = MASKS + bytes(4) + colour_space + bytes(48) + struct.pack("<IIII", 4, place, length, 0)
    return Info(depth=32, size=124).pack(behind)


AT_THE_END = 124 + len(THIRTY_TWO_BITS)


@pytest.mark.parametrize(
    ("header", "behind", "cleaned"),
    [
        pytest.param(
            v5(b"DEBM", AT_THE_END, len(samples.PROFILE)),
            samples.PROFILE,
            file(v5(b"DEBM", AT_THE_END, len(samples.PROFILE)), b"", THIRTY_TWO_BITS, behind=samples.PROFILE),
            id="embedded",
        ),
        pytest.param(
            v5(b"DEBM", AT_THE_END + 10, len(samples.PROFILE) + 10),
            samples.SECRET + samples.PROFILE + samples.SECRET,
            file(v5(b"DEBM", AT_THE_END, len(samples.PROFILE)), b"", THIRTY_TWO_BITS, behind=samples.PROFILE),
            id="embedded-with-more",
        ),
        pytest.param(
            v5(b"DEBM", AT_THE_END, 10),
            samples.SECRET,
            file(v5(b"BGRs"), b"", THIRTY_TWO_BITS),
            id="embedded-but-none",
        ),
        pytest.param(
            v5(b"KNIL", AT_THE_END, 10), samples.SECRET, file(v5(b"BGRs"), b"", THIRTY_TWO_BITS), id="linked"
        ),
        pytest.param(
            v5(b" niW", AT_THE_END, 10),
            samples.SECRET,
            file(v5(b" niW"), b"", THIRTY_TWO_BITS),
            id="of-windows",
        ),
    ],
)
def test_an_embedded_profile_is_kept_and_the_name_of_a_linked_one_dropped(
    header: bytes, behind: bytes, cleaned: bytes
) -> None:
    data = file(header, b"", THIRTY_TWO_BITS) + behind
    assert clean(data).data == cleaned
    assert clean(cleaned).data == cleaned


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(
            file(Info(depth=8, colours=257).pack(), bytes(4 * 257), EIGHT_BITS), id="too-many-colours"
        ),
        pytest.param(
            file(Info(depth=8, compression=RLE8, colours=16).pack(), PALETTE, RUNS), id="runs-without-length"
        ),
        pytest.param(
            file(Info(depth=32, compression=BIT_FIELDS, size=64).pack(), b"", THIRTY_TWO_BITS), id="huffman"
        ),
        pytest.param(file(Info(depth=32, compression=4).pack(), b"", THIRTY_TWO_BITS), id="jpeg-inside"),
        pytest.param(file(Info(depth=9).pack(), b"", THIRTY_TWO_BITS), id="nine-bits"),
        pytest.param(file(v5(b"DEBM", 10**6, 10), b"", THIRTY_TWO_BITS), id="profile-behind-the-end"),
    ],
)
def test_headers_that_do_not_fit_are_refused(data: bytes) -> None:
    with pytest.raises(NotAnImage):
        clean(data)
