"""One emulator for all tests that do not need one of their own: they are in the xdist group `emulator`."""

from collections.abc import Iterator

import pytest

from tools.local.emulator.process import Emulator
from tools.local.state import StateFolder


@pytest.fixture(scope="session")
def emulator_state(tmp_path_factory: pytest.TempPathFactory) -> StateFolder:
    return StateFolder(tmp_path_factory.mktemp("emulator"))


@pytest.fixture(scope="session")
def emulator(emulator_state: StateFolder) -> Iterator[Emulator]:
    with Emulator(emulator_state) as running:
        yield running
