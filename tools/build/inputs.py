"""Digest of everything that determines the bytes of a zip."""

import hashlib
import json
import platform
from importlib.metadata import version
from pathlib import Path

from tools.build.project import Function
from tools.build.wheels import REQUIREMENTS

_BUILD = Path(__file__).parent


def digest_inputs(function: Function) -> str:
    """Return the SHA-256, in hexadecimal digits, of the inputs of a function's zip.

    The inputs are the sources of the function and its libraries, the lock, the code of the build, and the
    versions of Python and of the compressor. Modification times and the builder are left out, since all
    builders make the same bytes.
    """
    sources = {path: _digest(content) for path, content in function.read_sources()}
    lock = function.folder / REQUIREMENTS
    build = {path.name: _digest(path.read_bytes()) for path in _BUILD.glob("*.py")}
    inputs = {
        "build": build,
        "deflate": version("deflate"),
        "lock": _digest(lock.read_bytes()) if lock.is_file() else None,
        "python": platform.python_version(),
        "sources": sources,
    }
    return _digest(json.dumps(inputs, sort_keys=True).encode())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
