"""Items, tracks and facts of AVIF files by several encoders, and of files that break the rules."""

import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from image_format import NotAnImage, detect_format
from image_format.avif import Header, dimensions, read_header
from image_format.avif_items import GRID, read_items
from image_format.avif_properties import Property, read_crop
from image_format.avif_tracks import read_movie
from image_format.pieces import MAX_PIECES
from PIL import Image

from tools.fuzz import samples

ENCODERS = Path(__file__).parents[1] / "encoders"
STILL = samples.file_of(samples.sample_image("RGBA"), "AVIF", speed=10)
ANIMATION = b"".join(samples.avif(samples.animated("AVIF", "RGBA")))


def read(name: str) -> bytes:
    return (ENCODERS / name).read_bytes()


@pytest.mark.parametrize(
    ("name", "header"),
    [
        (
            "avifenc-animation.avif",
            Header((60, 40), ((60, 40),), ((60, 40),), orientation=1, code_points=(2, 2)),
        ),
        (
            "avifenc-clap.avif",
            Header((192, 128), ((192, 128),), (), orientation=1, code_points=(2, 2), crop=(48, 32, 144, 96)),
        ),
        (
            "avifenc-grid-with-alpha.avif",
            Header((192, 128), ((64, 64),) * 6, ((64, 64),) * 6, orientation=1, code_points=(2, 2)),
        ),
        (
            "avifenc-turned-10-bit.avif",
            Header((192, 128), ((192, 128),), (), orientation=5, code_points=(2, 2)),
        ),
        ("libheif-thumbnail.avif", Header((192, 128), ((192, 128),), (), orientation=1, code_points=(2, 2))),
        ("sharp.avif", Header((192, 128), ((192, 128),), (), orientation=1)),
    ],
)
def test_headers(name: str, header: Header) -> None:
    assert read_header(read(name)) == header
    size = (96, 64) if "clap" in name else header.size
    assert dimensions(read(name)) == (size[::-1] if header.orientation > 4 else size)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_transforms_mean_the_orientation_that_pillow_reports(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = samples.file_of(samples.sample_image(), "AVIF", speed=10, exif=exif)
    assert read_header(data).orientation == orientation
    assert dimensions(data) == ((32, 48) if orientation > 4 else (48, 32))


def larger_than_stated() -> bytes:
    """Return a file with a size of 48 x 32 pixels in the container, and of 256 x 200 in the bitstream."""
    data = samples.file_of(Image.new("L", (256, 200)), "AVIF", speed=10)
    return data.replace(b"ispe" + struct.pack(">III", 0, 256, 200), b"ispe" + struct.pack(">III", 0, 48, 32))


def test_the_size_that_is_decoded_counts() -> None:
    header = read_header(larger_than_stated())
    assert (header.size, header.tiles) == ((48, 32), ((256, 200),))


@pytest.mark.parametrize(
    ("fields", "crop"),
    [
        ((6, 1, 4, 1, 0, 1, 0, 1), (2, 2, 8, 6)),
        ((6, 1, 4, 1, -2, 1, 4, 2), (0, 4, 6, 8)),
        ((9, 1, 7, 1, -1, 2, 1, 2), (0, 1, 9, 8)),
        ((10, 1, 8, 1, 0, 1, 0, 1), (0, 0, 10, 8)),
        ((5, 1, 4, 1, 0, 1, 0, 1), None),  # half a pixel
        ((13, 2, 4, 1, 0, 1, 0, 1), None),
        ((6, 1, 4, 1, -3, 1, 0, 1), None),  # beyond the image
        ((12, 1, 4, 1, 0, 1, 0, 1), None),
        ((0, 1, 4, 1, 0, 1, 0, 1), None),
        ((6, 0, 4, 1, 0, 1, 0, 1), None),
        ((6, 1, 4, 1, 0, -1, 0, 1), None),
    ],
)
def test_crops(fields: tuple[int, ...], crop: tuple[int, ...] | None) -> None:
    clap = Property(b"clap", memoryview(struct.pack(">8i", *fields)), essential=True)
    assert read_crop([clap], (10, 8)) == crop


def test_heic_is_another_format() -> None:
    assert detect_format(read("libheif.heic")) is None
    with pytest.raises(NotAnImage):
        read_header(read("libheif.heic"))


def test_every_place_of_a_brand_is_examined() -> None:
    def file_type(*brands: bytes) -> bytes:
        return samples.box(b"ftyp", brands[0] + bytes(4) + b"".join(brands[1:])) + bytes(200)

    assert detect_format(file_type(b"mif1", b"miaf", b"avif")) == "AVIF"
    assert detect_format(file_type(b"mif1", *[b"abcd"] * 31, b"avis")) == "AVIF"
    assert detect_format(file_type(b"mif1", b"heic", b"miaf")) is None
    assert detect_format(b"\0\0\0\x01ftyp" + (24).to_bytes(8) + b"avif") == "AVIF"


def test_a_grid_has_its_tiles_in_order() -> None:
    items = read_items(read("avifenc-grid-with-alpha.avif"))
    assert items.image.kind == GRID
    alpha = items.alpha(items.image)
    assert alpha
    assert len(items.tiles(items.image)) == len(items.tiles(alpha)) == 6


def test_the_tracks_of_an_animation() -> None:
    movie = read_movie(ANIMATION)
    assert movie
    colour, alpha = movie.tracks
    assert (colour.number, alpha.auxiliary_of) == (1, 1)
    assert len(colour.samples) == len(alpha.samples) == 3
    assert movie.loop_count == 0
    assert read_movie(STILL) is None
    assert read_movie(ANIMATION.replace(b"ftypavis", b"ftypavif")) is None


def test_samples_of_one_size_are_counted_before_they_are_listed() -> None:
    """They take no bytes in the file, so that a short file could have any number."""
    sizes = (1).to_bytes(4) + (MAX_PIECES + 1).to_bytes(4)
    with pytest.raises(NotAnImage, match="too many pieces"):
        read_movie(change(ANIMATION, b"stsz", sizes, 4))


def file_of_items(*, iloc: bytes = bytes(4), ipma: bytes = bytes(4), iref: bytes = b"") -> bytes:
    """Return a file without pixels, with these contents behind version and flags, all zero."""
    properties = samples.box(b"ipco", b"") + samples.box(b"ipma", bytes(4) + ipma)
    return samples.box(
        b"meta",
        bytes(4)
        + samples.box(b"pitm", bytes(4) + b"\0\1")
        + samples.box(b"iinf", bytes(4) + b"\0\0")
        + samples.box(b"iloc", bytes(4) + iloc)
        + samples.box(b"iprp", properties)
        + samples.box(b"iref", bytes(4) + iref),
    )


MANY_PIECES = {
    # Neither an offset nor a length has a byte in the file.
    "ranges": {"iloc": b"\0\0\0\2" + b"\0\1\0\0\xff\xff" * 2},
    "associations": {
        "ipma": (400).to_bytes(4)
        + b"".join(number.to_bytes(2) + b"\xff" + bytes(255) for number in range(400))
    },
    "references": {"iref": samples.box(b"dimg", b"\0\1\xff\xff" + bytes(2 * 65_535)) * 2},
}


def test_a_file_without_items() -> None:
    assert read_items(file_of_items()).items == {}


@pytest.mark.parametrize("name", MANY_PIECES)
def test_more_pieces_than_any_encoder_writes(name: str) -> None:
    with pytest.raises(NotAnImage, match="too many pieces"):
        read_items(file_of_items(**MANY_PIECES[name]))


def change(data: bytes, before: bytes, after: bytes, offset: int = 0) -> bytes:
    """Return the file with other bytes at an offset behind the first place of a name."""
    at = data.index(before) + len(before) + offset
    return data[:at] + after + data[at + len(after) :]


BROKEN: dict[str, Callable[[], bytes]] = {
    "no meta": lambda: STILL.replace(b"meta", b"free"),
    "two meta": lambda: STILL + samples.box(b"meta", bytes(4)),
    "no primary item": lambda: STILL.replace(b"pitm", b"free"),
    "another primary item": lambda: change(STILL, b"pitm", b"\0\x09", 4),
    "primary item of another type": lambda: STILL.replace(b"av01Color", b"hvc1Color"),
    "no size": lambda: STILL.replace(b"ispe", b"free"),
    "short size": lambda: change(STILL, b"ipco", b"\0\0\0\x0c"),
    "unknown property": lambda: change(STILL, b"ipma", b"\x7f", 11),
    "unknown version of places": lambda: change(STILL, b"iloc", b"\3"),
    "content behind the end": lambda: change(STILL, b"iloc", b"\x7f", 14),
    "truncated content": lambda: STILL[:-1],
    "no sequence": lambda: STILL.replace(b"mdat\x12\0\x0a", b"mdat\x12\0\x7a").replace(
        b"\x0a\x06", b"\x7a\x06"
    ),
    "two samples in one": lambda: change(ANIMATION, b"stsc", b"\0\0\0\4", 12),
    "no samples": lambda: change(ANIMATION, b"stsz", b"\0\0\0\0", 8),
    "more samples than any encoder writes": lambda: change(ANIMATION, b"stsz", b"\x7f", 8),
    "two sample descriptions": lambda: ANIMATION.replace(b"av01", b"av02"),
    "no track of images": lambda: ANIMATION.replace(b"pict", b"soun"),
    "no track": lambda: ANIMATION.replace(b"trak", b"free"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_files_that_break_the_rules(name: str) -> None:
    data = BROKEN[name]()
    with pytest.raises(NotAnImage):
        read_header(data)


@pytest.mark.parametrize("data", [STILL, ANIMATION], ids=["still", "animation"])
def test_any_truncation_is_refused_or_the_same(data: bytes) -> None:
    whole = read_header(data)
    for length in range(len(data)):
        try:
            assert read_header(data[:length]) == whole
        except NotAnImage:
            continue
