"""The whole benchmark: pictures and first requests beside those of others, as ratios measured in one run."""

from pathlib import Path

from tools.bench.cold_path import cold_path
from tools.bench.environment import install_peers
from tools.bench.machine import description
from tools.bench.photographs import photographs
from tools.bench.pictures import measure, memory
from tools.bench.plot import plot
from tools.bench.report import Measured, page
from tools.console import step


def bench(project: Path) -> str:
    """Measure, and write `docs/bench.md` and `docs/bench.svg`. It takes some ten minutes of one core.

    Args:
        project: the checkout; `dist/edge_resize.zip` must have been built.

    Returns:
        The page.

    Raises:
        ToolError: the peers could not be installed, the zip is missing, or a side failed.
    """
    peers = install_peers()
    samples = project / "tests" / "images"
    cold = cold_path(project)
    with step("memory"):
        peaks = memory(peers, samples)
    results = {
        kind: measure(peers, paths)
        for kind, paths in photographs(peers.packages or samples, samples).items()
        if paths
    }
    written = page(Measured(machine=description(peers), results=results, memory=peaks, cold=cold))
    (project / "docs" / "bench.md").write_text(written, encoding="utf-8")
    (project / "docs" / "bench.svg").write_text(plot(results["baseline"]), encoding="utf-8")
    return written
