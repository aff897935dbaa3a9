"""The chunks of a PNG that are kept, and their order."""

import struct
import zlib

import pytest
from image_metadata import NotAnImage, clean, read_exif

from tools.fuzz import samples
from tools.fuzz.oracles import render

SIGNATURE, HEADER, *REST = samples.split_png(samples.file_of(samples.sample_image("P"), "PNG"))
GAMMA = samples.chunk(b"gAMA", b"\0\0\xb1\x8f")
COLOURS = [
    samples.chunk(b"cHRM", struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 100_000)),
    GAMMA,
    samples.chunk(b"sBIT", b"\5\6\5"),
    samples.chunk(b"sRGB", b"\0"),
    samples.chunk(b"cICP", b"\x0c\x0d\0\1"),
    samples.chunk(b"mDCV", bytes(24)),
    samples.chunk(b"cLLI", bytes(8)),
    samples.chunk(b"pHYs", b"\0\0\x0b\x13\0\0\x0b\x13\1"),
    samples.chunk(b"bKGD", b"\1"),
]


def with_chunks(*chunks: bytes) -> bytes:
    return b"".join([SIGNATURE, HEADER, *chunks, *REST])


def behind_the_pixels(*chunks: bytes) -> bytes:
    return b"".join([SIGNATURE, HEADER, *REST[:-1], *chunks, REST[-1]])


def test_chunks_of_colour_and_size_are_kept_unchanged() -> None:
    assert clean(with_chunks(*COLOURS)).data == with_chunks(*COLOURS)


@pytest.mark.parametrize("chunk", COLOURS, ids=lambda chunk: chunk[4:8].decode())
def test_chunks_of_a_wrong_length_are_dropped(chunk: bytes) -> None:
    longer = samples.chunk(chunk[4:8], chunk[8:-4] + samples.SECRET)
    assert clean(with_chunks(longer)).data == with_chunks()


def test_chromaticities_that_are_none_are_dropped() -> None:
    assert (
        clean(with_chunks(samples.chunk(b"cHRM", b"Jane Doe, 1 Main Street, Exeter."))).data == with_chunks()
    )


@pytest.mark.parametrize("chunk", COLOURS, ids=lambda chunk: chunk[4:8].decode())
def test_repeated_and_late_chunks_are_dropped(chunk: bytes) -> None:
    assert clean(with_chunks(chunk, chunk)).data == with_chunks(chunk)
    assert clean(behind_the_pixels(chunk)).data == with_chunks()


@pytest.mark.parametrize(
    ("mode", "transparency"), [("L", b"\0\7"), ("RGB", b"\0\1\0\2\0\3"), ("P", bytes(range(16)))]
)
def test_transparency_is_kept(mode: str, transparency: bytes) -> None:
    pieces = samples.split_png(samples.file_of(samples.sample_image(mode), "PNG"))
    pixels_at = next(place for place, piece in enumerate(pieces) if piece[4:8] == b"IDAT")
    data = b"".join([*pieces[:pixels_at], samples.chunk(b"tRNS", transparency), *pieces[pixels_at:]])
    assert clean(data).data == data


@pytest.mark.parametrize(
    ("mode", "transparency"),
    [("RGBA", bytes(6)), ("LA", b"\0\7"), ("L", b"\0"), ("L", bytes(3)), ("P", b""), ("P", bytes(17))],
)
def test_transparency_that_libpng_ignores_is_dropped(mode: str, transparency: bytes) -> None:
    data = samples.file_of(samples.sample_image(mode), "PNG")
    pixels_at = data.index(b"IDAT") - 4
    assert clean(data[:pixels_at] + samples.chunk(b"tRNS", transparency) + data[pixels_at:]).data == data


@pytest.mark.parametrize(
    "chunk",
    [
        *COLOURS,
        samples.chunk(b"tRNS", bytes(16)),
        samples.chunk(b"iCCP", b"icc\0\0" + zlib.compress(samples.PROFILE)),
        samples.chunk(b"eXIf", samples.exif()),
        samples.chunk(b"acTL", b"\0\0\0\1\0\0\0\0"),
        samples.chunk(b"tEXt", b"Comment\0" + samples.SECRET),
    ],
    ids=lambda chunk: chunk[4:8].decode(),
)
def test_ancillary_chunks_with_a_wrong_checksum_are_dropped(chunk: bytes) -> None:
    damaged = chunk[:-1] + bytes([chunk[-1] ^ 1])
    palette, *rest = REST
    data = b"".join([SIGNATURE, HEADER, palette, damaged, *rest])
    assert clean(data).data == with_chunks()
    assert read_exif(data) == {}


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_a_palette_of_an_image_without_indices_is_dropped(mode: str) -> None:
    signature, header, *rest = samples.split_png(samples.file_of(samples.sample_image(mode), "PNG"))
    palette = samples.chunk(b"PLTE", samples.SECRET + bytes(2))
    data = b"".join([signature, header, palette, *rest])
    assert clean(data).data == b"".join([signature, header, *rest])
    assert render(clean(data).data) == render(data)


def test_the_name_of_a_profile_is_dropped() -> None:
    profile = samples.chunk(
        b"iCCP", samples.SECRET + b"\0\0" + zlib.compress(samples.PROFILE) + samples.SECRET
    )
    cleaned = clean(with_chunks(profile)).data
    assert samples.SECRET not in cleaned
    assert render(cleaned).profile == samples.PROFILE


def test_a_compressed_bomb_in_a_profile_is_dropped() -> None:
    swollen = (17 << 20).to_bytes(4) + samples.PROFILE[4:] + bytes(17 << 20)
    data = with_chunks(samples.chunk(b"iCCP", b"icc\0\0" + zlib.compress(swollen)))
    assert clean(data).data == with_chunks()


def test_a_profile_of_more_than_a_megabyte_is_refused() -> None:
    large = (1_048_577).to_bytes(4) + samples.PROFILE[4:].ljust(1_048_573, b"\0")
    with pytest.raises(NotAnImage):
        clean(with_chunks(samples.chunk(b"iCCP", b"icc\0\0" + zlib.compress(large))))


def test_a_profile_compressed_by_another_method_is_dropped() -> None:
    data = with_chunks(samples.chunk(b"iCCP", b"icc\0\1" + zlib.compress(samples.PROFILE)))
    assert clean(data).data == with_chunks()


@pytest.mark.parametrize("broken", [b"icc", b"icc\0\1", samples.SECRET + b"\0\0" + samples.SECRET])
def test_a_second_profile_is_dropped_even_behind_a_broken_one(broken: bytes) -> None:
    profile = samples.chunk(b"iCCP", b"icc\0\0" + zlib.compress(samples.PROFILE, 9))
    assert clean(with_chunks(profile, samples.chunk(b"iCCP", broken))).data == with_chunks(profile)
    assert clean(with_chunks(samples.chunk(b"iCCP", broken), profile)).data == with_chunks()


@pytest.mark.parametrize("behind", [[], [samples.chunk(b"acTL", b"\0\0\0\3\0\0\0\0")]])
def test_frames_without_an_announcement_before_the_pixels_are_dropped(behind: list[bytes]) -> None:
    pieces = [piece for piece in samples.split_png(samples.apng()) if piece[4:8] != b"acTL"]
    still = b"".join(piece for piece in pieces if piece[4:8] not in {b"fcTL", b"fdAT"})
    assert clean(b"".join([*pieces[:-1], *behind, pieces[-1]])).data == still


def test_an_animation_is_kept_unchanged() -> None:
    for data in (samples.apng(), samples.apng(default_image=True)):
        assert clean(data).data == data
