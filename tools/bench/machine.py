"""Description of the machine of a benchmark."""

import platform
import shutil
from collections.abc import Sequence
from os import cpu_count
from pathlib import Path

from tools.bench.environment import Peers
from tools.process import run

_VERSIONS = "import PIL, pyvips; print('Pillow', PIL.__version__); print('pyvips', pyvips.__version__); \
print('libvips', '.'.join(str(pyvips.version(part)) for part in range(3)))"


def describe_machine(peers: Peers) -> str:
    """Return cores, processor, system and versions in one sentence."""
    model = parse_processor_model(Path("/proc/cpuinfo").read_text("utf-8"))
    versions = [f"Python {platform.python_version()}", *_versions(peers)]
    return f"{cpu_count()} cores, {model}, {platform.system()} {platform.machine()}; {', '.join(versions)}"


def parse_processor_model(cpuinfo: str) -> str:
    """Return the model name of the first processor in the text of /proc/cpuinfo."""
    names = [line.partition(":")[2].strip() for line in cpuinfo.splitlines() if line.startswith("model name")]
    return names[0] if names else "an unnamed processor"


def _versions(peers: Peers) -> Sequence[str]:
    found = run([peers.python, "-E", "-s", "-c", _VERSIONS]).splitlines()
    node = shutil.which("node")
    if node and peers.packages:
        script = (
            "const {versions: v} = require('sharp'); console.log('sharp', v.sharp, 'with libvips', v.vips)"
        )
        found.append(run([node, "-e", script], cwd=peers.packages.parent).strip())
        found.append(f"Node.js {run([node, '--version']).strip().removeprefix('v')}")
    return found
