import re
from pathlib import Path

from tools.bench.environment import PEERS
from tools.bench.machine import parse_processor_model
from tools.bench.photographs import MEASURED_ON, PROGRESSIVE, SAMPLES_MEASURED_ON, TUNED_ON, find_photographs
from tools.paths import SAMPLES


def test_photographs_for_tuning_are_not_measured() -> None:
    measured = {*MEASURED_ON, *PROGRESSIVE}
    assert measured.isdisjoint(TUNED_ON)
    assert len(MEASURED_ON) + len(SAMPLES_MEASURED_ON) >= 8


def test_without_npm_only_the_samples_are_left(tmp_path: Path) -> None:
    assert find_photographs(tmp_path, SAMPLES) == {
        "baseline": [SAMPLES / name for name in SAMPLES_MEASURED_ON],
        "progressive": [],
    }


def test_the_npm_lock_names_no_registry() -> None:
    lock = (PEERS / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert re.search(r'"integrity": "sha512-', lock)


def test_the_processor_is_the_first_model_name() -> None:
    assert parse_processor_model("processor\t: 0\nmodel name\t: Some CPU @ 3 GHz\nmodel name\t: x\n") == (
        "Some CPU @ 3 GHz"
    )
    assert parse_processor_model("") == "an unnamed processor"
