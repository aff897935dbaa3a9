"""Metric filters of CloudWatch Logs, evaluated over log lines: the emulator stores filters without an effect.

The syntax is that of JSON patterns: selectors like `$.spent_ms.transform`, comparisons, `&&`, `||` and
parentheses (CloudWatch Logs user guide, "Filter pattern syntax for metric filters").
"""

import operator
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from tools.local.emulator.process import Emulator
from tools.logs.reader import parse_line

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

type Line = Mapping[str, Any]
type Predicate = Callable[[Line], bool]

_TOKEN = re.compile(
    r'\s*(?:(?P<symbol>&&|\|\||>=|<=|!=|[(){}=<>])|(?P<selector>\$[.\w]+)|(?P<value>"[^"]*"|[\d.]+))'
)
_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


class _Parser:
    def __init__(self, pattern: str) -> None:
        self._tokens: list[str] = []
        position = 0
        while position < len(pattern.rstrip()):
            match = _TOKEN.match(pattern, position)
            assert match, f"{pattern!r} is no pattern at {position}"
            self._tokens.append(match[0].strip())
            position = match.end()

    def _take(self, *expected: str) -> str:
        token = self._tokens.pop(0)
        assert not expected or token in expected, f"{token} instead of {expected}"
        return token

    def parse(self) -> Predicate:
        self._take("{")
        predicate = self._parse_any()
        self._take("}")
        assert not self._tokens
        return predicate

    def _parse_any(self) -> Predicate:
        parts = [self._parse_all()]
        while self._tokens[0] == "||":
            self._take()
            parts.append(self._parse_all())
        return lambda line: any(part(line) for part in parts)

    def _parse_all(self) -> Predicate:
        parts = [self._parse_one()]
        while self._tokens[0] == "&&":
            self._take()
            parts.append(self._parse_one())
        return lambda line: all(part(line) for part in parts)

    def _parse_one(self) -> Predicate:
        if self._tokens[0] == "(":
            self._take()
            predicate = self._parse_any()
            self._take(")")
            return predicate
        selector, symbol, value = self._take(), self._take(), self._take()
        return lambda line: _compare(select(line, selector), symbol, value)


def compile_pattern(pattern: str) -> Predicate:
    """Return the predicate of a JSON pattern."""
    return _Parser(pattern).parse()


def select(line: Line, selector: str) -> Any:
    """Return the value of a selector; None if the line does not have it."""
    value: Any = line
    for name in selector.removeprefix("$.").split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _compare(found: Any, symbol: str, value: str) -> bool:
    # A comparison with a field that a line does not have is false, whatever the comparison.
    if value.startswith('"'):
        if not isinstance(found, str):
            return False
        return fnmatchcase(found, value[1:-1]) is (symbol == "=")
    if not isinstance(found, int | float):
        return False
    number = float(value)
    return _ORDERS[symbol](found, number) if symbol in _ORDERS else (found == number) is (symbol == "=")


def read_metrics(emulator: Emulator) -> dict[tuple[str, str], list[float]]:
    """Return the values of all filters from all lines, as `extract_metrics` does."""
    logs: CloudWatchLogsClient = emulator.session().client("logs", endpoint_url=emulator.url)
    found: dict[tuple[str, str], list[float]] = {}
    filters = logs.describe_metric_filters()["metricFilters"]
    for group in {one["logGroupName"] for one in filters}:
        # The emulator runs an edge function where Lambda would run it: its log has no us-east-1 in its name.
        events = logs.filter_log_events(logGroupName=group.replace("/us-east-1.", "/"))["events"]
        lines = [line for event in events if (line := parse_line(event["message"]))]
        found |= extract_metrics([one for one in filters if one["logGroupName"] == group], lines)
    return found


def extract_metrics(
    filters: Iterable[Mapping[str, Any]], lines: Iterable[Line]
) -> dict[tuple[str, str], list[float]]:
    """Return the values that filters, as CloudWatch describes them, take from lines.

    Returns:
        Metric and function => values.
    """
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    lines = list(lines)
    for one in filters:
        matches = compile_pattern(one["filterPattern"])
        [transformation] = one["metricTransformations"]
        for line in filter(matches, lines):
            value = transformation["metricValue"]
            number = select(line, value) if value.startswith("$") else float(value)
            found[transformation["metricName"], line["logger"]].append(number)
    return dict(found)
