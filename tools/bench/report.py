"""Results of the benchmark as Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tools.bench.cold_path import FunctionRow, Row
from tools.bench.conversions import BOXES, BOXES_ELSE, Conversion, ConversionResult
from tools.bench.images import FORMATS, QUALITY, RUNS, SIZES, Measurements, Memory
from tools.bench.originals import TWELVE_MEGAPIXELS
from tools.bench.ratios import Case, Comparison, compare, geometric_mean
from tools.bench.service import SERVICE_SIZES, THUMBOR, ServiceRow
from tools.bench.worker import DOCUMENTED, FLOOR, IMAGE_CORE, PYVIPS, SHARP
from tools.docs import replace_block

SIDES = (IMAGE_CORE, SHARP, PYVIPS, DOCUMENTED, FLOOR)
"""Order of the sides in a table. sharp may be missing."""


@dataclass(frozen=True, kw_only=True)
class Results:
    """Results of one run of the benchmark. images: measurements by kind of photograph."""

    machine: str
    images: dict[str, Measurements]
    conversions: Sequence[ConversionResult]
    memory: Sequence[Memory]
    services: Sequence[ServiceRow]
    cold: Sequence[Row]
    functions: Sequence[FunctionRow]


def render_page(results: Results) -> str:
    """Render the text of `docs/bench.md`."""
    parts = [
        "# Benchmark",
        "Written by `invoke bench` in one run, all sides in turn. Only the ratios hold on other machines.",
        f"Machine: {results.machine}.",
        "## Conversions",
        _conversions_method(),
        render_conversions_table(results.conversions),
        "![Time and bytes of each conversion](bench.svg)",
        "### Originals",
        render_originals_table(results.conversions),
        "## JPEG in all sizes",
        _method(),
        render_summary_table(results.images),
        "### All originals",
        render_images_table(merge(results.images.values())),
    ]
    for kind, measurements in results.images.items():
        parts += [
            f"### {kind.capitalize()} originals: {_names(measurements)}",
            render_images_table(measurements),
        ]
    parts += [
        "### 12 megapixels to 1280 x 720",
        render_images_table(select_twelve_megapixels(results.images["baseline"])),
        "### Memory",
        "Growth of the peak memory of a fresh process during its second image; the first was small. Medians.",
        render_memory_table(results.memory),
        "## Behind HTTP",
        _services_method(),
        render_services_table(results.services),
        "## First request of a fresh process",
        "From the import of the handler to its response: the photograph of 12 megapixels to `S`. Medians.",
        render_cold_table(results.cold),
        "## Zips and imports",
        "Import of the handler in a fresh process, medians. Processor time includes the start of Python.",
        render_functions_table(results.functions),
    ]
    return "\n\n".join(parts) + "\n"


def replace_tables(text: str, results: Results) -> str:
    """Replace the tables of `docs/performance.md`, each between two comments with its name.

    Raises:
        ToolError: a table has no place in the text.
    """
    tables = {
        "machine": f"Machine: {results.machine}.",
        "conversions": render_conversions_table(results.conversions),
        "photographs": render_summary_table(results.images),
        "services": render_services_table(results.services),
        "first request": render_cold_table(results.cold),
        "functions": render_functions_table(results.functions),
    }
    for name, table in tables.items():
        text = replace_block(text, f"bench {name}", table, "docs/performance.md")
    return text


def _conversions_method() -> str:
    boxes = " and ".join("{} x {}".format(*SIZES[size]) for size in BOXES_ELSE)
    small = " and ".join("{} x {}".format(*SIZES[size]) for size in next(iter(BOXES.values())))
    return (
        f"image_core makes each derivative at quality {QUALITY}, in boxes of {boxes} ({small} for "
        "animations; AVIF and GIF in one of them). The quality of sharp and pyvips is searched until their "
        "derivative has the same SSIM; all else is each library's default. PNG and GIF have no quality, so "
        "the difference of SSIM stands beside their bytes. For graphics the peers write a lossless WebP "
        "where that is smaller, and a PNG with a palette if the original has one. Images with transparency "
        "are compared on white and on black, animations at four moments. Time is processor time in a warm "
        "process, one thread. Time and bytes are geometric means of ratios: below 1, image_core is faster "
        "or smaller. Memory is the growth of the peak of a fresh process by the first original in the first "
        "box. Settings of image_core may be chosen by the files in `tests/cases` and `tests/images` and by "
        "the photographs named in `tools/bench/originals.py`, and by no original of this page but "
        "`sunset.jpg` and `wine-tall.jpg`."
    )


def _services_method() -> str:
    sizes = " and ".join("{} x {}".format(*SIZES[size]) for size in SERVICE_SIZES)
    return (
        f"The baseline photographs in {sizes}, requested one by one over HTTP at quality {QUALITY}: the zip "
        "of object_lambda under AWS's runtime client with a function URL, and thumbor with its default "
        "settings. Both read each original from the same server over HTTP, and nothing is cached. A "
        "transform counts the processor time of all processes of the service, which includes thumbor's "
        "HTTP server; a function URL is a service of AWS."
    )


def name_conversion(conversion: Conversion) -> str:
    """Return the name of a conversion, such as "JPEG photograph to WebP"."""
    original = conversion.original
    return f"{name_format(original.format)} {original.content} to {name_format(conversion.output)}"


def name_format(name: str) -> str:
    """Return the usual spelling of a format."""
    return "WebP" if name == "WEBP" else name


def compare_conversion(result: ConversionResult, peer: str) -> Comparison:
    """Compare image_core with a peer over all cases of a conversion."""
    ours = result.measurements[IMAGE_CORE]
    return compare(dict(ours), dict(result.measurements[peer]), list(ours))


def render_conversions_table(results: Sequence[ConversionResult]) -> str:
    """Render one row per conversion: image_core relative to each peer, and the memory of all."""
    peers = [peer for peer in (SHARP, PYVIPS) if results and peer in results[0].measurements]
    ratios = [column for peer in peers for column in (f"time / {peer}", f"bytes / {peer}", f"SSIM - {peer}")]
    columns = ["conversion", *ratios, f"memory: {', '.join((IMAGE_CORE, *peers))}"]
    lines = [f"| {' | '.join(columns)} |", f"|---|{'---:|' * (len(columns) - 1)}"]
    for result in results:
        cells = [name_conversion(result.conversion)]
        for peer in peers:
            found = compare_conversion(result, peer)
            cells += [f"{found.time:.2f}", f"{found.size:.3f}", f"{found.ssim_mean:+.4f}"]
        peaks = ", ".join(f"{result.peak_mib[side]:.0f}" for side in (IMAGE_CORE, *peers))
        lines.append(f"| {' | '.join(cells)} | {peaks} MiB |")
    return "\n".join(lines)


def render_originals_table(results: Sequence[ConversionResult]) -> str:
    """Render the originals of each kind."""
    lines = ["| kind | originals |", "|---|---|"]
    kinds = {result.conversion.original: result.originals for result in results}
    for kind, names in kinds.items():
        lines.append(f"| {name_format(kind.format)} {kind.content} | {', '.join(names)} |")
    return "\n".join(lines)


def render_summary_table(images: Mapping[str, Measurements]) -> str:
    """Render image_core, sharp and pyvips relative to the documented original."""
    every = merge(images.values())
    twelve_megapixels = select_twelve_megapixels(every)
    rows = [(f"JPEG to {name_format(output)}", every, output) for output in FORMATS]
    rows.append(("12 megapixels to 1280 x 720, JPEG", twelve_megapixels, "JPEG"))
    peers = [side for side in (SHARP, PYVIPS) if side in every]
    columns = ["", "time", "bytes", "SSIM", *(f"time of {peer}" for peer in peers)]
    columns += [f"time / {peer}" for peer in peers]
    lines = [f"| {' | '.join(columns)} |", f"|---|{'---:|' * (len(columns) - 1)}"]
    for name, measurements, output in rows:
        cases = select_cases(measurements, output)
        ours = compare(measurements[IMAGE_CORE], measurements[DOCUMENTED], cases)
        theirs = [compare(measurements[peer], measurements[DOCUMENTED], cases).time for peer in peers]
        cells = [f"{ours.time:.2f}", f"{ours.size:.3f}", f"{ours.ssim_mean:+.4f}"]
        cells += [f"{time:.2f}" for time in theirs] + [f"{ours.time / time:.2f}" for time in theirs]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def render_services_table(rows: Sequence[ServiceRow]) -> str:
    """Render one row per service and output format."""
    lines = [
        "| conversion | service | transforms per second of one core | ratio | bytes | SSIM | memory |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    thumbor = {row.output: row for row in rows if row.service == THUMBOR}
    for row in rows:
        other = thumbor[row.output]
        size = geometric_mean(
            ours / theirs for ours, theirs in zip(row.size_bytes, other.size_bytes, strict=True)
        )
        lines.append(
            f"| JPEG to {name_format(row.output)} | {row.service} | {row.per_second:.1f} "
            f"| {row.per_second / other.per_second:.2f} | {size:.3f} | {row.ssim - other.ssim:+.4f} "
            f"| {row.resident_mib:.0f} MiB |"
        )
    return "\n".join(lines)


def render_functions_table(rows: Sequence[FunctionRow]) -> str:
    """Render one row per function."""
    lines = ["| function | zip | unpacked | import | processor |", "|---|---:|---:|---:|---:|"]
    lines += [
        f"| {row.function} | {row.zip_bytes / 1e6:.2f} MB | {row.unpacked_bytes / 1e6:.2f} MB "
        f"| {row.import_ms:.0f} ms | {row.import_cpu_ms:.0f} ms |"
        for row in rows
    ]
    return "\n".join(lines)


def _method() -> str:
    sizes = ", ".join(f"{width} x {height}" for width, height in SIZES.values())
    return (
        f"Photographs that were not used to choose settings, in {len(SIZES)} boxes ({sizes}), all sides at "
        f"quality {QUALITY}, one thread. All sides but the documented original keep a JPEG progressive; all "
        "else is each library's default. Time is processor time from bytes to bytes in a warm process: the "
        f"fastest of {RUNS} runs after an uncounted one, with garbage collected before each. Time and "
        "bytes are geometric means of ratios to the documented original (open, thumbnail, save). SSIM "
        "(scikit-image) compares each derivative with the original decoded in full and reduced by "
        "LANCZOS in one step; the columns are the mean and the worst difference to the documented "
        "original's. image_core, sharp and pyvips apply orientation and ICC profiles, the documented "
        f"original does not. The side called {FLOOR} resizes without a filter, as a lower bound."
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
