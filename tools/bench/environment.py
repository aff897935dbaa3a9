"""The optional peers: an environment of their own, made on demand from locks."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from tools.build.process import CommandError, run
from tools.console import ToolError, step

PROJECT = Path(__file__).resolve().parents[2]
PEERS = Path(__file__).parent / "peers"

_LOCK = PROJECT / "requirements-bench.txt"
_NPM_LOCK = PEERS / "package-lock.json"


@dataclass(frozen=True, kw_only=True)
class Peers:
    """Where the peers are: a Python, and the folder of the npm packages, None without npm."""

    python: Path
    packages: Path | None


def install_peers(environment: Path = PROJECT / ".venv-bench") -> Peers:
    """Make what is missing or older than its lock.

    Raises:
        ToolError: a package cannot be had.
    """
    try:
        _install_python(environment)
        packages = _install_packages()
    except CommandError as error:
        raise ToolError(f"the peers of the benchmark could not be installed: {error.words}") from error
    return Peers(python=environment / "bin" / "python", packages=packages)


def _install_python(environment: Path) -> None:
    stamp = environment / _LOCK.name
    if _is_stamped(stamp, _LOCK):
        return
    uv = [sys.executable, "-m", "uv"]
    with step(f"install {_LOCK.name}"):
        run([*uv, "venv", "--quiet", "--clear", "--python", sys.executable, environment])
        run([*uv, "pip", "sync", "--quiet", "--require-hashes", "--python", environment, _LOCK])
    shutil.copyfile(_LOCK, stamp)


def _install_packages() -> Path | None:
    npm = shutil.which("npm")
    if not npm or not shutil.which("node"):
        print("npm is not there: sharp is left out, and so are the photographs that come through it.")
        return None
    packages = PEERS / "node_modules"
    stamp = packages / _NPM_LOCK.name
    if not _is_stamped(stamp, _NPM_LOCK):
        with step("npm ci"):
            run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=PEERS)
        shutil.copyfile(_NPM_LOCK, stamp)
    return packages


def _is_stamped(stamp: Path, lock: Path) -> bool:
    """Whether what lies around the stamp was made from the lock as it is now."""
    return stamp.is_file() and stamp.read_bytes() == lock.read_bytes()
