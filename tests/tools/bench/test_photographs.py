import re
from pathlib import Path

from tools.bench.machine import processor_model
from tools.bench.photographs import MEASURED_ON, PROGRESSIVE, SAMPLES_MEASURED_ON, TUNED_ON, photographs

SAMPLES = Path(__file__).parents[2] / "images"


def test_nothing_is_measured_that_was_tuned_on() -> None:
    measured = {*MEASURED_ON, *PROGRESSIVE}
    assert measured.isdisjoint(TUNED_ON)
    assert len(MEASURED_ON) + len(SAMPLES_MEASURED_ON) >= 8


def test_without_the_packages_the_samples_are_left(tmp_path: Path) -> None:
    assert photographs(tmp_path, SAMPLES) == {
        "baseline": [SAMPLES / name for name in SAMPLES_MEASURED_ON],
        "progressive": [],
    }


def test_the_lock_of_the_packages_names_no_place() -> None:
    lock = (Path(__file__).parents[3] / "tools" / "bench" / "peers" / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert re.search(r'"integrity": "sha512-', lock)


def test_the_processor_is_called_what_it_calls_itself() -> None:
    assert processor_model("processor\t: 0\nmodel name\t: Some CPU @ 3 GHz\nmodel name\t: x\n") == (
        "Some CPU @ 3 GHz"
    )
    assert processor_model("") == "an unnamed processor"
