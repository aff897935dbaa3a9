"""Environments of the peers, the libraries that image_core is compared with, installed from locks."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from tools.console import ToolError, step
from tools.environment import install, is_stamped
from tools.paths import PROJECT
from tools.process import CommandError, run

PEERS = Path(__file__).parent / "peers"

_LOCK = PROJECT / "requirements-bench.txt"
_THUMBOR_LOCK = PROJECT / "requirements-thumbor.txt"
_NPM_LOCK = PEERS / "package-lock.json"


@dataclass(frozen=True, kw_only=True)
class Peers:
    """Installed peers.

    Attributes:
        python: interpreter of their virtual environment.
        packages: folder of the npm packages; None without npm.
        thumbor: interpreter of the virtual environment of thumbor, which needs another Pillow.
    """

    python: Path
    packages: Path | None
    thumbor: Path


def install_peers(folder: Path = PROJECT) -> Peers:
    """Install the peers that are missing or older than their lock.

    Args:
        folder: folder for the virtual environments.

    Raises:
        ToolError: a package could not be installed.
    """
    environment, thumbor = folder / ".venv-bench", folder / ".venv-thumbor"
    try:
        with step("install the peers"):
            install(environment, _LOCK)
            install(thumbor, _THUMBOR_LOCK)
        packages = _install_packages()
    except CommandError as error:
        raise ToolError(f"The peers of the benchmark could not be installed: {error.words}") from error
    return Peers(python=environment / "bin" / "python", packages=packages, thumbor=thumbor / "bin" / "python")


def _install_packages() -> Path | None:
    npm = shutil.which("npm")
    if not npm or not shutil.which("node"):
        print("npm is not installed: sharp is left out, and so are the photographs from npm packages.")
        return None
    packages = PEERS / "node_modules"
    stamp = packages / _NPM_LOCK.name
    if not is_stamped(stamp, _NPM_LOCK):
        with step("npm ci"):
            run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=PEERS)
        shutil.copyfile(_NPM_LOCK, stamp)
    return packages
