"""Mistakes on the command line of `./invokew`: a sentence about the mistake, and one about the remedy."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tools.paths import PROJECT
from tools.program import Tasks

ALL = "`./invokew` lists the tasks."


def of(task: str) -> str:
    return f"`./invokew --help {task}` lists the options."


def hyphen(argument: str) -> str:
    return f"For a key that begins with a hyphen, write --{argument}=-a.jpg."


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nope"], f"There is no task 'nope'. {ALL}"),
        (["--nope"], f"There is no option '--nope'. {ALL}"),
        (["--config"], f"The option --config needs a value. {ALL}"),
        (["down", "now"], f"down has no argument 'now'. {of('down')}"),
        (["purge", "a.jpg", "b.jpg"], f"purge has no argument 'b.jpg'. {of('purge')}"),
        (["up", "--speed"], f"up has no option '--speed'. {of('up')}"),
        (["up", "--port"], f"The option --port needs a value. {of('up')}"),
        (["logs", "-s"], f"The option --since needs a value. {of('logs')}"),
        (["cost", "--hit-ratio"], f"The option --hit-ratio needs a value. {of('cost')}"),
        (["up", "it's"], f'up has no argument "it\'s". {of("up")}'),
        (["erase", "--local"], f"erase needs KEY (key of the original). {of('erase')}"),
        (
            ["release"],
            "release needs VERSION (number of the release, like 1.0.0, which has a section in CHANGELOG.md). "
            + of("release"),
        ),
        (["erase", "--lokal"], f"erase has no option '--lokal'. {hyphen('key')} {of('erase')}"),
        (["erase", "--lokal", "a.jpg"], f"erase has no option '--lokal'. {hyphen('key')} {of('erase')}"),
        (
            ["purge", "--yes", "--lokal", "a.jpg"],
            f"purge has no option '--lokal'. {hyphen('selection')} {of('purge')}",
        ),
        (["sign", "--lokal"], f"sign has no option '--lokal'. {of('sign')}"),
        (["purge", "-yx", "a.jpg"], f"purge has no option '-x'. {hyphen('selection')} {of('purge')}"),
        (
            ["purge", "a", "--configuration", ""],
            f"The option --configuration has an empty value. {of('purge')}",
        ),
        (["up", "--images="], f"The option --images has an empty value. {of('up')}"),
        (["plan", "--var-file", ""], f"The option --var-file has an empty value. {of('plan')}"),
        (["cost", "--hit-ratio", ""], f"The option --hit-ratio has an empty value. {of('cost')}"),
        (["erase", "latin\udce9.jpg"], f"KEY is not UTF-8. {of('erase')}"),
        (["sign"], f"sign needs URL (URL of an image, with its options). {of('sign')}"),
        (
            ["purge"],
            (
                "purge needs SELECTION (key of an original, a folder such as cats/, or the beginning of keys "
                f"such as 'cats/t*'). {of('purge')}"
            ),
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, Sequence) and not isinstance(value, str) else "",
)
def test_mistakes(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        Tasks().run(["./invokew", "--search-root", str(PROJECT), *arguments])
    assert ended.value.code == 1
    assert capsys.readouterr() == ("", f"{message}\n")


def test_the_help_names_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        Tasks(binary="./invokew").run(["./invokew", "--search-root", str(PROJECT), "--help", "down"])
    assert capsys.readouterr().out.startswith("Usage: ./invokew [--core-opts] down")


@pytest.mark.parametrize(
    "arguments",
    [
        ["down", "--help"],
        ["purge", "--help"],
        ["erase", "--local", "-h"],
        ["erase", "--help", "a.jpg"],
        ["--help", "sign"],
    ],
    ids=" ".join,
)
def test_the_help_of_a_task(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        Tasks(binary="./invokew").run(["./invokew", "--search-root", str(PROJECT), *arguments])
    assert ended.value.code == 0
    task = next(argument for argument in arguments if not argument.startswith("-"))
    assert capsys.readouterr().out.startswith(f"Usage: ./invokew [--core-opts] {task} ")


@pytest.mark.parametrize(
    "arguments",
    [["erase", "--key=-a.jpg"], ["erase", "--key", "-a.jpg"], ["purge", "--selection=-a.jpg"]],
    ids=" ".join,
)
def test_a_key_that_looks_like_an_option(arguments: list[str]) -> None:
    program = Tasks()
    program.create_config()
    program.parse_core(["./invokew", "--search-root", str(PROJECT), *arguments])
    program.parse_collection()
    program.parse_tasks()
    assert program.tasks[0].positional_args[0].value == "-a.jpg"


def test_an_error_of_http_is_no_error_of_a_file(tmp_path: Path) -> None:
    """HTTPError has a URL as the name of a file. Tasks catch it, so that one that escapes is a defect."""
    (tmp_path / "tasks.py").write_text(
        "from urllib.error import HTTPError\nfrom invoke.tasks import task\n\n@task\ndef fail(_):\n"
        "    raise HTTPError('http://localhost/', 404, 'Not Found', {}, None)\n"
    )
    command = [sys.executable, str(PROJECT / "tools/program.py"), "--search-root", str(tmp_path), "fail"]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - our program
    assert "HTTP Error 404: Not Found" in ended.stderr
    assert "cannot be used" not in ended.stderr


def test_an_interruption_of_the_imports(tmp_path: Path) -> None:
    """Another package in place of Invoke, whose import takes long."""
    (tmp_path / "invoke.py").write_text("import time\nprint('importing', flush=True)\ntime.sleep(60)\n")
    with subprocess.Popen(  # noqa: S603 - this Python, our program
        [sys.executable, "-P", str(PROJECT / "tools/program.py"), "--list"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 - one thread
    ) as program:
        assert program.stdout
        assert program.stdout.readline() == "importing\n"
        program.send_signal(signal.SIGINT)
        _, errors = program.communicate(timeout=60)
    assert (program.returncode, errors) == (-signal.SIGINT, "")


@pytest.mark.parametrize("blocked", ["a file", "a folder"])
def test_a_file_that_cannot_be_used(tmp_path: Path, blocked: str) -> None:
    """A program like tools/program.py whose task writes into a folder that is a file, or the reverse."""
    place = tmp_path / "output"
    place.touch() if blocked == "a file" else place.mkdir()
    write = "(place / 'a').write_text('')" if blocked == "a file" else "place.write_text('')"
    (tmp_path / "tasks.py").write_text(
        "from pathlib import Path\nfrom invoke.tasks import task\n\n@task\ndef write(_):\n"
        f"    place = Path({str(place)!r})\n    {write}\n"
    )
    command = [sys.executable, str(PROJECT / "tools/program.py"), "--search-root", str(tmp_path), "write"]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - our program
    path, reason = (place / "a", "Not a directory") if blocked == "a file" else (place, "Is a directory")
    assert (ended.returncode, ended.stderr) == (1, f"{path} cannot be used: {reason}.\n")


def test_the_wrapper_starts_this_program() -> None:
    assert "tools/program.py" in Path(PROJECT / "invokew").read_text().splitlines()[-1]


def test_a_reader_that_ends_early() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as output:
        result = subprocess.run(  # noqa: S603 - this Python, our program
            [
                sys.executable,
                "-u",
                str(PROJECT / "tools/program.py"),
                "--search-root",
                str(PROJECT),
                "--list",
            ],
            check=False,
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert (result.returncode, result.stderr) == (1, "")
