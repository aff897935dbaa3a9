"""The whole benchmark."""

from pathlib import Path

from tools.bench.cold_path import measure_cold_path, measure_functions
from tools.bench.conversions import measure_conversions
from tools.bench.environment import install_peers
from tools.bench.images import measure_images, measure_memory
from tools.bench.machine import describe_machine
from tools.bench.originals import find_photographs
from tools.bench.plot import render_plot
from tools.bench.report import Results, render_page, replace_tables
from tools.bench.service import measure_services
from tools.console import ToolError, step
from tools.process import CommandError


def bench(project: Path) -> str:
    """Measure, write `docs/bench.md` and `docs/bench.svg`, and replace the tables of `docs/performance.md`.

    Takes about eight minutes of one core.

    Args:
        project: the checkout; the zips in `dist` must have been built.

    Returns:
        The text of `docs/bench.md`.

    Raises:
        ToolError: the peers could not be installed, a zip is missing, or a side failed.
    """
    try:
        results = _measure(project)
    except CommandError as error:
        raise ToolError(f"The benchmark failed: {error.words}") from error
    page, performance = render_page(results), project / "docs" / "performance.md"
    text = replace_tables(performance.read_text(encoding="utf-8"), results)
    (project / "docs" / "bench.md").write_text(page, encoding="utf-8")
    (project / "docs" / "bench.svg").write_text(render_plot(results.conversions), encoding="utf-8")
    performance.write_text(text, encoding="utf-8")
    return page


def _measure(project: Path) -> Results:
    peers = install_peers()
    machine = describe_machine(peers)
    samples = project / "tests" / "images"
    photographs = {
        kind: paths for kind, paths in find_photographs(peers.packages or samples, samples).items() if paths
    }
    cold = measure_cold_path(project)
    functions = measure_functions(project)
    services = measure_services(project, peers, photographs["baseline"])
    with step("memory"):
        memory = measure_memory(peers, samples)
    return Results(
        machine=machine,
        conversions=measure_conversions(peers, samples),
        images={kind: measure_images(peers, paths) for kind, paths in photographs.items()},
        memory=memory,
        services=services,
        cold=cold,
        functions=functions,
    )
