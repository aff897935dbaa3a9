"""Files of other people: each in a process of its own, and counted."""

from pathlib import Path

import pytest

from tools.fuzz.corpora import faults, try_files
from tools.fuzz.fetch import as_sources
from tools.fuzz.limits import MEMORY_BYTES

IMAGES = Path(__file__).parents[2] / "images"


def test_files_get_an_answer_or_a_named_error() -> None:
    (cat, text) = try_files([IMAGES / "cat.gif", IMAGES / "broken" / "text.jpg"])

    assert {told["outcome"] for told in cat["outcomes"]} == {"answer"}
    assert {told["outcome"] for told in text["outcomes"]} == {"NotAnImage"}
    assert {told["target"] for told in text["outcomes"]} == {"image_core", "image_metadata"}
    assert all(told["seconds"] < 5 for told in cat["outcomes"])
    assert 10 << 20 < cat["peak_bytes"] < MEMORY_BYTES
    assert [*faults(cat), *faults(text)] == []


def test_a_crash_is_told_and_the_next_file_is_tried(capfd: pytest.CaptureFixture[str]) -> None:
    (crashed, sound) = try_files([IMAGES / "cat.gif", IMAGES / "cat.webp"], "tests.tools.fuzz.faulty")

    assert "ZeroDivisionError" in capfd.readouterr().err
    assert list(faults(crashed)) == [
        "the process ended with -11",
        "raises: neither an answer nor a named error",
    ]
    assert list(faults(sound)) == []


def test_too_much_memory_is_a_fault() -> None:
    one = {"ended": 0, "outcomes": [], "peak_bytes": 600 << 20}
    assert list(faults(one)) == ["600 MB"]


@pytest.mark.parametrize(
    ("programs", "sources"),
    [
        (
            "deb [signed-by=/k] URL stable main\n# deb off\n",
            "deb-src [signed-by=/k] URL stable main\n# deb off\n",
        ),
        ("Types: deb\nURIs: URL\n\nTypes: deb deb-src\n", "Types: deb-src\nURIs: URL\n\nTypes: deb-src\n"),
        ("deb-src URL stable main\n", "deb-src URL stable main\n"),
    ],
)
def test_lists_of_programs_become_lists_of_sources(programs: str, sources: str) -> None:
    assert as_sources(programs) == sources
