"""Files that once broke an invariant of the fuzzer. Each is transformed or refused with a named error."""

from pathlib import Path

import pytest

from tools.fuzz.targets import TARGETS

FILES = [
    *sorted((Path(__file__).parents[1] / "images" / "broken").iterdir()),
    *sorted((Path(__file__).parent / "regressions").iterdir()),
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
@pytest.mark.parametrize("target", TARGETS)
def test_regression(target: str, path: Path) -> None:
    data = path.read_bytes()
    for check in TARGETS[target]:
        assert check(data)
