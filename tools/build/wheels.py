"""Installation of locked wheels for Lambda, by uv."""

import re
from pathlib import Path

from tools.build.manifest import Wheel

REQUIREMENTS, TREE = "requirements.txt", "tree"

# Lambda's Python 3.13 runs on Amazon Linux 2023, which has glibc 2.34; Pillow's wheels need 2.28 or 2.27.
LAMBDA_PLATFORM = "x86_64-manylinux_2_28"

_DIST_INFO = re.compile(r"(?P<name>[^-]+)-(?P<version>[^-]+)\.dist-info")


def make_install_arguments(python: str, requirements: str, target: str, platform: str) -> list[str]:
    """Return the arguments of Python that install locked wheels into a folder, on any system.

    Args:
        python: an interpreter of CPython 3.13, which uv asks for the tags of compatible wheels.
        requirements: file that pins every package, with hashes.
        target: the folder; made if missing.
        platform: the platform that the wheels are for, as uv names it.
    """
    return [
        *("-m", "uv", "pip", "install", "--quiet", "--no-python-downloads", f"--python={python}"),
        *("--python-version=3.13", f"--python-platform={platform}", "--only-binary=:all:"),
        *("--require-hashes", "--no-deps", f"--requirement={requirements}"),
        # A hard link into uv's cache would let a later change of the folder damage the cache.
        *(f"--target={target}", "--link-mode=copy", "--no-compile-bytecode"),
    ]


def list_installed_wheels(tree: Path) -> tuple[Wheel, ...]:
    """List the wheels that are installed in a folder, sorted by name."""
    found = (_DIST_INFO.fullmatch(path.name) for path in sorted(tree.iterdir()))
    return tuple(Wheel(name=match["name"], version=match["version"]) for match in found if match)
