"""Corpora: each file is tried in a process of its own, and the outcomes are counted."""

from pathlib import Path

import pytest

from tools.fuzz.fetch import to_source_list
from tools.fuzz.limits import MEMORY_BYTES
from tools.fuzz.trials import faults, try_files

IMAGES = Path(__file__).parents[2] / "images"


def test_the_outcome_is_an_image_or_a_named_error() -> None:
    (cat, text) = try_files([IMAGES / "cat.gif", IMAGES / "broken" / "text.jpg"])

    assert {each["outcome"] for each in cat["outcomes"]} == {"image"}
    assert {outcome["outcome"] for outcome in text["outcomes"]} == {"NotAnImage"}
    assert {outcome["target"] for outcome in text["outcomes"]} == {"image_core", "image_metadata"}
    assert all(outcome["seconds"] < 5 for outcome in cat["outcomes"])
    assert 10 << 20 < cat["peak_bytes"] < MEMORY_BYTES
    assert [*faults(cat), *faults(text)] == []


def test_a_crash_is_reported_and_the_next_file_is_tried(capfd: pytest.CaptureFixture[str]) -> None:
    (crashed, sound) = try_files([IMAGES / "cat.gif", IMAGES / "cat.webp"], "tests.tools.fuzz.faulty")

    assert "ZeroDivisionError" in capfd.readouterr().err
    assert list(faults(crashed)) == [
        "the process ended with -11",
        "raises: neither an image nor a named error",
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
    assert to_source_list(programs) == sources
