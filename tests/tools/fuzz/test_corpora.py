"""Corpora: each file is tried in a process of its own, and the outcomes are counted."""

import tarfile
from pathlib import Path

import pytest

from tools.console import ToolError
from tools.fuzz.fetch import Corpus, to_source_list
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


def corpus(folder: Path, *names: str, within: str = "tests") -> Corpus:
    """Return a corpus whose source is fetched from a folder with an archive and other files."""

    def fetch(_: str, target: Path) -> None:
        for name in names:
            (target / name).write_bytes(b"no archive")
        with tarfile.open(target / "tiny_1.0.orig.tar.xz", "w:xz") as archive:
            archive.add(folder, "tiny-1.0/tests")

    return Corpus(package="tiny", fetch=fetch, within=within, description="one file")


def test_a_source_with_signature_and_changes_of_debian(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "a.gif").touch()
    signed = corpus(tmp_path / "tests", "tiny_1.0.orig.tar.xz.asc", "tiny_1.0-1.debian.tar.xz", "tiny.dsc")
    [file] = signed.files(tmp_path / "corpora")
    assert file == tmp_path / "corpora/tiny/tiny-1.0/tests/a.gif"


def test_a_source_without_the_files_is_no_corpus(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "a.gif").touch()
    for _ in range(2):
        with pytest.raises(ToolError, match=r"^The source of tiny has no files in test/data\.$"):
            corpus(tmp_path / "tests", within="test/data").files(tmp_path / "corpora")
