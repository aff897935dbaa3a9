"""Counts, times and reasons of the lines of a log, and the table that shows them."""

import math
import re
import threading
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.console import printable

_MAX_REASONS = 10
_MAX_KEYS = 5
_MAX_REASON_CHARACTERS = 160
# A request to S3 in the message of an error. A key may contain a colon; the rest of a message has no slash.
_REQUEST = re.compile(r"\b((?:DELETE|GET|HEAD|PUT) |\w+Object of [^/]+/).+?: (?=[^/]*$)", re.DOTALL)


@dataclass
class FunctionSummary:
    """Lines of one function.

    Attributes:
        regions: Region => number of lines.
        outcomes: outcome, with the HTTP status if the line has one => number of lines.
        timings_ms: phase => duration in each line, in milliseconds.
        reasons: outcome and reason, without the key of a request to S3 => number of lines.
        examples: the same => the reason with its key, or without one if the keys differ.
        slowest: key => longest total time of a line, in milliseconds.
        derivatives: number of derivatives that were created.
        original_bytes: total length of their originals.
        derivative_bytes: total length of the derivatives.
    """

    regions: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    timings_ms: dict[str, "array[int]"] = field(default_factory=lambda: defaultdict(lambda: array("q")))
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], str] = field(default_factory=dict)
    slowest: dict[str, int] = field(default_factory=dict)
    derivatives: int = 0
    original_bytes: int = 0
    derivative_bytes: int = 0

    def add(self, region: str, line: Mapping[str, Any]) -> None:
        """Add a line. Fields of an unexpected type, which no function writes, are ignored."""
        outcome = line["outcome"]
        if isinstance(line.get("status"), int):
            outcome = f"{outcome} {line['status']}"
        self.regions[region] += 1
        self.outcomes[outcome] += 1
        if reason := line.get("reason"):
            self._add_reason(outcome, str(reason))
        self._add_timings(line)
        # A line about an undelivered response repeats the fields of the response.
        sizes = line.get("original_bytes"), line.get("derivative_bytes")
        if isinstance(sizes[0], int) and isinstance(sizes[1], int) and line["outcome"] != "undelivered":
            self.derivatives += 1
            self.original_bytes += sizes[0]
            self.derivative_bytes += sizes[1]

    def _add_reason(self, outcome: str, reason: str) -> None:
        without_key = _REQUEST.sub(r"\1KEY: ", reason)
        group = outcome, without_key
        self.reasons[group] += 1
        if self.examples.setdefault(group, reason) != reason:
            self.examples[group] = without_key

    def _add_timings(self, line: Mapping[str, Any]) -> None:
        spent = line.get("spent_ms")
        if not isinstance(spent, dict) or line["outcome"] == "undelivered":
            return
        timings = {phase: value for phase, value in spent.items() if isinstance(value, int)}
        for phase, value in timings.items():
            self.timings_ms[phase].append(value)
        key, total = line.get("key"), sum(timings.values())
        if isinstance(key, str) and timings:
            self.slowest[key] = max(total, self.slowest.get(key, 0))

    def format_table(self, function: str) -> Iterator[str]:
        """Yield the lines of the table, without control characters from keys and reasons."""
        total = self.outcomes.total()
        regions = ", ".join(f"{region} {number:,}" for region, number in self.regions.most_common())
        yield f"{function}: {total:,} lines ({regions})"
        yield ""
        yield f"  {'outcome':<20}{'lines':>10}{'share':>9}"
        for outcome, number in self.outcomes.most_common():
            yield f"  {printable(outcome):<20}{number:>10,}{number / total:>9.1%}"
        if self.timings_ms:
            yield ""
            yield f"  {'phase':<20}{'p50':>10}{'p95':>9}{'longest':>9}  milliseconds"
            for phase, values in self.timings_ms.items():
                ordered = sorted(values)
                p50, p95 = (select_percentile(ordered, percent) for percent in (50, 95))
                yield f"  {printable(phase):<20}{p50:>10,}{p95:>9,}{ordered[-1]:>9,}"
        yield from self._format_reasons()
        yield from self._format_slowest()
        if self.derivatives:
            yield ""
            yield (
                f"  {self.derivatives:,} derivatives with {self.derivative_bytes / 1e6:,.1f} MB "
                f"of {self.original_bytes / 1e6:,.1f} MB of originals"
            )

    def _format_reasons(self) -> Iterator[str]:
        if self.reasons:
            yield ""
            yield f"  {'reason':<20}{'lines':>10}"
        for group, number in self.reasons.most_common(_MAX_REASONS):
            outcome, _ = group
            text = printable(self.examples[group])
            if len(text) > _MAX_REASON_CHARACTERS:
                text = f"{text[: _MAX_REASON_CHARACTERS - 3]}..."
            yield f"  {printable(outcome):<20}{number:>10,}  {text}"
        if len(self.reasons) > _MAX_REASONS:
            yield f"  and {len(self.reasons) - _MAX_REASONS:,} other reasons"

    def _format_slowest(self) -> Iterator[str]:
        if self.slowest:
            yield ""
            yield f"  {'slowest image':<20}{'ms':>10}"
        ranked = sorted(self.slowest.items(), key=lambda item: (-item[1], item[0]))
        for key, total_ms in ranked[:_MAX_KEYS]:
            yield f"  {'':<20}{total_ms:>10,}  {printable(key)}"


class Summary:
    """Lines of all functions. Threads may add lines at the same time."""

    def __init__(self) -> None:
        """Start without a line."""
        self.functions: dict[str, FunctionSummary] = {}
        self._lock = threading.Lock()

    def add(self, function: str, region: str, line: Mapping[str, Any]) -> None:
        """Add a line of a function, which has the field `outcome`."""
        with self._lock:
            self.functions.setdefault(function, FunctionSummary()).add(region, line)

    def __str__(self) -> str:
        """Return a table for each function."""
        return "\n\n".join(
            "\n".join(self.functions[function].format_table(function)) for function in sorted(self.functions)
        )


def select_percentile(ordered: list[int], percent: int) -> int:
    """Return a percentile by the nearest rank: the smallest of the ascending values that covers the share."""
    return ordered[math.ceil(len(ordered) * percent / 100) - 1]
