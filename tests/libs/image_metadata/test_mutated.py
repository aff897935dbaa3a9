"""Mutated files: pieces lost, repeated and moved, bytes changed, wrong lengths.

The mutations are the same in every run; `invoke fuzz` tries others.
"""

import json
from dataclasses import dataclass
from functools import reduce

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from image_metadata import clean, read_exif

from tools.fuzz import samples
from tools.fuzz.metadata_invariants import check

KINDS = ["jpg", "png", "gif", "webp", "bmp", "avif"]
EXIF = samples.exif()
PNG = samples.split_png(samples.file_of(samples.sample_image(), "PNG"))

mutated = settings(
    max_examples=300,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)

places = st.one_of(st.integers(0, 64), st.integers(0, 400), st.integers(0, 80_000))
bursts = st.one_of(
    st.sampled_from(
        [samples.SECRET, b"\xff\xd9", b"\0\0\0\0", b"\0\0\0\1", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff"]
    ),
    st.binary(min_size=1, max_size=4),
)
edits = st.tuples(st.sampled_from(["flip", "write", "insert", "delete", "cut"]), places, bursts)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Steps that make a file from one full of metadata.

    Attributes:
        name: the file to begin with.
        moves: changes of its pieces: the kind, the piece, another piece, and the file of that.
        edits: changes of the bytes afterwards: the kind, the offset, and bytes.
    """

    name: str
    moves: list[tuple[str, int, int, str]]
    edits: list[tuple[str, int, bytes]]

    def file(self) -> bytes:
        pieces = reduce(_move, self.moves, samples.PIECES[self.name])
        return reduce(apply_edit, self.edits, samples.join(self.name, pieces))


def recipes(kind: str) -> st.SearchStrategy[Recipe]:
    names = st.sampled_from([name for name in samples.PIECES if name.endswith(kind)])
    moves = st.tuples(st.sampled_from(["lose", "double", "swap", "borrow", "hide"]), places, places, names)
    return st.builds(Recipe, name=names, moves=st.lists(moves, max_size=3), edits=st.lists(edits, max_size=4))


def _move(pieces: samples.Pieces, move: tuple[str, int, int, str]) -> samples.Pieces:
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
            stranger = samples.PIECES[name][other % len(samples.PIECES[name])]
            return [*pieces[:at], stranger, *pieces[at:]]
    return [*pieces[:at], samples.SECRET, *pieces[at:]]


def apply_edit(data: bytes, edit: tuple[str, int, bytes]) -> bytes:
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


@pytest.mark.parametrize("kind", KINDS)
def test_a_mutated_file_is_refused_or_cleaned(kind: str) -> None:
    @mutated
    @given(recipe=recipes(kind))
    def refused_or_cleaned(recipe: Recipe) -> None:
        check(recipe.file())

    refused_or_cleaned()


@mutated
@given(
    block=st.one_of(
        st.lists(edits, max_size=6).map(lambda steps: reduce(apply_edit, steps, EXIF)),
        st.tuples(st.sampled_from([b"II*\0", b"MM\0*"]), st.binary(max_size=400)).map(b"".join),
    )
)
def test_any_block_gives_valid_json(block: bytes) -> None:
    signature, header, *rest = PNG
    data = b"".join([signature, header, samples.chunk(b"eXIf", block), *rest])

    text = json.dumps(read_exif(data), allow_nan=False)
    cleaned = clean(data)

    text.encode("utf-8")
    assert len(text) < 20 * len(block) + 100
    assert cleaned.data == b"".join(PNG)
    assert cleaned.orientation in range(1, 9)
