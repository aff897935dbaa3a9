import pytest

from tools.logs.reader import parse_line
from tools.logs.summary import Summary, select_percentile

LINES = [
    {
        "outcome": "made",
        "key": f"photo-{number}.jpg",
        "spent_ms": {"lookup": 1, "transform": number},
        "original_bytes": 2_000_000,
        "derivative_bytes": 100_000,
    }
    for number in range(1, 101)
]


def summarize(*lines: dict[str, object], function: str = "edge_resize") -> str:
    summary = Summary()
    for number, line in enumerate(lines):
        summary.add(function, "eu-central-1" if number % 4 else "us-east-1", line)
    return str(summary)


def test_outcomes_times_and_bytes() -> None:
    table = summarize(*LINES, {"outcome": "found", "key": "photo-1.jpg", "spent_ms": {"lookup": 3}})
    rows = [line.split() for line in table.splitlines() if line]
    assert rows[0] == ["edge_resize:", "101", "lines", "(eu-central-1", "75,", "us-east-1", "26)"]
    assert ["made", "100", "99.0%"] in rows
    assert ["lookup", "1", "1", "3"] in rows
    assert ["transform", "50", "95", "100"] in rows
    assert ["101", "photo-100.jpg"] in rows
    assert ["101", "photo-99.jpg"] not in rows
    assert table.endswith("100 derivatives with 10.0 MB of 200.0 MB of originals")


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([7], 50, 7),
        ([1, 2], 50, 1),
        ([1, 2], 95, 2),
        (list(range(1, 21)), 95, 19),
        (list(range(101)), 50, 50),
    ],
)
def test_a_percentile_is_one_of_the_values(values: list[int], percent: int, expected: int) -> None:
    assert select_percentile(values, percent) == expected


def test_the_most_frequent_reasons_come_first() -> None:
    lines: list[dict[str, object]] = [
        {"outcome": "refused", "reason": f"reason {number % 12}"} for number in range(18)
    ]
    table = summarize(*lines)
    reasons = [line.split() for line in table.splitlines() if "  reason " in line][1:]
    assert [row[1] for row in reasons] == ["2"] * 6 + ["1"] * 4
    assert "and 2 other reasons" in table


def test_reasons_that_differ_by_the_key_count_together() -> None:
    cause = (
        "403 AccessDenied: the role of the function, or the policy of the bucket or of its key, denies access"
    )
    lines: list[dict[str, object]] = [
        {"outcome": "failed", "reason": f"{call}photos of: {'summer/' * 20}{number}.jpg: {cause}"}
        for number in range(18)
        for call in ("GET ", "HeadObject of bucket/")
    ]
    lines += [{"outcome": "refused", "reason": "RefusalError('HEAD a.jpg: 404')"}] * 2
    table = summarize(*lines)
    assert f"18  GET KEY: {cause}" in table
    assert f"18  HeadObject of bucket/KEY: {cause}" in table
    assert "2  RefusalError('HEAD a.jpg: 404')" in table
    assert "other reasons" not in table


def test_a_status_is_part_of_the_outcome() -> None:
    table = summarize({"outcome": "responded", "status": 200}, {"outcome": "responded", "status": 404})
    assert "responded 200" in table
    assert "responded 404" in table


def test_an_undelivered_response_counts_once() -> None:
    fields = {"original_bytes": 10, "derivative_bytes": 5, "key": "a.jpg", "spent_ms": {"fetch": 1}}
    table = summarize(
        {"outcome": "responded", "status": 200, **fields},
        {"outcome": "undelivered", "status": 200, "reason": "S3Error", **fields},
    )
    assert "1 derivatives" in table


def test_control_characters_are_escaped() -> None:
    evil = "a\x1b[2J\u202e\n.jpg"
    table = summarize(
        {"outcome": "refused\x07", "key": evil, "reason": evil * 50, "spent_ms": {"fetch\r": 1}}
    )
    assert all(line.isprintable() for line in table.split("\n"))
    assert r"a\x1b[2J\u202e\n.jpg" in table
    assert max(map(len, table.splitlines())) < 200


@pytest.mark.parametrize(
    "line",
    [
        {"outcome": "made", "spent_ms": "long", "original_bytes": "1", "derivative_bytes": None},
        {"outcome": "made", "spent_ms": {"fetch": None}, "key": 5, "status": "200"},
    ],
)
def test_fields_of_other_types_are_ignored(line: dict[str, object]) -> None:
    table = summarize(line)
    assert "made" in table
    assert "derivatives" not in table


@pytest.mark.parametrize(
    ("message", "outcome"),
    [
        ('{"outcome": "made", "logger": "edge_resize"}', "made"),
        ("START RequestId: 1 Version: $LATEST", None),
        ('{"type": "platform.report"}', None),
        ('"outcome"', None),
        ('{"outcome": 1}', None),
        ("", None),
    ],
)
def test_other_lines_are_skipped(message: str, outcome: str | None) -> None:
    line = parse_line(message)
    assert (line and line["outcome"]) == outcome
