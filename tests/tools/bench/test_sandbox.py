from pathlib import Path

import pytest

from tools.bench import sandbox
from tools.bench.sandbox import run_function
from tools.console import ToolError


def test_a_process_that_ends_at_its_start_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "handler.py").write_text("import os\nos._exit(3)\n", encoding="utf-8")
    monkeypatch.setattr(sandbox, "_TIMEOUT_SECONDS", 0.1)
    with (
        pytest.raises(ToolError, match=r"^The function did not respond within 0 s\."),
        run_function(tmp_path, "handler.lambda_handler", {}, folder=tmp_path),
    ):
        pass
