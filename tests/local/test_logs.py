"""The summary of the log of a function that really ran."""

import time
from collections.abc import Callable, Mapping

import pytest
from botocore.config import Config

from tests.local.s3_proxy import Fault, S3Proxy
from tests.local.viewer import Viewer
from tools.console import ToolError
from tools.deployment import Deployment
from tools.local.stack import Stack
from tools.logs import reader, report
from tools.logs.reader import read_logs

pytestmark = pytest.mark.xdist_group("stack")


@pytest.fixture
def deployment(stack: Stack) -> Deployment[Mapping[str, str]]:
    return Deployment(
        session=stack.emulator.session(),
        endpoint_url=stack.emulator_url,
        outputs=stack.outputs["function_arns"],
    )


def test_outcomes_times_and_reasons(
    deployment: Deployment[Mapping[str, str]], viewer: Viewer, put: Callable[..., str], s3_proxy: S3Proxy
) -> None:
    key = put("logs/cat.jpg", "cat.jpg")
    since_ms = round(time.time() * 1000)
    assert viewer.get(key, "size=S").status == 200
    assert viewer.get(key, "size=S&to_webp=1").status == 200
    assert viewer.get("logs/missing.jpg", "size=S").status == 404
    with s3_proxy.failing(**{"HEAD logs/cat-2.jpg": Fault.BUSY}):
        assert viewer.get(put("logs/cat-2.jpg", "cat.jpg"), "size=S").status == 302

    summary, failures = read_logs(deployment, since_ms)
    function = summary.functions["edge_resize"]
    assert failures == []
    assert function.outcomes == {"made": 2, "refused": 1, "redirected": 1}
    assert {phase: len(values) for phase, values in function.timings_ms.items()} == {
        "lookup": 4,
        "fetch": 2,
        "transform": 2,
        "store": 2,
    }
    assert function.derivatives == 2
    assert 0 < function.derivative_bytes < function.original_bytes
    assert {outcome for outcome, _ in function.reasons} == {"refused", "redirected"}


def test_a_key_with_an_escape_sequence(
    deployment: Deployment[Mapping[str, str]],
    viewer: Viewer,
    put: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    key = put("logs/\x1b[2Jcat.jpg", "cat.jpg")
    assert viewer.get(key, "size=S").status == 200
    with monkeypatch.context() as slow:
        # The slowest images are listed, so every other one counts as fast.
        slow.setattr("tools.logs.summary._MAX_KEYS", 10_000)
        slow.setattr(report, "find_deployment", lambda *_, **__: deployment)
        report.show_logs(since="5m", local=True)
    table = capsys.readouterr().out
    assert r"logs/\x1b[2Jcat.jpg" in table


def test_an_emulator_that_does_not_respond_is_one_sentence(
    deployment: Deployment[Mapping[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    unreachable = Deployment(
        session=deployment.session,
        endpoint_url="http://127.0.0.1:9",
        outputs=deployment.outputs,
    )
    monkeypatch.setattr(report, "find_deployment", lambda *_, **__: unreachable)
    # Ten attempts would take a minute.
    monkeypatch.setattr(
        reader, "_CLIENT_CONFIG", Config(retries={"mode": "adaptive", "total_max_attempts": 2})
    )
    with pytest.raises(ToolError) as caught:
        report.show_logs(since="1m", local=True)
    assert caught.value.message is not None
    assert caught.value.message.startswith("No logs from us-east-1: AWS did not respond")
    assert "\n" not in caught.value.message
