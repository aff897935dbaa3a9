from pathlib import Path

import pytest

from tools.bench import run
from tools.bench.environment import Peers
from tools.console import ToolError
from tools.paths import PROJECT


def test_a_peer_that_does_not_run_is_one_sentence_before_any_measurement(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    peers = Peers(python=Path("/no/python"), packages=None, thumbor=Path("/no/python"))
    monkeypatch.setattr(run, "install_peers", lambda: peers)
    monkeypatch.setattr(run, "measure_cold_path", lambda _: pytest.fail("measured"))
    with pytest.raises(ToolError, match=r"^The benchmark failed: .*/no/python"):
        run.bench(PROJECT)
