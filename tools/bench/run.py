"""The whole benchmark."""

from pathlib import Path

from tools.bench.cold_path import measure_cold_path
from tools.bench.environment import install_peers
from tools.bench.images import measure_images, measure_memory
from tools.bench.machine import describe_machine
from tools.bench.photographs import find_photographs
from tools.bench.plot import render_plot
from tools.bench.report import Results, render_page
from tools.console import step


def bench(project: Path) -> str:
    """Measure and write `docs/bench.md` and `docs/bench.svg`, in about ten minutes of one core.

    Args:
        project: the checkout; `dist/edge_resize.zip` must have been built.

    Returns:
        The text of `docs/bench.md`.

    Raises:
        ToolError: the peers could not be installed, the zip is missing, or a side failed.
    """
    peers = install_peers()
    samples = project / "tests" / "images"
    cold = measure_cold_path(project)
    with step("memory"):
        memory = measure_memory(peers, samples)
    images = {
        kind: measure_images(peers, paths)
        for kind, paths in find_photographs(peers.packages or samples, samples).items()
        if paths
    }
    page = render_page(Results(machine=describe_machine(peers), images=images, memory=memory, cold=cold))
    (project / "docs" / "bench.md").write_text(page, encoding="utf-8")
    (project / "docs" / "bench.svg").write_text(render_plot(images["baseline"]), encoding="utf-8")
    return page
