"""Simulate a deployment at scale: `invoke simulate`."""

from collections.abc import Sequence

from tools.cost import VOLUMES
from tools.cost.estimate import VARIANTS
from tools.cost.workload import Workload
from tools.docs import replace_block
from tools.load.running_stack import find_running_stack
from tools.paths import PROJECT
from tools.simulate.plot import render_plot
from tools.simulate.report import render_json, render_limits, render_markdown, render_report
from tools.simulate.scale import Scaled, simulate_volume
from tools.simulate.validate import REQUESTED_VARIANTS, validate

__all__ = ["simulate", "validate_running", "write_docs"]

_PLOTTED = (1e6, 3e6, 1e7, 3e7, 1e8, 3e8, 1e9, 3e9, 1e10, 3e10, 1e11)
"""Requests a month of the plot: 1 million to 100 billion."""


def simulate(workloads: Sequence[Workload], *, as_json: bool = False) -> str:
    """Return the report about all variants, one column for each workload."""
    results = _simulate(workloads)
    return render_json(results) if as_json else render_report(results)


def validate_running() -> None:
    """Compare the model with the running stack, and print both counts of each trace.

    Raises:
        ToolError: no stack runs, or a count differs by more than 2 %.
    """
    stack = find_running_stack()
    validate(stack, [variant for variant in REQUESTED_VARIANTS if variant in stack.edge_urls])


def write_docs() -> None:
    """Write the table and the plot of docs/scale.md."""
    page, plot = PROJECT / "docs" / "scale.md", PROJECT / "docs" / "scale.svg"
    plotted = _simulate([Workload.of_volume(volume) for volume in _PLOTTED])
    results = [result for result in plotted if result.requests in VOLUMES]
    text = replace_block(page.read_text("utf-8"), "simulation", render_markdown(results), "docs/scale.md")
    text = replace_block(text, "limits", render_limits(plotted), "docs/scale.md")
    page.write_text(text, encoding="utf-8")
    plot.write_text(render_plot(plotted), encoding="utf-8")


def _simulate(workloads: Sequence[Workload]) -> list[Scaled]:
    results = [result for workload in workloads for result in simulate_volume(workload)]
    return sorted(results, key=lambda result: (VARIANTS.index(result.variant), result.requests))
