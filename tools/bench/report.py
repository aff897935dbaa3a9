"""What was measured, as Markdown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tools.bench.cold_path import Row
from tools.bench.photographs import TWELVE_MEGAPIXELS
from tools.bench.pictures import FORMATS, QUALITY, RUNS, SIZES, Memory, Results
from tools.bench.ratios import Case, Comparison, compare
from tools.bench.worker import DOCUMENTED, FLOOR, IMAGE_CORE, PYVIPS, SHARP

SIDES = (IMAGE_CORE, SHARP, PYVIPS, DOCUMENTED, FLOOR)
"""In the order of the table; sharp may be missing."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One run of the benchmark; `results` by the kind of photograph."""

    machine: str
    results: dict[str, Results]
    memory: Sequence[Memory]
    cold: Sequence[Row]


def page(measured: Measured) -> str:
    """The whole page, `docs/bench.md`."""
    parts = [
        "# Benchmark",
        "Written by `invoke bench` in one run, all sides in turn; only the ratios mean anything elsewhere.",
        f"Machine: {measured.machine}.",
        "## Pictures",
        _method(),
        "### All originals",
        pictures_table(together(measured.results.values())),
    ]
    for kind, results in measured.results.items():
        parts += [f"### {kind.capitalize()} originals: {_names(results)}", pictures_table(results)]
    parts += [
        "![Time by size](bench.svg)",
        "### 12 megapixels to 1280 x 720",
        pictures_table(twelve_megapixels(measured.results["baseline"])),
        "### Memory",
        "What a fresh process holds more at its peak than before the picture, after a small one; medians.",
        memory_table(measured.memory),
        "## First request of a fresh process",
        "From the import of the handler to its answer: the photograph of 12 megapixels to `S`, medians.",
        cold_table(measured.cold),
    ]
    return "\n\n".join(parts) + "\n"


def _method() -> str:
    sizes = ", ".join(f"{width} x {height}" for width, height in SIZES.values())
    return (
        f"Photographs apart from those that settings were chosen by, to {len(SIZES)} boxes ({sizes}), "
        f"quality {QUALITY}, one thread, a progressive JPEG written as a progressive JPEG by all but the "
        "documented original, all else as each library has it by default. Time is processor time from bytes "
        f"to bytes in a warm process, the median of {RUNS} runs after one that does not count, with garbage "
        "collected before each. Time and bytes are geometric means of ratios to the documented original "
        "(open, thumbnail, save). SSIM is the difference to its, in the mean and at worst: each picture is "
        "held against the original decoded in full and reduced by LANCZOS in one step (scikit-image). "
        "image_core, sharp and pyvips turn pictures upright and mind ICC profiles; the documented original "
        f"does neither. Between image_core and the {FLOOR} lie Pillow's resize, which is scalar "
        "code, and the JPEG encoder's second pass for 5 % fewer bytes."
    )


def _names(results: Results) -> str:
    return ", ".join(dict.fromkeys(name for name, _, _ in results[IMAGE_CORE]))


def pictures_table(results: Results) -> str:
    """A row for each output format and side, over all cases."""
    lines = [
        "| output | side | time | bytes | SSIM, mean | SSIM, worst | time of image_core against it |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for output_format in FORMATS:
        cases = cases_of(results, output_format)
        for side in present(results):
            against = compare(results[IMAGE_CORE], results[side], cases)
            lines.append(
                _row(output_format, side, compare(results[side], results[DOCUMENTED], cases), against)
            )
    return "\n".join(lines)


def _row(output_format: str, side: str, to_documented: Comparison, against: Comparison) -> str:
    return (
        f"| {output_format} | {side} | {to_documented.time:.2f} | {to_documented.length:.3f} "
        f"| {to_documented.ssim_mean:+.4f} | {to_documented.ssim_worst:+.4f} | {against.time:.2f} |"
    )


def together(kinds: Iterable[Results]) -> Results:
    """The results of all photographs, of whatever kind."""
    every: Results = {}
    for results in kinds:
        for side, cases in results.items():
            every.setdefault(side, {}).update(cases)
    return every


def twelve_megapixels(results: Results) -> Results:
    """The results of the largest photograph in the largest wide size."""
    return {
        side: {case: made for case, made in cases.items() if case[:2] == (TWELVE_MEGAPIXELS, "L")}
        for side, cases in results.items()
    }


def cases_of(results: Results, output_format: str) -> list[Case]:
    """The cases with this output format."""
    return [case for case in results[IMAGE_CORE] if case[2] == output_format]


def present(results: Results) -> list[str]:
    """The sides that took part, in the order of the table."""
    return [side for side in SIDES if side in results]


def memory_table(rows: Sequence[Memory]) -> str:
    """A row for each case, a column for each side, and image_core's ratio to the documented original."""
    sides = [side for side in SIDES if side in rows[0].peak_mib]
    lines = [f"| | {' | '.join(sides)} | ratio |", f"|---|{'---:|' * (len(sides) + 1)}"]
    for row in rows:
        cells = " | ".join(f"{row.peak_mib[side]:.0f} MiB" for side in sides)
        ratio = row.peak_mib[IMAGE_CORE] / row.peak_mib[DOCUMENTED]
        lines.append(f"| {row.what} | {cells} | {ratio:.2f} |")
    return "\n".join(lines)


def cold_table(rows: Sequence[Row]) -> str:
    """A row for each contender, case and delay; the ratio is to the documented original's time."""
    lines = [
        "| round trip | case | what | S3 calls | waits | import | first request | processor | ratio |",
        "|---:|---|---|---|---:|---:|---:|---:|---:|",
    ]
    baseline = {(row.delay_ms, row.case): row.first_request_ms for row in rows}  # the last contender's
    for row in rows:
        ratio = row.first_request_ms / baseline[row.delay_ms, row.case]
        lines.append(
            f"| {row.delay_ms} ms | {row.case} | {row.contender} | {row.calls} | {row.round_trips} "
            f"| {row.import_ms:.0f} ms | {row.first_request_ms:.0f} ms | {row.cpu_ms:.0f} ms | {ratio:.2f} |"
        )
    return "\n".join(lines)
