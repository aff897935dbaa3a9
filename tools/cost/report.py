"""The estimates as tables, as JSON and in docs/costs.md."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from tools.cost.estimate import LINES, Estimate, charge_event
from tools.cost.events import billed_seconds, load_events, read_date
from tools.cost.prices import DATE, REGIONS

_EVENTS = {"hit": "the derivative exists", "make": "the derivative is made"}
_UNITS = ((1e9, "B"), (1e6, "M"), (1e3, "k"))


def render_json(estimates: Sequence[Estimate], region: str) -> str:
    """Render all estimates with their workloads and flows."""
    return json.dumps(
        {
            "prices": DATE,
            "measurements": read_date(),
            "region": region,
            "estimates": [
                {
                    "variant": item.variant,
                    "workload": asdict(item.workload),
                    "flow": {**asdict(item.flow), "hit_ratio": item.flow.hit_ratio},
                    "lines": item.lines,
                    "total": item.total,
                    "first_month": item.first_month,
                }
                for item in estimates
            ],
        },
        indent=2,
    )


def render_report(estimates: Sequence[Estimate], region: str) -> str:
    """Render one table for each variant, with a column for each volume."""
    head = (
        f"US dollars a month, {region}, viewers in {REGIONS[region].viewers}; prices of {DATE}, "
        f"calls and times measured on {read_date()}."
    )
    variants = dict.fromkeys(item.variant for item in estimates)
    tables = [_render_variant([item for item in estimates if item.variant == name]) for name in variants]
    return "\n\n".join([head, *tables])


def _render_variant(estimates: Sequence[Estimate]) -> str:
    columns = [format_count(item.workload.requests) for item in estimates]
    rows = [
        ("hit ratio of CloudFront", [f"{100 * item.flow.hit_ratio:.1f} %" for item in estimates]),
        *(
            (line, [format_dollars(item.lines[line]) for item in estimates])
            for line in LINES
            if any(item.lines[line] for item in estimates)
        ),
        ("total a month", [format_dollars(item.total) for item in estimates]),
        ("per million requests", [format_dollars(per_million(item)) for item in estimates]),
        ("once: making all derivatives", [format_dollars(item.first_month) for item in estimates]),
    ]
    width = max(len(name) for name, _ in rows)
    lines = [f"{estimates[0].variant:<{width}}" + "".join(f"{column:>14}" for column in columns)]
    lines += [f"{name:<{width}}" + "".join(f"{value:>14}" for value in values) for name, values in rows]
    return "\n".join(lines)


def render_markdown(estimates: Sequence[Estimate]) -> str:
    """Render the table of docs/costs.md: a row for each line of each variant, a column for each volume."""
    volumes = list(dict.fromkeys(item.workload.requests for item in estimates))
    head = [
        "| variant | line | " + " | ".join(f"{format_count(volume)} requests" for volume in volumes) + " |",
        "|---|---|" + "---:|" * len(volumes),
    ]
    body = []
    for variant in dict.fromkeys(item.variant for item in estimates):
        items = [item for item in estimates if item.variant == variant]
        rows = [(line, [item.lines[line] for item in items]) for line in LINES]
        rows.append(("**total a month**", [item.total for item in items]))
        rows.append(("once: making all derivatives", [item.first_month for item in items]))
        named = [(name, values) for name, values in rows if any(values)]
        for number, (name, values) in enumerate(named):
            first = f"`{variant}`" if number == 0 else ""
            body.append(f"| {first} | {name} | " + " | ".join(map(format_dollars, values)) + " |")
    return "\n".join([*head, *body])


def render_settings(estimates: Mapping[str, Sequence[Estimate]]) -> str:
    """Render the table of the settings of docs/costs.md: US dollars a month, and the hit ratio."""
    variants = [item.variant for item in next(iter(estimates.values()))]
    rows = [
        "| caches | " + " | ".join(f"`{variant}`" for variant in variants) + " |",
        "|---|" + "---:|" * len(variants),
    ]
    for name, items in estimates.items():
        cells = [f"{format_dollars(item.total)} ({100 * item.flow.hit_ratio:.0f} %)" for item in items]
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def render_events(region: str) -> str:
    """Render the table of docs/costs.md with the cost of a million events of each kind."""
    rows = [
        "| variant | event | runs | billed ms | S3 reads | S3 writes | function | S3 |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for variant, events in sorted(load_events().items()):
        for name in sorted(events):
            event = events[name]
            function, requests = charge_event(variant, name, region)
            rows.append(
                f"| `{variant}` | {_EVENTS[name]} | {event.runs:.3g} "
                f"| {1000 * billed_seconds(variant, name, event):.0f} "
                f"| {event.reads:.3g} | {event.writes:.3g} "
                f"| ${function:.2f} | ${requests:.2f} |"
            )
    return "\n".join(rows)


def per_million(item: Estimate) -> float:
    """Return the US dollars of a month for each million of requests."""
    return item.total / item.workload.requests * 1e6


def format_dollars(value: float) -> str:
    """Return an amount with two decimals below 100, and none above."""
    return f"{value:,.2f}" if value < 100 else f"{value:,.0f}"  # noqa: PLR2004  # cents mean nothing above


def format_count(value: float) -> str:
    """Return a number of requests as `100 M`."""
    for unit, name in _UNITS:
        if value >= unit:
            return f"{value / unit:g} {name}"
    return f"{value:g}"
