"""Results of the benchmark as Markdown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tools.bench.cold_path import Row
from tools.bench.images import FORMATS, QUALITY, RUNS, SIZES, Measurements, Memory
from tools.bench.photographs import TWELVE_MEGAPIXELS
from tools.bench.ratios import Case, Comparison, compare
from tools.bench.worker import DOCUMENTED, FLOOR, IMAGE_CORE, PYVIPS, SHARP

SIDES = (IMAGE_CORE, SHARP, PYVIPS, DOCUMENTED, FLOOR)
"""Order of the sides in a table. sharp may be missing."""


@dataclass(frozen=True, kw_only=True)
class Results:
    """Results of one run of the benchmark. images: measurements by kind of photograph."""

    machine: str
    images: dict[str, Measurements]
    memory: Sequence[Memory]
    cold: Sequence[Row]


def render_page(results: Results) -> str:
    """Render the text of `docs/bench.md`."""
    parts = [
        "# Benchmark",
        "Written by `invoke bench` in one run, all sides in turn. Only the ratios hold on other machines.",
        f"Machine: {results.machine}.",
        "## Images",
        _method(),
        "### All originals",
        render_images_table(merge(results.images.values())),
    ]
    for kind, measurements in results.images.items():
        parts += [
            f"### {kind.capitalize()} originals: {_names(measurements)}",
            render_images_table(measurements),
        ]
    parts += [
        "![Time by size](bench.svg)",
        "### 12 megapixels to 1280 x 720",
        render_images_table(select_twelve_megapixels(results.images["baseline"])),
        "### Memory",
        "Growth of the peak memory of a fresh process during its second image; the first was small. Medians.",
        render_memory_table(results.memory),
        "## First request of a fresh process",
        "From the import of the handler to its response: the photograph of 12 megapixels to `S`. Medians.",
        render_cold_table(results.cold),
    ]
    return "\n\n".join(parts) + "\n"


def _method() -> str:
    sizes = ", ".join(f"{width} x {height}" for width, height in SIZES.values())
    return (
        f"Photographs that were not used to choose settings, in {len(SIZES)} boxes ({sizes}), quality "
        f"{QUALITY}, one thread. All sides but the documented original keep a JPEG progressive; all else "
        "is each library's default. Time is processor time from bytes to bytes in a warm process: the "
        f"median of {RUNS} runs after an uncounted one, with garbage collected before each. Time and "
        "bytes are geometric means of ratios to the documented original (open, thumbnail, save). SSIM "
        "(scikit-image) compares each derivative with the original decoded in full and reduced by "
        "LANCZOS in one step; the columns are the mean and the worst difference to the documented "
        "original's. image_core, sharp and pyvips apply orientation and ICC profiles, the documented "
        f"original does not. image_core takes longer than the {FLOOR} because of Pillow's resize, which "
        "is scalar code, and of the JPEG encoder's second pass, which saves 5 % of the bytes."
    )


def _names(measurements: Measurements) -> str:
    return ", ".join(dict.fromkeys(name for name, _, _ in measurements[IMAGE_CORE]))


def render_images_table(measurements: Measurements) -> str:
    """Render one row per output format and side, over all cases."""
    lines = [
        "| output | side | time | bytes | SSIM, mean | SSIM, worst | time of image_core relative to it |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for output_format in FORMATS:
        cases = select_cases(measurements, output_format)
        for side in list_sides(measurements):
            to_documented = compare(measurements[side], measurements[DOCUMENTED], cases)
            of_image_core = compare(measurements[IMAGE_CORE], measurements[side], cases)
            lines.append(_row(output_format, side, to_documented, of_image_core))
    return "\n".join(lines)


def _row(output_format: str, side: str, to_documented: Comparison, of_image_core: Comparison) -> str:
    return (
        f"| {output_format} | {side} | {to_documented.time:.2f} | {to_documented.size:.3f} "
        f"| {to_documented.ssim_mean:+.4f} | {to_documented.ssim_worst:+.4f} | {of_image_core.time:.2f} |"
    )


def merge(kinds: Iterable[Measurements]) -> Measurements:
    """Merge the measurements of all kinds of photographs."""
    every: Measurements = {}
    for measurements in kinds:
        for side, cases in measurements.items():
            every.setdefault(side, {}).update(cases)
    return every


def select_twelve_megapixels(measurements: Measurements) -> Measurements:
    """Select the measurements of the largest photograph in the largest wide size."""
    return {
        side: {case: found for case, found in cases.items() if case[:2] == (TWELVE_MEGAPIXELS, "L")}
        for side, cases in measurements.items()
    }


def select_cases(measurements: Measurements, output_format: str) -> list[Case]:
    """Select the cases with an output format."""
    return [case for case in measurements[IMAGE_CORE] if case[2] == output_format]


def list_sides(measurements: Measurements) -> list[str]:
    """Return the sides with measurements, in the order of the table."""
    return [side for side in SIDES if side in measurements]


def render_memory_table(rows: Sequence[Memory]) -> str:
    """Render a row per case and a column per side; the ratio is image_core's to the documented original."""
    sides = [side for side in SIDES if side in rows[0].peak_mib]
    lines = [f"| | {' | '.join(sides)} | ratio |", f"|---|{'---:|' * (len(sides) + 1)}"]
    for row in rows:
        cells = " | ".join(f"{row.peak_mib[side]:.0f} MiB" for side in sides)
        ratio = row.peak_mib[IMAGE_CORE] / row.peak_mib[DOCUMENTED]
        lines.append(f"| {row.case} | {cells} | {ratio:.2f} |")
    return "\n".join(lines)


def render_cold_table(rows: Sequence[Row]) -> str:
    """Render a row per contender, case and delay; the ratio is to the documented original's time."""
    lines = [
        "| delay | case | function | S3 calls | round trips | import | first request | processor | ratio |",
        "|---:|---|---|---|---:|---:|---:|---:|---:|",
    ]
    baseline = {(row.delay_ms, row.case): row.first_request_ms for row in rows}  # of the last contender
    for row in rows:
        ratio = row.first_request_ms / baseline[row.delay_ms, row.case]
        lines.append(
            f"| {row.delay_ms} ms | {row.case} | {row.contender} | {row.calls} | {row.round_trips} "
            f"| {row.import_ms:.0f} ms | {row.first_request_ms:.0f} ms | {row.cpu_ms:.0f} ms | {ratio:.2f} |"
        )
    return "\n".join(lines)
