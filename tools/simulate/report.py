"""The simulated volumes as tables, and as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from tools.cost.report import format_count, format_dollars
from tools.simulate.functions import MAX_CONCURRENCY
from tools.simulate.plot import COLOURS, PANELS, find_volume
from tools.simulate.scale import MAX_READS_PER_SECOND, Scaled

_HEAD = (
    "requests a month",
    "hit ratio",
    "function runs",
    "derivatives made",
    "concurrent runs, peak",
    "throttled",
    "concurrent runs, start",
    "throttled at the start",
    "S3 reads/s, peak",
    "S3 reads/s, start",
    "p50 / p95 / p99 ms",
    "paths",
    "US dollars",
)


def render_json(results: Sequence[Scaled]) -> str:
    """Return all results as JSON."""
    return json.dumps([asdict(result) for result in results], indent=2)


def render_report(results: Sequence[Scaled]) -> str:
    """Render a block for each variant, with a column for each volume."""
    parts = []
    for variant in dict.fromkeys(result.variant for result in results):
        columns = [_cells(result) for result in results if result.variant == variant]
        width = max(map(len, _HEAD))
        lines = [variant]
        for number, name in enumerate(_HEAD):
            lines.append(f"  {name:<{width}}" + "".join(f"{column[number]:>18}" for column in columns))
        parts.append("\n".join(lines))
    return "\n\n".join([*parts, "! exceeds a default limit of AWS"])


def render_markdown(results: Sequence[Scaled]) -> str:
    """Render the table of docs/scale.md."""
    rows = [f"| variant | {' | '.join(_HEAD)} |", "|---|" + "---:|" * len(_HEAD)]
    previous = None
    for result in results:
        name = "" if result.variant == previous else f"`{result.variant}`"
        previous = result.variant
        rows.append(f"| {name} | {' | '.join(_cells(result))} |")
    return "\n".join(rows)


def render_limits(results: Sequence[Scaled]) -> str:
    """Render the requests a month at which each variant reaches each limit."""
    rows = [
        "| requests a month at which the limit is reached | "
        + " | ".join(f"`{name}`" for name in COLOURS)
        + " |",
        "|---|" + "---:|" * len(COLOURS),
    ]
    for title, value, limit in PANELS:
        cells = []
        for variant in COLOURS:
            points = [(result.requests, value(result)) for result in results if result.variant == variant]
            volume = find_volume(points, limit)
            cells.append(f"over {format_count(points[-1][0])}" if volume is None else _format(volume))
        rows.append(f"| {title}: {limit:,} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _cells(result: Scaled) -> list[str]:
    first_byte = " / ".join(f"{1000 * seconds:.0f}" for seconds in result.first_byte_seconds.values())
    return [
        format_count(result.requests),
        f"{100 * result.hit_ratio:.1f} %",
        _format(result.runs),
        _format(result.makings),
        _flag(result.peak.needed, MAX_CONCURRENCY),
        f"{100 * result.peak.throttled_share:.1f} %",
        _flag(result.start.needed, MAX_CONCURRENCY),
        f"{100 * result.start.throttled_share:.1f} %",
        _flag(result.reads_per_second, MAX_READS_PER_SECOND),
        _flag(result.start_reads_per_second, MAX_READS_PER_SECOND),
        first_byte,
        _format(result.paths),
        format_dollars(result.dollars),
    ]


def _format(value: float) -> str:
    """Return a number with three significant digits, as `format_count` writes it."""
    return format_count(float(f"{value:.3g}"))


def _flag(value: float, limit: float) -> str:
    return f"! {_format(value)}" if value > limit else _format(value)
