import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.tools.build.conftest import FILES
from tools.build import Manifest, Wheel, assemble, build
from tools.build.inputs import digest_inputs
from tools.build.project import find_functions
from tools.console import ToolError
from tools.paths import PROJECT

BUILD = """
import pathlib, sys
from tools.build import build
build(builder="host", project=pathlib.Path(sys.argv[1]))
"""
HELLO = [
    "greeting/__init__.py",
    "greeting/__pycache__/__init__.cpython-313.pyc",
    "greeting/words.txt",
    "hello/__init__.py",
    "hello/__pycache__/__init__.cpython-313.pyc",
    "hello/__pycache__/handler.cpython-313.pyc",
    "hello/handler.py",
    "phrases/__init__.py",
    "phrases/__pycache__/__init__.cpython-313.pyc",
    "tiny-2.0.dist-info/METADATA",
    "tiny-2.0.dist-info/WHEEL",
    "tiny/__init__.py",
    "tiny/__pycache__/__init__.cpython-313.pyc",
]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def start_build(project: Path, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603  our own program
        [sys.executable, "-c", BUILD, project],
        cwd=environment.get("HOME", project),
        env=os.environ | {"PYTHONPATH": str(PROJECT)} | environment,
        stdout=subprocess.DEVNULL,
    )


def test_a_zip_holds_function_libraries_wheels_and_bytecode(project: Path) -> None:
    build(builder="host", project=project)
    assert names(project / "dist" / "hello.zip") == HELLO
    assert sorted(path.name for path in (project / "dist").iterdir()) == [
        "hello.zip",
        "manifest.json",
        "plain.zip",
    ]


def test_the_zip_runs_on_its_own(project: Path) -> None:
    build(builder="host", project=project)
    code = (
        f"import sys; sys.path.insert(0, {str(project / 'dist' / 'hello.zip')!r})\n"
        "from hello.handler import lambda_handler; print(lambda_handler({}, None))"
    )
    command = [sys.executable, "-I", "-S", "-c", code]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  our own zip
    assert done.stdout == "hello tiny 2.0\n"


def test_the_manifest_describes_the_zips(project: Path) -> None:
    manifest = build(builder="host", project=project)
    hello, plain = manifest.functions
    zip_path = project / "dist" / "hello.zip"
    with zipfile.ZipFile(zip_path) as archive:
        unpacked_bytes = sum(entry.file_size for entry in archive.infolist())
    assert (hello.name, plain.name) == ("hello", "plain")
    assert hello.sha256 == digest(zip_path)
    assert (hello.size_bytes, hello.unpacked_bytes) == (zip_path.stat().st_size, unpacked_bytes)
    assert hello.wheels == (Wheel(name="tiny", version="2.0"),)
    assert plain.wheels == ()
    assert Manifest.read(project / "dist" / "manifest.json") == manifest


@pytest.mark.parametrize(
    "changes",
    [
        {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "HOME": "/", "SOURCE_DATE_EPOCH": "1000000000"},
        {"PYTHONOPTIMIZE": "2", "PYTHONNODEBUGRANGES": "1", "PYTHONHASHSEED": "7"},
        {"UV_COMPILE_BYTECODE": "1", "UV_LINK_MODE": "symlink", "UV_NO_BINARY": "1"},
    ],
    ids="+".join,
)
def test_the_same_bytes_whatever_the_environment(project: Path, changes: dict[str, str]) -> None:
    build(builder="host", project=project)
    expected = digest(project / "dist" / "hello.zip")
    (project / "dist" / "hello.zip").unlink()
    assert start_build(project, **changes).wait() == 0
    assert digest(project / "dist" / "hello.zip") == expected


def test_the_same_bytes_in_another_folder_with_another_umask(project: Path, tmp_path: Path) -> None:
    build(builder="host", project=project)
    other = tmp_path / "elsewhere" / "a b"
    before = os.umask(0o077)
    try:
        other.mkdir(parents=True)
        for source in sorted(project.rglob("*"), reverse=True):
            target = other / source.relative_to(project)
            if source.is_file() and "dist" not in source.parts:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(source.read_bytes())
                target.chmod(0o700)
                os.utime(target, (1, 1))
        build(builder="host", project=other)
    finally:
        os.umask(before)
    assert digest(other / "dist" / "hello.zip") == digest(project / "dist" / "hello.zip")
    assert (other / "dist" / "manifest.json").read_bytes() == (
        project / "dist" / "manifest.json"
    ).read_bytes()


def test_one_function_is_built_beside_the_others(project: Path) -> None:
    before = build(builder="host", project=project)
    (project / "functions" / "plain" / "plain" / "handler.py").write_text("CHANGED = True\n")
    after = build(["plain"], builder="host", project=project)
    assert after.functions[0] == before.functions[0]
    assert after.functions[1] != before.functions[1]
    assert after.functions[1].sha256 == digest(project / "dist" / "plain.zip")


@pytest.mark.parametrize("is_current", [False, True])
def test_the_folder_of_a_killed_build_is_deleted(project: Path, *, is_current: bool) -> None:
    if is_current:
        build(builder="host", project=project)
        (project / "functions" / "plain" / "plain" / "handler.py").write_text("CHANGED = True\n")
    with start_build(project) as process:
        while not (left := list(project.glob("dist/.build-*"))):
            assert process.poll() is None
            time.sleep(0.001)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert left == list(project.glob("dist/.build-*"))
    if is_current:
        (project / "functions" / "plain" / "plain" / "handler.py").write_text(
            FILES["functions/plain/plain/handler.py"]
        )
    build(builder="host", project=project)
    assert not list(project.glob("dist/.build-*"))


def test_the_folder_of_a_running_build_stays(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install = assemble._install_wheels  # noqa: SLF001  the moment in which a build is running
    folders: list[Path] = []

    def build_meanwhile(*arguments: Any) -> None:
        if not folders:
            folders.extend(project.glob("dist/.build-*"))
            build(["plain"], builder="host", project=project)
            assert list(project.glob("dist/.build-*")) == folders
        install(*arguments)

    monkeypatch.setattr(assemble, "_install_wheels", build_meanwhile)
    assert [zip_.name for zip_ in build(builder="host", project=project).functions] == ["hello", "plain"]
    assert len(folders) == 1


def test_one_function_is_built_beside_a_broken_one(project: Path) -> None:
    (project / "functions" / "hello" / "pyproject.toml").write_text("[project")
    assert [zip_.name for zip_ in build(["plain"], builder="host", project=project).functions] == ["plain"]


def test_a_removed_function_leaves_manifest_and_folder(project: Path) -> None:
    build(builder="host", project=project)
    shutil.rmtree(project / "functions" / "hello")
    manifest = build(builder="host", project=project)
    assert [zip_.name for zip_ in manifest.functions] == ["plain"]
    assert manifest == Manifest.read(project / "dist" / "manifest.json")
    assert sorted(path.name for path in (project / "dist").iterdir()) == ["manifest.json", "plain.zip"]


def change_nothing(project: Path) -> None:
    for path in (project / "functions").rglob("*"):
        os.utime(path)


def change_library(project: Path) -> None:
    (project / "libs" / "greeting" / "greeting" / "words.txt").write_text("good day\n")


def add_module(project: Path) -> None:
    (project / "functions" / "hello" / "hello" / "more.py").touch()


def change_lock(project: Path) -> None:
    with (project / "functions" / "hello" / "requirements.txt").open("a") as lock:
        lock.write("# a comment\n")


def damage_zip(project: Path) -> None:
    with (project / "dist" / "hello.zip").open("ab") as zip_:
        zip_.write(b"x")


def remove_zip(project: Path) -> None:
    (project / "dist" / "hello.zip").unlink()


def remove_manifest(project: Path) -> None:
    (project / "dist" / "manifest.json").unlink()


@pytest.mark.parametrize(
    ("change", "built"),
    [
        (change_nothing, set()),
        (change_library, {"hello"}),
        (add_module, {"hello"}),
        (change_lock, {"hello"}),
        (damage_zip, {"hello"}),
        (remove_zip, {"hello"}),
        (remove_manifest, {"hello", "plain"}),
    ],
)
def test_only_changed_functions_are_built_again(
    project: Path, capsys: pytest.CaptureFixture[str], change: Callable[[Path], None], built: set[str]
) -> None:
    first = build(builder="host", project=project)
    change(project)
    capsys.readouterr()
    again = build(builder="host", project=project)
    output = capsys.readouterr().out
    assert set(re.findall(r"^build (\w+)", output, re.MULTILINE)) == built
    assert ("builder:" in output) is bool(built)
    assert {zip_.name: zip_.sha256 for zip_ in again.functions} == {
        name: digest(project / "dist" / f"{name}.zip") for name in ("hello", "plain")
    }
    if change not in {change_library, add_module}:
        assert [zip_.sha256 for zip_ in again.functions] == [zip_.sha256 for zip_ in first.functions]


@pytest.mark.parametrize("module", ["platform", "version"])
def test_another_release_of_python_or_of_the_compressor_builds_again(
    project: Path, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    [function] = find_functions(project, ["plain"])
    before = digest_inputs(function)
    other = SimpleNamespace(python_version=lambda: "3.13.99") if module == "platform" else lambda _: "99"
    monkeypatch.setattr(f"tools.build.inputs.{module}", other)
    assert digest_inputs(function) != before


def test_a_damaged_manifest_is_replaced(project: Path) -> None:
    (project / "dist").mkdir()
    (project / "dist" / "manifest.json").write_text('{"functions": [{"name": "hello"}]}')
    assert [zip_.name for zip_ in build(["plain"], builder="host", project=project).functions] == ["plain"]


def break_hash(project: Path) -> None:
    lock = project / "functions" / "hello" / "requirements.txt"
    lock.write_text(re.sub("sha256:.{64}", f"sha256:{'0' * 64}", lock.read_text()))


def break_source(project: Path) -> None:
    (project / "functions" / "hello" / "hello" / "handler.py").write_text("def (:\n")


def break_lock(project: Path) -> None:
    (project / "functions" / "hello" / "requirements.txt").unlink()


def break_name(project: Path) -> None:
    package = project / "libs" / "tiny" / "tiny"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (project / "libs" / "tiny" / "pyproject.toml").touch()
    with (project / "libs" / "greeting" / "pyproject.toml").open("a") as file:
        file.write('[tool.uv.sources]\nour-tiny = { path = "../tiny" }\n')


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (break_hash, r"The locked wheels cannot be installed: .*[Hh]ash mismatch"),
        (break_source, r"A source cannot be compiled: .*handler\.py, line 1"),
        (break_lock, r"hello has no requirements\.txt; run: \./invokew lock"),
        (break_name, r"hello has two files for tiny/__init__\.py; rename or drop one of the packages\."),
    ],
)
def test_a_failed_build_explains_and_leaves_the_previous_zips(
    project: Path, damage: Callable[[Path], None], sentence: str
) -> None:
    build(builder="host", project=project)
    before = {path.name: digest(path) for path in (project / "dist").iterdir()}
    (project / "functions" / "plain" / "plain" / "handler.py").write_text("CHANGED = True\n")
    damage(project)
    with pytest.raises(ToolError, match=sentence):
        build(["plain", "hello"], builder="host", project=project)
    assert {path.name: digest(path) for path in (project / "dist").iterdir()} == before


@pytest.mark.parametrize(
    ("limit", "sentence"),
    [
        ("MAX_ZIP_BYTES", r"The zip of plain has [\d,]+ bytes and Lambda takes 100: drop"),
        (
            "MAX_UNPACKED_BYTES",
            r"The content of the zip of plain has [\d,]+ bytes and Lambda takes 100: drop",
        ),
    ],
)
def test_a_package_over_a_quota_is_not_built(
    project: Path, monkeypatch: pytest.MonkeyPatch, limit: str, sentence: str
) -> None:
    monkeypatch.setattr(assemble, limit, 100)
    with pytest.raises(ToolError, match=sentence):
        build(["plain"], builder="host", project=project)
    assert not (project / "dist" / "plain.zip").exists()


def test_the_quotas_of_lambda() -> None:
    assert (assemble.MAX_ZIP_BYTES, assemble.MAX_UNPACKED_BYTES) == (52_428_800, 262_144_000)


def test_another_python_is_refused(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = SimpleNamespace(implementation=SimpleNamespace(cache_tag="cpython-312"), version="3.12.1 (main)")
    monkeypatch.setattr(assemble, "sys", other)
    with pytest.raises(
        ToolError, match=r"Bytecode is for CPython 3\.13, and this is 3\.12\.1; run: \./invokew build"
    ):
        build(builder="host", project=project)


def test_concurrent_builds_do_not_interfere(project: Path) -> None:
    running = [start_build(project), start_build(project)]
    assert [process.wait() for process in running] == [0, 0]
    manifest = json.loads((project / "dist" / "manifest.json").read_text())
    for function in manifest["functions"]:
        assert digest(project / "dist" / f"{function['name']}.zip") == function["sha256"]
    assert sorted(path.name for path in (project / "dist").iterdir()) == [
        "hello.zip",
        "manifest.json",
        "plain.zip",
    ]


def test_concurrent_builds_of_two_functions_are_both_in_the_manifest(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(project / "functions" / "plain", project / "functions" / "other")
    (project / "functions" / "other" / "plain").rename(project / "functions" / "other" / "other")
    read = Manifest.read

    def read_slowly(path: Path) -> Manifest:
        manifest = read(path)
        time.sleep(1)  # long enough for the other build to get here too
        return manifest

    monkeypatch.setattr(Manifest, "read", read_slowly)
    with ThreadPoolExecutor() as pool:
        builds = [pool.submit(build, [name], builder="host", project=project) for name in ("plain", "other")]
    assert all(done.result() for done in builds)
    assert [zip_.name for zip_ in read(project / "dist" / "manifest.json").functions] == ["other", "plain"]
