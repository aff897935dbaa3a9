"""`invoke bench`: what a first request costs, as ratios measured in one run."""

from tools.bench.cold_path import Row, cold_path

__all__ = ["Row", "cold_path", "table"]


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table, each contender's time also as a ratio to the last one's."""
    lines = [
        "| round trip | case | what | S3 calls | waits | import | first request | processor | ratio |",
        "|---:|---|---|---|---:|---:|---:|---:|---:|",
    ]
    baseline = {(row.delay_ms, row.case): row.first_request_ms for row in rows}
    for row in rows:
        ratio = row.first_request_ms / baseline[row.delay_ms, row.case]
        lines.append(
            f"| {row.delay_ms} ms | {row.case} | {row.contender} | {row.calls} | {row.round_trips} "
            f"| {row.import_ms:.0f} ms | {row.first_request_ms:.0f} ms | {row.cpu_ms:.0f} ms | {ratio:.2f} |"
        )
    return "\n".join(lines)
