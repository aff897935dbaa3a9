from collections.abc import Callable
from pathlib import Path

import pytest

from tools.build.project import find_functions
from tools.console import ToolError


def test_functions_are_found_by_their_project_files(bare_project: Path) -> None:
    (bare_project / "functions" / "no_function").mkdir()
    assert [function.name for function in find_functions(bare_project)] == ["hello", "plain"]
    assert [function.name for function in find_functions(bare_project, ["plain"])] == ["plain"]


def test_libraries_of_libraries_are_followed(bare_project: Path) -> None:
    hello, plain = find_functions(bare_project)
    libs = bare_project / "libs"
    assert dict(hello.libraries) == {"greeting": libs / "greeting", "phrases": libs / "phrases"}
    assert dict(plain.libraries) == {}


def test_sources_lie_as_in_the_zip_without_ignored_files(bare_project: Path) -> None:
    cache = bare_project / "libs" / "greeting" / "greeting" / "__pycache__" / "words.cpython-312.pyc"
    cache.parent.mkdir()
    cache.write_bytes(b"of another Python")
    hello, _ = find_functions(bare_project)
    assert sorted(path for path, _ in hello.read_sources()) == [
        "greeting/__init__.py",
        "greeting/words.txt",
        "hello/__init__.py",
        "hello/handler.py",
        "phrases/__init__.py",
    ]


def test_an_unknown_function_is_named_with_the_known_ones(bare_project: Path) -> None:
    with pytest.raises(ToolError, match=r"There is no function hallo; there are: hello, plain\."):
        find_functions(bare_project, ["hallo"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda root: (root / "functions/plain/plain").rename(root / "functions/plain/plane"),
            "functions/plain has no package plain: the package has the name of its folder.",
        ),
        (
            lambda root: (root / "libs/greeting/greeting").rename(root / "libs/greeting/greetings"),
            "libs/greeting has no package greeting: the package has the name of its folder.",
        ),
        (
            lambda root: (root / "libs/greeting").rename(root / "libs/greetings"),
            "libs/phrases/pyproject.toml names ../greeting, which has no pyproject.toml.",
        ),
        (
            lambda root: (root / "libs/phrases/pyproject.toml").write_text("[project"),
            "libs/phrases/pyproject.toml cannot be read: Expected",
        ),
        (
            lambda root: (root / "functions/plain/pyproject.toml").write_text(
                "[tool.uv.sources]\ntiny = { git = 'https://example.com/tiny' }\n"
            ),
            "functions/plain/pyproject.toml has a source without a path: tiny.",
        ),
    ],
)
def test_a_function_that_cannot_be_built(
    bare_project: Path, change: Callable[[Path], object], message: str
) -> None:
    change(bare_project)
    with pytest.raises(ToolError) as error:
        find_functions(bare_project)
    assert str(error.value).startswith(message)
