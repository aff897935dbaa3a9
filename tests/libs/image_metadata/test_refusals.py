"""Files that break the rules of their format are refused with a sentence for users."""

import struct
from itertools import count
from pathlib import Path

import pytest
from image_metadata import NotAnImage, clean, read_exif

from tools.fuzz import samples

BROKEN = Path(__file__).parents[2] / "images" / "broken"

JPEG = samples.split_jpeg(samples.file_of(samples.sample_image(), "JPEG"))
SOI, FRAME, SCAN, EOI = JPEG[0], next(piece for piece in JPEG if piece[1] == 0xC0), JPEG[-2], JPEG[-1]
QUANTIZATION = [piece for piece in JPEG if piece[1] == 0xDB]
HUFFMAN = [piece for piece in JPEG if piece[1] == 0xC4]
TABLES = [*QUANTIZATION, *HUFFMAN]
PNG = samples.split_png(samples.file_of(samples.sample_image("P"), "PNG", transparency=bytes(16)))
WITHOUT_TRANSPARENCY = [piece for piece in PNG if piece[4:8] != b"tRNS"]
APNG = samples.split_png(samples.apng())
GIF = samples.split_gif(samples.animated("GIF", "P"))
CONTROL = b"\x21\xf9\4\0\0\0\0\0"
WEBP_FILE = samples.file_of(samples.sample_image(), "WEBP")
SIMPLE_WEBP = samples.split_riff(WEBP_FILE[12:])
WEBP = samples.split_riff(samples.animated("WEBP")[12:])
BMP = samples.file_of(samples.sample_image("P"), "BMP")


def jpeg(*pieces: bytes) -> bytes:
    return b"".join([SOI, *pieces, EOI])


def png(*pieces: bytes) -> bytes:
    return b"".join([PNG[0], *pieces, PNG[-1]])


def without(pieces: list[bytes], name: bytes) -> bytes:
    return b"".join(piece for piece in pieces if piece[4:8] != name)


def replace(pieces: list[bytes], name: bytes, chunk: bytes) -> bytes:
    return b"".join(chunk if piece[4:8] == name else piece for piece in pieces)


def swap(pieces: list[bytes], one: int, other: int) -> bytes:
    pieces = list(pieces)
    pieces[one], pieces[other] = pieces[other], pieces[one]
    return b"".join(pieces)


def animation(before: list[bytes], after: list[bytes], length_of: dict[bytes, int] | None = None) -> bytes:
    """An APNG with these chunks of frames before and after the pixels, numbered as they must be."""
    lengths = {b"fcTL": 26, b"fdAT": 8} | (length_of or {})
    numbers = count()
    frames = [*before, *after].count(b"fcTL")
    control = samples.chunk(b"acTL", struct.pack(">LL", frames, 0))

    def make(name: bytes) -> bytes:
        if name == b"acTL":
            return control
        return samples.chunk(name, next(numbers).to_bytes(4).ljust(lengths[name], b"\0")[: lengths[name]])

    *start, pixels, end = WITHOUT_TRANSPARENCY
    return b"".join([*start, control, *map(make, before), pixels, *map(make, after), end])


def longer(piece: bytes) -> bytes:
    return samples.segment(piece[1], piece[4:] + b"\0")


def bmp(at: int, value: int) -> bytes:
    return BMP[:at] + struct.pack("<I", value) + BMP[at + 4 :]


OTHER_KINDS = {
    "nothing": b"",
    "text": b"This is a text.",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "tiff": b"II*\0\x08\0\0\0\0\0",
    "rifx": b"RIFX" + WEBP_FILE[4:],
    "wave": b"RIFF\4\0\0\0WAVE",
    **{
        f"signature-{number}": start
        for number, start in enumerate(
            [b"\xff\xd8\xff", PNG[0], b"GIF87a", b"GIF89a", b"BM", b"RIFF\4\0\0\0WEBP", b"\0\0\0\x10ftypavif"]
        )
    },
}
JPEGS = {
    "no-frame": jpeg(*TABLES, SCAN),
    "no-scan": jpeg(*TABLES, FRAME),
    "two-frames": jpeg(*TABLES, FRAME, FRAME, SCAN),
    "second-frame-behind-the-scan": jpeg(*TABLES, FRAME, SCAN, FRAME),
    "scan-before-frame": jpeg(*TABLES, SCAN, FRAME, SCAN),
    "hierarchical-frame": jpeg(*TABLES, samples.segment(0xC5, FRAME[4:]), SCAN),
    "image-in-the-image": jpeg(*TABLES, SOI, FRAME, SCAN),
    "restart-outside-a-scan": jpeg(b"\xff\xd0", *TABLES, FRAME, SCAN),
    "reserved-marker": jpeg(samples.segment(0x02, samples.SECRET), *TABLES, FRAME, SCAN),
    "length-below-two": jpeg(b"\xff\xfe\0\1", *TABLES, FRAME, SCAN),
    "long-frame": jpeg(*TABLES, longer(FRAME), SCAN),
    "long-scan-header": jpeg(*TABLES, FRAME, longer(SCAN[:14]) + SCAN[14:]),
    "long-quantization": jpeg(*map(longer, QUANTIZATION), *HUFFMAN, FRAME, SCAN),
    "long-huffman": jpeg(*QUANTIZATION, *map(longer, HUFFMAN), FRAME, SCAN),
    "short-huffman": jpeg(*TABLES, samples.segment(0xC4, b"\0" + b"\1" * 16), FRAME, SCAN),
    "no-components": jpeg(*TABLES, samples.segment(0xC0, FRAME[4:9] + b"\0"), SCAN),
    "long-restart-interval": jpeg(samples.segment(0xDD, b"\0\0\0"), *TABLES, FRAME, SCAN),
    "conditioning-of-no-table": jpeg(samples.segment(0xCC, samples.SECRET), *TABLES, FRAME, SCAN),
    "conditioning-twice": jpeg(samples.segment(0xCC, b"\0\x10\0\5"), *TABLES, FRAME, SCAN),
    "half-a-conditioning": jpeg(samples.segment(0xCC, b"\0\x10\x10"), *TABLES, FRAME, SCAN),
    "odd-arithmetic-table": jpeg(samples.segment(0xCC, b"\0\0\0"), *TABLES, FRAME, SCAN),
}
PNGS = {
    "unknown-critical-chunk": png(*PNG[1:-1], samples.chunk(b"CgBI", b"\0")),
    "divided-pixels": png(*PNG[1:-1], samples.chunk(b"tEXt", b"a\0b"), PNG[-2]),
    "two-headers": png(PNG[1], *PNG[1:-1]),
    "no-header": png(*PNG[2:-1]),
    "short-header": replace(PNG, b"IHDR", samples.chunk(b"IHDR", PNG[1][8:20])),
    "no-pixels": without(PNG, b"IDAT"),
    "late-palette": png(*PNG[1:-1], samples.chunk(b"PLTE", bytes(3))),
    "odd-palette": replace(WITHOUT_TRANSPARENCY, b"PLTE", samples.chunk(b"PLTE", bytes(49))),
    "short-frame-control": animation([b"fcTL"], [], length_of={b"fcTL": 25}),
    "long-frame-control": animation([b"fcTL"], [], length_of={b"fcTL": 27}),
    "short-frame-pixels": animation([b"fcTL"], [b"fcTL", b"fdAT"], length_of={b"fdAT": 3}),
    "frame-without-pixels": animation([b"fcTL"], [b"fcTL", b"fcTL", b"fdAT"]),
    "pixels-before-their-frame": animation([], [b"fdAT", b"fcTL"]),
    "two-frames-of-the-same-pixels": animation([b"fcTL", b"fcTL"], []),
    "announced-twice": animation([b"acTL", b"fcTL"], []),
    "no-colours": replace(PNG, b"PLTE", samples.chunk(b"PLTE", b"")),
    "too-many-colours": replace(PNG, b"PLTE", samples.chunk(b"PLTE", bytes(3 * 257))),
    "wrong-checksum": b"".join(piece[:-1] + b"?" if piece[4:8] == b"IDAT" else piece for piece in PNG),
    "announced-frame-is-missing": b"".join(APNG[:-3] + APNG[-1:]),
    "frames-out-of-order": swap(APNG, -4, -2),
    "frame-without-control": without(APNG, b"fcTL"),
    "no-frames": replace(PNG, b"tRNS", samples.chunk(b"acTL", bytes(8))),
    "long-animation-control": replace(
        APNG, b"acTL", samples.chunk(b"acTL", b"\0\0\0\3\0\0\0\0" + samples.SECRET)
    ),
}
GIFS = {
    "no-image": GIF[0] + b";",
    "bytes-between": GIF[0] + b"\0" + b"".join(GIF[1:]),
    "two-controls": b"".join([GIF[0], CONTROL * 2, *GIF[1:]]),
    "two-controls-with-a-text-between": b"".join([GIF[0], CONTROL, samples.PLAIN_TEXT, *GIF[1:]]),
    "long-control": b"".join([GIF[0], b"\x21\xf9\5\0\0\0\0\0\0", *GIF[3:]]),
}
WEBPS = {
    "no-image": samples.webp_file([WEBP[0][:8] + b"\0" + WEBP[0][9:]]),
    "no-frames": samples.webp_file([piece for piece in WEBP if piece[:4] != b"ANMF"]),
    "no-animation-control": samples.webp_file([piece for piece in WEBP if piece[:4] != b"ANIM"]),
    "empty-frame": samples.webp_file([*WEBP, samples.riff(b"ANMF", bytes(16))]),
    "short-features": samples.webp_file([samples.riff(b"VP8X", WEBP[0][8:16]), *WEBP[1:]]),
    "unknown-chunk-before-a-simple-image": samples.webp_file([samples.riff(b"PRVT", b""), *SIMPLE_WEBP]),
    "unknown-chunk-first": samples.webp_file([samples.riff(b"PRVT", b""), *WEBP]),
}
BMPS = {
    "unknown-header": bmp(14, 41),
    "pixels-in-the-palette": bmp(10, 60),
    "pixels-behind-the-end": bmp(10, len(BMP)),
    "no-width": bmp(18, 0),
    "negative-width": bmp(18, 2**32 - 48),
    "endless-height": bmp(22, 2**31 - 1),
}
TOO_MANY_PIECES = {
    "jpeg": jpeg(samples.segment(0xFE, b"") * 100_001, *TABLES, FRAME, SCAN),
    "png": png(PNG[1], samples.chunk(b"tEXt", b"") * 100_001, *PNG[2:-1]),
    "gif": GIF[0] + b"\x21\xfe\0" * 100_001 + b"".join(GIF[1:]),
    "gif-loops": GIF[0] + b"\x21\xff\x0bNETSCAPE2.0" + b"\1\1" * 100_001 + b"\0" + b"".join(GIF[1:]),
    "gif-sub-blocks": GIF[0] + (b"\x21\xfe" + b"\1\1" * 600_000 + b"\0") * 2 + b"".join(GIF[1:]),
    "webp": samples.webp_file([WEBP[0], samples.riff(b"PRVT", b"") * 100_001, *WEBP[1:]]),
    "webp-frame": samples.webp_file(
        [*WEBP[:-1], samples.riff(b"ANMF", bytes(16) + samples.riff(b"PRVT", b"") * 10 + WEBP[-1][24:])]
    ),
}
FILES = {
    f"{kind}-{name}": data
    for kind, files in {
        "other": OTHER_KINDS,
        "jpeg": JPEGS,
        "png": PNGS,
        "gif": GIFS,
        "webp": WEBPS,
        "bmp": BMPS,
        "many": TOO_MANY_PIECES,
    }.items()
    for name, data in files.items()
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_breaks_the_rules_is_refused_with_one_sentence(name: str) -> None:
    with pytest.raises(NotAnImage) as refusal:
        clean(FILES[name])

    reason = refusal.value.reason
    assert reason.startswith(("The ", "This "))
    assert reason.endswith(".")


@pytest.mark.parametrize("name", ["text.jpg", "empty.jpg", "truncated.jpg"])
def test_broken_samples_are_refused(name: str) -> None:
    data = (BROKEN / name).read_bytes()
    with pytest.raises(NotAnImage):
        clean(data)
    with pytest.raises(NotAnImage):
        read_exif(data)


def test_the_intact_files_are_not_refused() -> None:
    for pieces in (JPEG, PNG, APNG, GIF):
        clean(b"".join(pieces))
    clean(samples.webp_file(WEBP))
    clean(samples.webp_file(SIMPLE_WEBP))
    clean(animation([b"fcTL"], []))
    clean(animation([], [b"fcTL", b"fdAT", b"fcTL", b"fdAT", b"fdAT"]))
    clean(BMP)
    clean(jpeg(samples.segment(0xFE, b"") * 99_000, *TABLES, FRAME, SCAN))
    clean(GIF[0] + b"\x21\xfe" + b"\1\1" * 900_000 + b"\0" + b"".join(GIF[1:]))
