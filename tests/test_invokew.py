"""`./invokew`: the first run, with a stand-in for uv."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tools.paths import PROJECT

INSTALLED = (
    "Resolved 2 packages in 1s\\nDownloading pillow (6.7MiB)\\nInstalled 2 packages in 1s\\n + invoke==3.0\\n"
)
UNTRUSTED = (
    "error: Failed to fetch https://index.example/simple\\n  invalid peer certificate: UnknownIssuer\\n"
)
# Signal => exit code.
INTERRUPTIONS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 1}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    shutil.copy(PROJECT / "invokew", folder)
    (folder / "requirements-dev.txt").write_text("invoke==3.0\n")
    return folder


def first_run(project: Path, output: str, code: int) -> tuple[int, str]:
    """Run `./invokew` with a uv that prints and ends like this. The environment's Python only says so."""
    process = start_first_run(project, f"printf '{output}' >&2; exit {code}")
    printed, _ = process.communicate()
    return process.returncode, printed


def start_first_run(project: Path, install: str) -> subprocess.Popen[str]:
    """Start `./invokew` with a uv that installs packages by this line of the shell."""
    programs = project.parent / "bin"
    programs.mkdir()
    uv = programs / "uv"
    uv.write_text(
        "#!/bin/sh\n"
        'case "$1" in\n'
        '  venv) for last; do :; done; mkdir -p "$last/bin"; '
        'printf \'#!/bin/sh\\necho started\\n\' >"$last/bin/python"; chmod +x "$last/bin/python" ;;\n'
        f"  pip) {install} ;;\n"
        "esac\n"
    )
    uv.chmod(0o755)
    return subprocess.Popen(  # noqa: S603  # the script of the project
        [project / "invokew", "--list"],
        env={"HOME": str(project.parent), "PATH": f"{programs}:{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        # A shell ignores SIGINT for background processes, nohup ignores SIGHUP, and children inherit that.
        preexec_fn=restore_signals,  # noqa: PLW1509  # no thread holds a lock
        text=True,
        process_group=0,
    )


def restore_signals() -> None:
    for number in INTERRUPTIONS:
        signal.signal(number, signal.SIG_DFL)


def test_the_first_run_shows_its_progress(project: Path) -> None:
    code, output = first_run(project, INSTALLED, 0)
    assert code == 0
    lines = output.splitlines()
    assert lines[0].startswith("Making the environment in .venv: about 100 packages")
    assert lines[1:] == [
        "Resolved 2 packages in 1s",
        "Downloading pillow (6.7MiB)",
        "Installed 2 packages in 1s",
        "started",
    ]
    assert sorted(path.name for path in project.iterdir()) == [".venv", "invokew", "requirements-dev.txt"]


@pytest.mark.parametrize(("reason", "is_hinted"), [(UNTRUSTED, True), ("error: no space left\\n", False)])
def test_a_failed_first_run_says_what_to_do(project: Path, reason: str, *, is_hinted: bool) -> None:
    code, output = first_run(project, reason, 2)
    assert code == 1
    assert "requirements-dev.txt could not be installed" in output
    assert ("SSL_CERT_FILE" in output) == is_hinted
    assert sorted(path.name for path in project.iterdir()) == ["invokew", "requirements-dev.txt"]


@pytest.mark.parametrize(("number", "code"), INTERRUPTIONS.items())
def test_an_interrupted_first_run_leaves_nothing(project: Path, number: signal.Signals, code: int) -> None:
    with start_first_run(project, "echo installing; exec sleep 20") as process:
        assert process.stdout is not None
        while "installing" not in process.stdout.readline():
            assert process.poll() is None
        os.killpg(process.pid, number)
        process.communicate()  # the shell reports the end of its children
    assert process.returncode == code
    assert sorted(path.name for path in project.iterdir()) == ["invokew", "requirements-dev.txt"]


def test_a_folder_that_cannot_be_written_to_is_named(project: Path) -> None:
    programs = project.parent / "bin"
    programs.mkdir()
    (programs / "mktemp").write_text("#!/bin/sh\necho mktemp: Read-only file system >&2\nexit 1\n")
    (programs / "mktemp").chmod(0o755)
    result = subprocess.run(  # noqa: S603  # the script of the project
        [project / "invokew", "--list"],
        env={"HOME": str(project.parent), "PATH": f"{programs}:{os.environ['PATH']}"},
        capture_output=True,
        check=False,
        text=True,
    )
    assert result.returncode == 1
    remedy = "make that writable, or free space on its disk."
    assert result.stderr == f"invokew: the environment needs a folder in {project}: {remedy}\n"
