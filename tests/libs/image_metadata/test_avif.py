"""The parts of an AVIF that are kept, of files by several encoders, and files that are refused."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from image_format import NotAnImage
from image_format.avif_items import EXIF, read_items
from image_format.avif_tracks import read_movie
from image_metadata import clean, read_exif
from PIL import Image

from tools.fuzz import samples
from tools.fuzz.oracles import find_metadata, render

ENCODERS = Path(__file__).parents[1] / "encoders"
NAMES = sorted(path.name for path in ENCODERS.glob("*.avif"))
STILL = samples.FILES["alpha.avif"]
TURNED = (ENCODERS / "avifenc-turned-10-bit.avif").read_bytes()
GRID = (ENCODERS / "avifenc-grid-with-alpha.avif").read_bytes()
ANIMATION = samples.FILES["animated-alpha.avif"]


@pytest.mark.parametrize("name", NAMES)
def test_files_of_other_encoders(name: str) -> None:
    original = (ENCODERS / name).read_bytes()

    cleaned = clean(original)

    assert render(cleaned.data) == render(original)
    assert find_metadata(cleaned.data) == set()
    assert read_exif(cleaned.data) == {}
    assert samples.SECRET not in cleaned.data
    assert len(cleaned.data) < len(original)
    assert clean(cleaned.data) == cleaned
    assert cleaned.frames == (2 if "animation" in name else 1)


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("avifenc")])
def test_exif_is_read(name: str) -> None:
    assert read_exif((ENCODERS / name).read_bytes()) == read_exif(samples.FILES["baseline.jpg"])


def test_the_transforms_are_kept() -> None:
    cleaned = clean(TURNED)
    assert cleaned.orientation == 1
    with Image.open(BytesIO(cleaned.data)) as image:
        assert image.getexif()[0x0112] == 5
    assert b"irot" in cleaned.data
    assert b"imir" in cleaned.data
    assert b"pasp" in cleaned.data
    assert b"clap" in clean((ENCODERS / "avifenc-clap.avif").read_bytes()).data


def test_a_thumbnail_is_dropped() -> None:
    original = (ENCODERS / "libheif-thumbnail.avif").read_bytes()
    assert len(read_items(original).items) == 2
    assert len(read_items(clean(original).data).items) == 1


def test_an_animation_has_no_dates_and_no_name_of_an_encoder() -> None:
    cleaned = clean(ANIMATION).data
    assert b"AOM Coding" in ANIMATION
    assert b"AOM Coding" not in cleaned
    movie = read_movie(cleaned)
    assert movie
    for header in (movie.header, *(track.header for track in movie.tracks)):
        assert bytes(header[4:20]) == bytes(16)


def test_the_first_frame_is_stored_once() -> None:
    cleaned = clean(ANIMATION).data
    movie, items = read_movie(cleaned), read_items(cleaned)
    assert movie
    assert items.image.ranges == movie.tracks[0].samples[:1]


def with_unit(unit: bytes) -> bytes:
    """Return a cleaned file with a unit behind the others in its bitstream."""
    data = clean(samples.FILES["grey.avif"]).data
    (((start, end),),) = (item.ranges for item in read_items(data).items.values())
    place = data.index((start).to_bytes(4) + (end - start).to_bytes(4)) + 4
    longer = data[:place] + (end - start + len(unit)).to_bytes(4) + data[place + 4 :] + unit
    return longer[: start - 8] + (end - start + len(unit) + 8).to_bytes(4) + longer[start - 4 :]


@pytest.mark.parametrize(
    ("unit", "padding"),
    [
        (b"\x2a\x0c\x04" + samples.SECRET + b"\x80", b"\x7a\x0c" + bytes(12)),
        (b"\x7a\x0a" + samples.SECRET, b"\x7a\x0a" + bytes(10)),
        (b"\x4a\x0a" + samples.SECRET, b"\x7a\x0a" + bytes(10)),
        (b"\x28" + samples.SECRET, b"\x78" + bytes(10)),
    ],
    ids=["metadata", "padding", "reserved", "without length"],
)
def test_metadata_in_the_bitstream_becomes_padding(unit: bytes, padding: bytes) -> None:
    original = with_unit(unit)
    cleaned = clean(original).data
    assert cleaned.endswith(padding)
    assert samples.SECRET not in cleaned
    assert render(cleaned) == render(original)


def test_data_behind_the_type_of_an_alpha_channel_are_dropped() -> None:
    boxes = samples.split_boxes(STILL)
    longer = b"".join(
        samples.box(b"auxC", box[8:] + samples.SECRET) if box[4:8] == b"auxC" else box for box in boxes
    )
    # The property box and those around it have got longer.
    for name in (b"meta", b"iprp", b"ipco"):
        longer = resize(longer, name, len(samples.SECRET))
    for offset in range(4):  # the content of all items is further behind
        longer = move(longer, offset, len(samples.SECRET))
    assert clean(longer).data == clean(STILL).data


def resize(data: bytes, name: bytes, more: int) -> bytes:
    at = data.index(name) - 4
    return data[:at] + (int.from_bytes(data[at : at + 4]) + more).to_bytes(4) + data[at + 4 :]


def move(data: bytes, item: int, more: int) -> bytes:
    at = data.index(b"iloc") + 12 + 14 * item + 6
    return data[:at] + (int.from_bytes(data[at : at + 4]) + more).to_bytes(4) + data[at + 4 :]


def change(data: bytes, before: bytes, after: bytes, offset: int = 0) -> bytes:
    """Return the file with other bytes at an offset behind the first place of a name."""
    at = data.index(before) + len(before) + offset
    return data[:at] + after + data[at + len(after) :]


def associate(change_indices: Callable[[bytes], bytes]) -> bytes:
    """Return the turned file with other indices of properties in place of those of rotation and mirror."""
    kinds = [box[4:8] for box in samples.split_boxes(TURNED)]
    first = kinds.index(b"ispe") - 1
    rotation, mirror = kinds.index(b"irot") - first, kinds.index(b"imir") - first
    own = bytes([0x80 | rotation, 0x80 | mirror])
    return TURNED.replace(own, change_indices(own), 1)


def alpha_of_two_images() -> bytes:
    """Return the still file with a second target, which does not exist, of its alpha channel."""
    at = STILL.index(b"auxl")
    reference = STILL[at + 4 : at + 6] + b"\0\2" + STILL[at + 8 : at + 10] + b"\0\x7f"
    data = STILL[: at - 4] + samples.box(b"auxl", reference) + STILL[at + 10 :]
    for name in (b"meta", b"iref"):
        data = resize(data, name, 2)
    for item in range(4):
        data = move(data, item, 2)
    return data


def brand_outside_of_the_file_type() -> bytes:
    """Return the still file with the brand where detection finds it, but in a box of its own."""
    length = int.from_bytes(STILL[:4])
    file_type = samples.box(b"ftyp", b"abcd" + bytes(4))
    return file_type + samples.box(b"avif", bytes(length - len(file_type) - 8)) + STILL[length:]


REFUSED: dict[str, Callable[[], bytes]] = {
    "an item in several parts": lambda: change(STILL, b"iloc", b"\0\2", 8 + 4),
    "items that overlap": lambda: change(STILL, b"iloc", STILL[STILL.index(b"iloc") + 18 :][:4], 28),
    "content of another item": lambda: change(STILL, b"iloc", b"\2"),
    "a protected item": lambda: change(STILL, b"infe", b"\0\1", 6),
    "an unknown property that is needed": lambda: STILL.replace(b"av1C", b"av9C"),
    "transforms in another order": lambda: associate(lambda own: own[::-1]),
    "a property that is there twice": lambda: associate(lambda own: own[:1] * 2),
    "a property that does not exist": lambda: associate(lambda own: own[:1] + b"\xff"),
    "a decoder of another version": lambda: change(STILL, b"av1C", b"\x80"),
    "an empty item": lambda: change(STILL, b"iloc", bytes(4), 18),
    "an alpha channel of two images": alpha_of_two_images,
    "a property of another length": lambda: change(STILL, b"pixi", b"\7", 4),
    "an image of another codec": lambda: STILL.replace(b"av01Color", b"hvc1Color"),
    "a grid without a tile": lambda: change(GRID, b"dimg", b"\0\x7f", 4),
    "a grid of another length": lambda: change(GRID, b"iloc", b"\0\0\0\x09", 18),
    "a second box of items": lambda: clean(STILL).data + samples.box(b"meta", bytes(4)),
    "no brand of an image": brand_outside_of_the_file_type,
    "a track of images of another type": lambda: ANIMATION.replace(b"auxv", b"vide"),
    "a track of an unknown version": lambda: change(ANIMATION, b"tkhd", b"\2"),
    "frames with times of an unknown version": lambda: change(ANIMATION, b"mdhd", b"\2"),
    "a movie of an unknown version": lambda: change(ANIMATION, b"mvhd", b"\2"),
    "frames in no chunk": lambda: change(ANIMATION, b"stsc", bytes(4), 4),
    "chunks that do not begin with the first": lambda: change(ANIMATION, b"stsc", b"\0\0\0\2", 8),
    "frames of another sample entry": lambda: change(ANIMATION, b"stsc", b"\0\0\0\2", 16),
    "an animation without its samples": lambda: ANIMATION.replace(b"stco", b"free"),
    "frames that overlap": lambda: change(
        ANIMATION, b"stco", ANIMATION[ANIMATION.rindex(b"stco") + 12 :][:4], 8
    ),
}


def test_the_changed_files_are_otherwise_intact() -> None:
    for data in (STILL, TURNED, GRID, ANIMATION):
        clean(data)


@pytest.mark.parametrize("name", REFUSED)
def test_files_that_cannot_be_cleaned_with_certainty(name: str) -> None:
    data = REFUSED[name]()
    assert data not in {STILL, TURNED, GRID, ANIMATION}
    with pytest.raises(NotAnImage):
        clean(data)
    with pytest.raises(NotAnImage):
        read_exif(data)


def test_every_byte_of_the_items_may_be_wrong() -> None:
    end = STILL.index(b"mdat")
    for at in range(0, end, 3):
        data = STILL[:at] + bytes([STILL[at] ^ 0xFF]) + STILL[at + 1 :]
        try:
            cleaned = clean(data).data
        except NotAnImage:
            continue
        assert EXIF not in cleaned
        assert b"dc:source" not in cleaned
