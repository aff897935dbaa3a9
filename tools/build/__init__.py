"""Build of the zips of the functions, and of the locks."""

from tools.build.assemble import build
from tools.build.builders import DEFAULT_IMAGE
from tools.build.lock import lock
from tools.build.manifest import FunctionZip, Manifest, Wheel

__all__ = ["DEFAULT_IMAGE", "FunctionZip", "Manifest", "Wheel", "build", "lock"]
