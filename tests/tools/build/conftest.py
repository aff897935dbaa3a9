"""A small project, its wheels and an index that serves them, for builds without a network."""

import functools
import hashlib
import http.server
import os
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

FILES = {
    "pyproject.toml": '[dependency-groups]\ndev = ["tiny"]\n',
    "libs/greeting/pyproject.toml": (
        '[project]\nname = "greeting"\nversion = "1"\ndependencies = ["tiny"]\n'
    ),
    "libs/greeting/greeting/__init__.py": "import tiny\n\n\ndef greet():\n    return f'hello {tiny.NAME}'\n",
    "libs/greeting/greeting/words.txt": "hello\n",
    "libs/greeting/greeting/.words.txt.swp": "litter\n",
    "libs/phrases/pyproject.toml": (
        '[project]\nname = "phrases"\nversion = "1"\ndependencies = ["greeting"]\n'
        '[tool.uv.sources]\ngreeting = { path = "../greeting" }\n'
    ),
    "libs/phrases/phrases/__init__.py": "from greeting import greet\n",
    "functions/hello/pyproject.toml": (
        '[project]\nname = "hello"\nversion = "1"\ndependencies = ["phrases"]\n'
        '[tool.uv.sources]\nphrases = { path = "../../libs/phrases" }\n'
    ),
    "functions/hello/hello/__init__.py": "",
    "functions/hello/hello/handler.py": (
        "from phrases import greet\n\n\ndef lambda_handler(event, context):\n    return greet()\n"
    ),
    "functions/plain/pyproject.toml": '[project]\nname = "plain"\nversion = "1"\ndependencies = []\n',
    "functions/plain/plain/__init__.py": "",
    "functions/plain/plain/handler.py": "def lambda_handler(event, context):\n    return event\n",
}

type MakeWheel = Callable[..., Path]


@pytest.fixture(scope="session")
def make_wheel() -> MakeWheel:
    """Write a wheel of a pure package into a folder."""

    def make(
        folder: Path, name: str, version: str, files: Mapping[str, str], tag: str = "py3-none-any"
    ) -> Path:
        info = f"{name}-{version}.dist-info"
        usual = {
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n",
            f"{info}/RECORD": "",
        }
        folder.mkdir(parents=True, exist_ok=True)
        wheel = folder / f"{name}-{version}-{tag}.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            for path, text in {**files, **usual}.items():
                archive.writestr(path, text)
        return wheel

    return make


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory, make_wheel: MakeWheel) -> Path:
    """Folder of the index, with two versions of the wheel `tiny`."""
    folder = tmp_path_factory.mktemp("index")
    for version in ("1.0", "2.0"):
        text = f"NAME = 'tiny {version}'\n"
        script = {f"tiny-{version}.data/scripts/tiny": "#!python\n", "tiny/py.typed": ""}
        make_wheel(folder / "tiny", "tiny", version, {"tiny/__init__.py": text, **script})
    return folder


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name of the base class
        """Print nothing."""


@pytest.fixture(scope="session")
def index_url(packages: Path) -> Iterator[str]:
    """URL of an index on this machine. Listings of folders have the form of the simple API."""
    handler = functools.partial(_QuietHandler, directory=str(packages))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def index(index_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Configure uv for the index, without any setting of this machine."""
    for name in os.environ:
        if name.startswith(("PIP_", "UV_", "PYTHON")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("UV_DEFAULT_INDEX", index_url)
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return index_url


@pytest.fixture
def bare_project(tmp_path: Path) -> Path:
    """A project of two functions and two libraries, without locks."""
    root = tmp_path / "project"
    for path, text in FILES.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def project(bare_project: Path, index: str, packages: Path) -> Path:  # noqa: ARG001  a build needs the index
    """The project with locks."""
    hashes = [hashlib.sha256(wheel.read_bytes()).hexdigest() for wheel in packages.glob("tiny/tiny-2.0*.whl")]
    lines = ["tiny==2.0", *(f"    --hash=sha256:{digest}" for digest in hashes)]
    (bare_project / "functions" / "hello" / "requirements.txt").write_text(" \\\n".join(lines) + "\n")
    (bare_project / "functions" / "plain" / "requirements.txt").touch()
    return bare_project
