import re
from pathlib import Path

import pytest

from tools.build import lock
from tools.console import ToolError

TINY = re.compile(r"tiny==2\.0( \\\n    --hash=sha256:[0-9a-f]{64})+\n")


def locks(project: Path) -> dict[str, str]:
    return {path.relative_to(project).as_posix(): path.read_text() for path in lock(project)}


@pytest.mark.usefixtures("index")
def test_versions_and_hashes_and_nothing_else(bare_project: Path) -> None:
    written = locks(bare_project)
    assert list(written) == [
        "functions/hello/requirements.txt",
        "functions/plain/requirements.txt",
        "requirements-dev.txt",
    ]
    assert TINY.fullmatch(written["functions/hello/requirements.txt"])
    assert written["functions/plain/requirements.txt"] == ""
    assert TINY.fullmatch(written["requirements-dev.txt"])


@pytest.mark.usefixtures("index")
def test_variables_of_the_environment_change_nothing(
    bare_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = locks(bare_project)
    assert locks(bare_project) == first
    for file in first:
        (bare_project / file).unlink()
    monkeypatch.setenv("UV_RESOLUTION", "lowest")
    monkeypatch.setenv("UV_EXCLUDE_NEWER", "2001-01-01")
    monkeypatch.setenv("UV_NO_HEADER", "0")
    assert locks(bare_project) == first


@pytest.mark.usefixtures("index")
def test_further_requirements_are_locked_too(bare_project: Path) -> None:
    (bare_project / "requirements-checks.in").write_text("tiny<2\n")
    assert locks(bare_project)["requirements-checks.txt"].startswith("tiny==1.0 \\\n    --hash=sha256:")


@pytest.mark.usefixtures("index")
def test_every_group_has_a_lock_of_its_own(bare_project: Path) -> None:
    with (bare_project / "pyproject.toml").open("a") as project_file:
        project_file.write('peers = ["tiny<2"]\n')
    written = locks(bare_project)
    assert written["requirements-peers.txt"].startswith("tiny==1.0 ")
    assert written["requirements-dev.txt"].startswith("tiny==2.0 ")


@pytest.mark.usefixtures("index")
def test_a_locked_version_stays_until_the_project_file_forbids_it(bare_project: Path) -> None:
    source = bare_project / "libs" / "greeting" / "pyproject.toml"
    text = source.read_text()
    source.write_text(text.replace('"tiny"', '"tiny<2"'))
    lock(bare_project)
    source.write_text(text)
    assert "tiny==1.0" in locks(bare_project)["functions/hello/requirements.txt"]
    source.write_text(text.replace('"tiny"', '"tiny>1"'))
    assert "tiny==2.0" in locks(bare_project)["functions/hello/requirements.txt"]


@pytest.mark.usefixtures("index")
def test_a_lock_that_cannot_be_resolved_is_named(bare_project: Path) -> None:
    (bare_project / "requirements-checks.in").write_text("tiny>3\n")
    with pytest.raises(ToolError, match=r"requirements-checks\.txt could not be resolved: .*tiny"):
        lock(bare_project)
