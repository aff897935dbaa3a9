"""The cost of a deployment before it exists: `invoke cost`."""

import math
from collections.abc import Sequence
from dataclasses import replace

from tools.console import ToolError
from tools.cost.estimate import VARIANTS, Estimate, estimate
from tools.cost.plot import render_plot
from tools.cost.prices import REGIONS
from tools.cost.report import render_events, render_json, render_markdown, render_report, render_settings
from tools.cost.workload import Workload
from tools.docs import replace_block
from tools.paths import PROJECT

__all__ = [
    "VARIANTS",
    "VOLUMES",
    "Workload",
    "cost",
    "parse_count",
    "parse_workloads",
    "render_docs",
    "write_docs",
]

VOLUMES = (1e6, 1e8, 1e9, 1e10)
"""Requests a month of the table."""

_REGION = "us-east-1"
_UNITS = {"k": 1e3, "M": 1e6, "B": 1e9}


def parse_count(text: str, flag: str) -> float:
    """Parse a number with an optional unit, such as `500`, `20M` or `1.5B`.

    Raises:
        ToolError: the text is not a number.
    """
    number, unit = (text[:-1], _UNITS[text[-1]]) if text[-1:] in _UNITS else (text, 1.0)
    try:
        value = float(number) * unit
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ToolError(f"--{flag} takes a number such as 500, 20M or 1.5B, not {text!r}.")
    return value


def parse_workloads(  # noqa: PLR0913, PLR0917  # the options of a command line
    requests: str,
    originals: str,
    average_bytes: str,
    sizes: str,
    zipf: str,
    ttl_days: str,
    replaced: str,
    hit_ratio: str,
    *,
    shield: bool,
) -> list[Workload]:
    """Parse the options of a command line. Without requests, there is a workload for each of `VOLUMES`.

    Raises:
        ToolError: an option is not a number, or out of range.
    """
    return [
        Workload.of_volume(
            volume,
            _parse_whole(originals, "originals") if originals else None,
            average_bytes=_parse_whole(average_bytes, "average-bytes"),
            sizes=_parse_whole(sizes, "sizes"),
            zipf=parse_count(zipf, "zipf"),
            ttl_seconds=parse_count(ttl_days, "ttl-days") * 86_400,
            replaced=parse_count(replaced, "replaced"),
            shield=shield,
            hit_ratio=parse_count(hit_ratio, "hit-ratio") if hit_ratio else None,
        )
        for volume in ([parse_count(requests, "requests")] if requests else VOLUMES)
    ]


def _parse_whole(text: str, flag: str) -> int:
    number = parse_count(text, flag)
    if number != round(number):
        raise ToolError(f"--{flag} takes a whole number, not {text!r}.")
    return round(number)


def cost(workloads: Sequence[Workload], *, variant: str | None, region: str, as_json: bool = False) -> str:
    """Return the report about the cost of some workloads.

    Args:
        workloads: the traffic, one column each.
        variant: one of `VARIANTS`; None for all.
        region: Region of the bucket.
        as_json: return JSON instead of tables.

    Raises:
        ToolError: the variant or the Region is unknown.
    """
    if variant is not None and variant not in VARIANTS:
        raise ToolError(f"--variant takes one of {', '.join(VARIANTS)}, not {variant!r}.")
    if region not in REGIONS:
        raise ToolError(f"--region takes one of {', '.join(REGIONS)}, not {region!r}.")
    variants = (variant,) if variant else VARIANTS
    estimates = [estimate(name, workload, region) for name in variants for workload in workloads]
    return render_json(estimates, region) if as_json else render_report(estimates, region)


def write_docs() -> None:
    """Write the tables and the plot of docs/costs.md."""
    page, plot = PROJECT / "docs" / "costs.md", PROJECT / "docs" / "costs.svg"
    text, svg = render_docs(page.read_text("utf-8"))
    page.write_text(text, encoding="utf-8")
    plot.write_text(svg, encoding="utf-8")


def render_docs(page: str) -> tuple[str, str]:
    """Return docs/costs.md with the tables of four volumes and all variants, and its plot."""
    workloads = [Workload.of_volume(volume) for volume in VOLUMES]
    estimates = [estimate(name, workload, _REGION) for name in VARIANTS for workload in workloads]
    blocks = {
        "cost table": render_markdown(estimates),
        "cost settings": render_settings(_estimate_settings()),
        "cost events": render_events(_REGION),
    }
    for name, block in blocks.items():
        page = replace_block(page, name, block, "docs/costs.md")
    return page, render_plot(estimates)


def _estimate_settings() -> dict[str, list[Estimate]]:
    """Return settings of the caches => estimates of all variants at a billion requests a month."""
    usual = Workload.of_volume(1e9)
    long = replace(usual, ttl_seconds=30 * 86_400.0)
    settings = {
        "TTL of one day": usual,
        "TTL of one day, Origin Shield": replace(usual, shield=True),
        "TTL of 30 days": long,
        "TTL of 30 days, Origin Shield": replace(long, shield=True),
    }
    return {
        name: [estimate(variant, workload, _REGION) for variant in VARIANTS]
        for name, workload in settings.items()
    }
