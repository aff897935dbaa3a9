"""Files that nobody meant to write: pieces lost, doubled and moved, bytes changed, lengths that lie.

A longer run, with other files each time: FUZZ_EXAMPLES=20000 pytest tests/libs/image_metadata/test_fuzz.py
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from image_metadata import NotAnImage, clean, read_exif
from PIL import Image

from tests.libs.image_metadata import rich
from tests.libs.image_metadata.eyes import seen

KINDS = ["jpg", "png", "gif", "webp", "bmp"]
LONGEST_SECONDS = 2.0
MOST_PIXELS = 400_000
MOST_FRAMES = 20
EXIF = rich.exif()
PNG = rich.split_png(rich.file_of(rich.picture(), "PNG"))

fuzz = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", "300")),
    derandomize="FUZZ_EXAMPLES" not in os.environ,
    deadline=None,  # what is under test is timed by itself
    suppress_health_check=list(HealthCheck),
    database=None,
)

places = st.one_of(st.integers(0, 64), st.integers(0, 400), st.integers(0, 80_000))
bursts = st.one_of(
    st.sampled_from(
        [rich.SECRET, b"\xff\xd9", b"\0\0\0\0", b"\0\0\0\1", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff"]
    ),
    st.binary(min_size=1, max_size=4),
)
edits = st.tuples(st.sampled_from(["flip", "write", "insert", "delete", "cut"]), places, bursts)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How to make a file from one full of metadata.

    Attributes:
        name: of the file to begin with.
        moves: what happens to its pieces: how, at which of them, which other one, of which file.
        edits: what happens to the bytes afterwards: how, where, with what.
    """

    name: str
    moves: list[tuple[str, int, int, str]]
    edits: list[tuple[str, int, bytes]]

    def file(self) -> bytes:
        pieces = reduce(_moved, self.moves, rich.PIECES[self.name])
        return reduce(edited, self.edits, rich.join(self.name, pieces))


def recipes(kind: str) -> st.SearchStrategy[Recipe]:
    names = st.sampled_from([name for name in rich.PIECES if name.endswith(kind)])
    moves = st.tuples(st.sampled_from(["lose", "double", "swap", "borrow", "hide"]), places, places, names)
    return st.builds(Recipe, name=names, moves=st.lists(moves, max_size=3), edits=st.lists(edits, max_size=4))


def _moved(pieces: rich.Pieces, move: tuple[str, int, int, str]) -> rich.Pieces:
    """The pieces after one move."""
    how, one, other, name = move
    at, to = one % (len(pieces) or 1), other % (len(pieces) or 1)
    match how:
        case "lose":
            return [*pieces[:at], *pieces[at + 1 :]]
        case "double":
            return [*pieces[:to], *pieces[at : at + 1], *pieces[to:]]
        case "swap" if at != to:
            first, second = sorted([at, to])
            between = pieces[first + 1 : second]
            return [*pieces[:first], pieces[second], *between, pieces[first], *pieces[second + 1 :]]
        case "borrow":
            stranger = rich.PIECES[name][other % len(rich.PIECES[name])]
            return [*pieces[:at], stranger, *pieces[at:]]
    return [*pieces[:at], rich.SECRET, *pieces[at:]]


def edited(data: bytes, edit: tuple[str, int, bytes]) -> bytes:
    """The bytes after one edit."""
    how, place, burst = edit
    at = place % (len(data) or 1)
    match how:
        case "flip" if data:
            return data[:at] + bytes([data[at] ^ burst[0]]) + data[at + 1 :]
        case "write":
            return data[:at] + burst + data[at + len(burst) :]
        case "insert":
            return data[:at] + burst + data[at:]
        case "delete":
            return data[:at] + data[at + burst[0] :]
    return data[:at]


def outside_of_pixels(kind: str, data: bytes) -> bytes:
    """The bytes of a cleaned file but for profiles, numbers and pixels: a mutation may put anything there."""
    match kind:
        case "jpg":
            pieces = rich.split_jpeg(data)
            return b"".join(piece[:14] for piece in pieces if piece[1] not in {0xC4, 0xDB, 0xE2})
        case "png":
            return b"".join(piece for piece in rich.split_png(data) if piece[4:8] not in {b"IDAT", b"fdAT"})
        case "gif":
            return b"".join(
                piece for piece in rich.split_gif(data)[1:] if piece[0] != 0x2C and piece[3:6] != b"ICC"
            )
        case "webp":
            pieces = [part for piece in rich.split_riff(data[12:]) for part in opened(piece)]
            return b"".join(
                piece for piece in pieces if piece[:4] not in {b"ICCP", b"VP8 ", b"VP8L", b"ALPH"}
            )
    return data[:10]


def opened(chunk: bytes) -> rich.Pieces:
    """A chunk, or what a frame of an animation consists of."""
    return [chunk[:8], *rich.split_riff(chunk[24:])] if chunk[:4] == b"ANMF" else [chunk]


@contextmanager
def in_time() -> Iterator[None]:
    start = time.perf_counter()
    yield
    assert time.perf_counter() - start < LONGEST_SECONDS


def shown(data: bytes) -> list[tuple[str, bytes]] | None:
    """Mode and pixels of each frame, or nothing where Pillow shows nothing, or too much."""
    try:
        with Image.open(BytesIO(data)) as image:
            if image.width * image.height > MOST_PIXELS or getattr(image, "n_frames", 1) > MOST_FRAMES:
                return None
        return [frame[:2] for frame in seen(data).frames]
    except Exception:  # noqa: BLE001 - Pillow promises no set of errors for broken files
        return None


@pytest.mark.parametrize("kind", KINDS)
def test_a_mutated_file_is_refused_or_cleaned(kind: str) -> None:
    @fuzz
    @given(recipe=recipes(kind))
    def check(recipe: Recipe) -> None:
        data = recipe.file()
        try:
            with in_time():
                cleaned = clean(data).data
        except NotAnImage:
            with pytest.raises(NotAnImage):
                read_exif(data)
            return
        with in_time():
            json.dumps(read_exif(data), allow_nan=False).encode("utf-8")
        assert rich.SECRET not in outside_of_pixels(kind, cleaned)
        assert clean(cleaned).data == cleaned
        assert clean(cleaned).orientation == 1
        assert read_exif(cleaned) == {}
        before = shown(data)
        assert before is None or shown(cleaned) == before

    check()


@fuzz
@given(
    block=st.one_of(
        st.lists(edits, max_size=6).map(lambda steps: reduce(edited, steps, EXIF)),
        st.tuples(st.sampled_from([b"II*\0", b"MM\0*"]), st.binary(max_size=400)).map(b"".join),
    )
)
def test_of_any_block_something_valid_is_told(block: bytes) -> None:
    signature, header, *rest = PNG
    data = b"".join([signature, header, rich.chunk(b"eXIf", block), *rest])

    with in_time():
        answer = json.dumps(read_exif(data), allow_nan=False)
        cleaned = clean(data)

    answer.encode("utf-8")
    assert len(answer) < 20 * len(block) + 100
    assert cleaned.data == b"".join(PNG)
    assert cleaned.orientation in range(1, 9)
