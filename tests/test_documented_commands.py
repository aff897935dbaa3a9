"""The documented commands of Invoke, each executed here or by another test."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from invoke.collection import Collection
from invoke.program import Program

import tasks
from tests.ports import free_port
from tests.test_readme import DOCUMENTS
from tests.test_tasks import invoke
from tools.paths import SAMPLES

if TYPE_CHECKING:
    from tools.local import StackOptions

COMMAND = re.compile(r"^ {4}(?:\./invokew|invoke) +([^#\n]*?) *(?:#.*)?$", re.MULTILINE)
COMMANDS = {command for text in DOCUMENTS.values() for command in COMMAND.findall(text)}

UNAFFECTED = {
    "--list": "Available tasks:",
    "cost --requests 20M": "US dollars a month",
    "cost --requests 20M --json": "{",
    "docs": "",
    "simulate --requests 1B": "edge_resize",
}
"""Commands that change nothing in a clean tree, with the start of their output."""
ELSEWHERE = {
    "apply": "tests/test_tasks.py, up to the request for credentials",
    "apply --workspace staging --var-file staging.tfvars": "tests/tools/terraform/test_root.py",
    "backfill": "tests/tools/backfill/test_backfill.py",
    "backfill --variant regional_resize --options ''": "tests/tools/backfill/test_regional.py",
    "backfill --variant regional_resize --options 'width=640&format=auto-avif'": (
        "tests/tools/backfill/test_regional.py"
    ),
    "backfill --yes": "tests/local/trigger/test_backfill.py",
    "build": "every run of the tests, see the task `test`",
    "destroy": "tests/test_tasks.py, up to the request for credentials",
    "destroy --workspace staging --var-file staging.tfvars": "tests/tools/terraform/test_root.py",
    "down": "tests/local/test_lifecycle.py",
    "doctor": "tests/tools/doctor/test_doctor.py",
    "erase people/person.jpg": "tests/tools/erase/test_erase.py",
    "fuzz --minutes 60": ".ci/run, with a number of executions in place of minutes",
    "lint": ".ci/run",
    "logs": "tests/tools/logs/test_reader.py, from the groups of a deployment",
    "logs --configuration ../infra/production": "tests/tools/test_deployment.py",
    "logs --since 7d --local": "tests/local/test_logs.py",
    "plan": "tests/test_tasks.py, up to the request for credentials",
    "plan --workspace staging --var-file staging.tfvars": "tests/tools/terraform/test_root.py",
    "purge cats/": "tests/tools/erase/test_purge.py",
    "purge photo.jpg": "tests/tools/erase/test_purge.py",
    "redrive": "tests/local/trigger/test_failures.py",
    "release 1.0.0": "tests/tools/test_release.py",
    'sign "https://img.example.com/cat.jpg?width=601&height=333&fit=cover" --expires 1h': (
        "tests/tools/test_sign.py"
    ),
    "simulate --validate": "tests/local/test_traces.py",
    "test": ".ci/run",
}
"""Commands that other tests execute, or that execute the tests."""
NOT_EXECUTED = {
    "bench": "takes ten minutes and npm packages",
    "cost --measure": "measures the running stack; the counts are checked in tests/tools/cost",
    "load --seconds 600": "takes ten minutes; tests/local/test_traces.py runs its parts",
    "simulate --docs": "takes a minute; tests/tools/simulate/test_report.py renders the same tables",
    "corpora": "downloads the packages of other projects",
    "frameworks": "takes Chromium and 800 MB of npm packages",
    "provider6": "downloads bindings of 60 MB; tests/tools/test_provider6.py compares with an excerpt",
    "lock": "writes other locks when there are new versions",
}


def test_every_command_is_executed_or_has_a_reason() -> None:
    stacks = {command for command in COMMANDS if command.split()[0] == "up"}
    assert len(stacks) == 9
    assert COMMANDS - stacks == UNAFFECTED.keys() | ELSEWHERE.keys() | NOT_EXECUTED.keys()


@pytest.mark.parametrize("command", UNAFFECTED)
def test_a_command_that_changes_nothing(command: str, tmp_path: Path) -> None:
    code, output = invoke(*command.split(), home=tmp_path)
    assert code == 0
    assert output.startswith(UNAFFECTED[command])


@pytest.mark.parametrize(
    ("command", "variants"),
    [
        ("up", ("edge_resize",)),
        ("up --detach", ("edge_resize",)),
        ("up --images ~/Pictures", ("edge_resize",)),
        ("up --port 8081", ("edge_resize",)),
        ("up --var-file my.tfvars", ("object_lambda",)),
        ("up --variants object_lambda", ("object_lambda",)),
        ("up --variants object_lambda,s3_trigger", ("object_lambda", "s3_trigger")),
        ("up --variants regional_resize", ("regional_resize",)),
        ("up --variants s3_trigger", ("s3_trigger",)),
    ],
)
def test_a_command_that_starts_a_stack(
    command: str, variants: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Executed up to the build. tests/local/test_lifecycle.py starts a real stack."""
    assert command in COMMANDS
    (tmp_path / "Pictures").mkdir()
    (tmp_path / "Pictures" / "cat.png").write_bytes((SAMPLES / "cat.png").read_bytes())
    (tmp_path / "my.tfvars").write_text('variants = ["object_lambda"]\n')
    started: list[StackOptions] = []
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("tools.local.options.require_not_running", lambda _: None)
    monkeypatch.setattr("tools.build.build", lambda **_: None)
    monkeypatch.setattr("tools.local.up", lambda options, **_: started.append(options))
    arguments = command.replace("my.tfvars", "~/my.tfvars").replace("8081", str(free_port())).split()
    if "--port" not in arguments:
        arguments += ["--port", str(free_port())]
    Program(namespace=Collection.from_module(tasks)).run(["invoke", *arguments], exit=False)
    (options,) = started
    assert options.variants == variants
    assert options.images == (tmp_path / "Pictures" if "--images" in arguments else SAMPLES)
