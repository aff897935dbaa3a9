"""Tasks called with what cannot work: one sentence and exit code 1."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from invoke.collection import Collection
from invoke.context import Context

import tasks
import tools.build
from tools.paths import PROJECT


def invoke(*arguments: str, home: Path, **more: str) -> tuple[int, str]:
    """Run a task as a user without anything of AWS."""
    ended = subprocess.run(  # noqa: S603  # our own tasks
        [sys.executable, "-P", "tools/program.py", *arguments],
        cwd=PROJECT,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "AWS_EC2_METADATA_DISABLED": "true",
            **more,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout + ended.stderr


def test_without_a_task_the_tasks_are_listed_by_purpose(tmp_path: Path) -> None:
    code, said = invoke(home=tmp_path)
    assert code == 0
    titles = [line for line in said.splitlines() if line and not line.startswith(" ")]
    assert titles[0] == "See it on your machine"
    assert "More" not in titles, "add the task to a group in tools/overview.py"
    listed = re.findall(r"^  (\w+) ", said, re.MULTILINE)
    assert {*listed, "overview"} == set(Collection.from_module(tasks).task_names)
    assert listed[:2] == ["up", "down"]


@pytest.mark.parametrize(
    ("task", "flag"), [("up", "port"), ("fuzz", "minutes"), ("fuzz", "executions"), ("fuzz", "seed")]
)
def test_a_flag_that_is_no_number(tmp_path: Path, task: str, flag: str) -> None:
    code, said = invoke(task, f"--{flag}", "banana", home=tmp_path)
    assert (code, said) == (1, f"--{flag} takes a whole number, not 'banana'.\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["release", "banana"], "The version 'banana' is not a number like 1.0.0."),
        (["fuzz", "--minutes", "-5"], "--minutes, --executions and --seed take a whole number of 0 or more."),
        (["simulate", "--sizes", "1.5"], "--sizes takes a whole number, not '1.5'."),
        (["cost", "--originals", "0"], "--originals takes a number from 1 to 10,000,000,000, not 0."),
    ],
)
def test_numbers_are_checked_before_any_work(tmp_path: Path, arguments: list[str], message: str) -> None:
    assert invoke(*arguments, home=tmp_path) == (1, f"{message}\n")


@pytest.mark.parametrize("task", ["plan", "apply", "destroy"])
def test_no_credentials(tmp_path: Path, task: str) -> None:
    code, said = invoke(task, home=tmp_path)
    assert code == 1
    assert said.startswith("There are no AWS credentials: sign in with `aws configure`")
    assert said.count("\n") == 1


def test_a_profile_that_is_not_there(tmp_path: Path) -> None:
    code, said = invoke("plan", home=tmp_path, AWS_PROFILE="nobody")
    assert code == 1
    assert said.startswith(
        "AWS credentials cannot be loaded (The config profile (nobody) could not be found): "
    )
    assert said.count("\n") == 1


def test_clean_leaves_environments_stacks_and_the_selected_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = [".venv/lib/__pycache__/a.pyc", ".local/__pycache__/a.pyc", "terraform/.terraform/environment"]
    deleted = ["dist/a.zip", ".mypy_cache/a", "tools/frameworks/work/a", "libs/a/__pycache__/a.pyc"]
    for name in (*kept, *deleted):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.setattr(tasks, "PROJECT", tmp_path)
    tasks.clean(Context())
    left = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(left) == sorted(kept)


@pytest.mark.parametrize(
    ("only", "arguments"),
    [
        ("", []),
        ("tests/libs -x", ["tests/libs", "-x"]),
        ("tests/libs -k 'gif or webp'", ["tests/libs", "-k", "gif or webp"]),
    ],
)
def test_arguments_of_pytest_may_be_quoted(
    monkeypatch: pytest.MonkeyPatch, only: str, arguments: list[str]
) -> None:
    ran: list[tuple[str, ...]] = []

    def run_module(*words: str, cwd: Path) -> bool:
        ran.append(words)
        return cwd == PROJECT

    monkeypatch.setattr(tools.build, "build", lambda **_: None)
    monkeypatch.setattr(tasks, "run_module", run_module)
    tasks.test(Context(), only)
    [(module, option, _, *rest)] = ran
    assert (module, option, rest) == ("pytest", "--numprocesses", arguments)


def test_an_open_quotation_mark(tmp_path: Path) -> None:
    assert invoke("test", "--only", "-k 'gif", home=tmp_path) == (
        1,
        '--only "-k \'gif" cannot be split into arguments: No closing quotation.\n',
    )
