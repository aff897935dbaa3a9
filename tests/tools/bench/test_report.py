import re
from collections.abc import Callable

import pytest

from tools.bench.cold_path import FunctionRow, Row
from tools.bench.conversions import ConversionResult
from tools.bench.images import Measurements, Memory
from tools.bench.report import (
    Results,
    render_cold_table,
    render_conversions_table,
    render_functions_table,
    render_images_table,
    render_memory_table,
    render_page,
    render_services_table,
    render_summary_table,
    replace_tables,
)
from tools.bench.service import FUNCTION, THUMBOR, ServiceRow
from tools.paths import PROJECT


def cells(table: str) -> list[list[str]]:
    """Return the cells of a Markdown table, without its rule."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    return [rows[0], *rows[2:]]


def row(contender: str, case: str, first_request_ms: float, *, delay_ms: int = 10) -> Row:
    return Row(
        contender=contender,
        case=case,
        delay_ms=delay_ms,
        import_ms=50,
        first_request_ms=first_request_ms,
        cpu_ms=80,
        calls="HEAD HEAD GET PUT",
        round_trips=3,
    )


def test_every_side_is_compared_with_the_documented_original_and_with_image_core(
    measurements: Callable[..., Measurements],
) -> None:
    table = cells(
        render_images_table(
            measurements(
                documented_original=(100, 1000), image_core=(70, 900), sharp=(80, 1100), pyvips=(50, 950)
            )
        )
    )
    assert [line[:4] + line[6:] for line in table[1:5]] == [
        ["JPEG", "image_core", "0.70", "0.900", "1.00"],
        ["JPEG", "sharp", "0.80", "1.100", "0.88"],
        ["JPEG", "pyvips", "0.50", "0.950", "1.40"],
        ["JPEG", "documented original", "1.00", "1.000", "0.70"],
    ]
    assert [line[0] for line in table[5:]] == ["WEBP"] * 4


def test_without_npm_the_table_has_no_sharp(measurements: Callable[..., Measurements]) -> None:
    table = render_images_table(
        measurements(documented_original=(100, 1000), image_core=(70, 900), pyvips=(50, 950))
    )
    assert "sharp" not in table
    assert len(cells(table)) == 7


def test_memory_is_a_ratio_to_the_documented_original() -> None:
    table = cells(
        render_memory_table([Memory(case="one", peak_mib={"image_core": 20, "documented original": 80})])
    )
    assert table == [
        ["", "image_core", "documented original", "ratio"],
        ["one", "20 MiB", "80 MiB", "0.25"],
    ]


def test_a_cold_path_is_a_ratio_within_its_case_and_delay() -> None:
    rows = [
        row("edge_resize.zip", "miss", 200),
        row("documented original", "miss", 500),
        row("edge_resize.zip", "hit", 90),
        row("documented original", "hit", 300),
        row("edge_resize.zip", "miss", 100, delay_ms=0),
        row("documented original", "miss", 400, delay_ms=0),
    ]
    ratios = [line[-1] for line in cells(render_cold_table(rows))[1:]]
    assert ratios == ["0.40", "1.00", "0.30", "1.00", "0.25", "1.00"]


def test_a_conversion_is_compared_with_each_peer(conversion_result: Callable[..., ConversionResult]) -> None:
    result = conversion_result(
        "PNG", image_core=(50, 1200, 0.95), sharp=(100, 1000, 0.94), pyvips=(25, 1200, 0.96)
    )
    heading, row = cells(render_conversions_table([result]))
    assert dict(zip(heading, row, strict=True)) == {
        "conversion": "JPEG photograph to PNG",
        "time / sharp": "0.50",
        "bytes / sharp": "1.200",
        "SSIM - sharp": "+0.0100",
        "time / pyvips": "2.00",
        "bytes / pyvips": "1.000",
        "SSIM - pyvips": "-0.0100",
        "memory: image_core, sharp, pyvips": "12, 12, 12 MiB",
    }


def test_without_npm_a_conversion_is_compared_with_pyvips_only(
    conversion_result: Callable[..., ConversionResult],
) -> None:
    table = render_conversions_table([conversion_result(image_core=(50, 1200, 0.9), pyvips=(100, 1000, 0.9))])
    assert "sharp" not in table
    assert "| 0.50 | 1.200 |" in table


def test_the_summary_has_all_photographs_and_the_largest(measurements: Callable[..., Measurements]) -> None:
    images = {
        "baseline": measurements(documented_original=(100, 1000), image_core=(50, 900), sharp=(80, 1)),
        "progressive": measurements(
            "rose.jpg", documented_original=(100, 1000), image_core=(98, 900), sharp=(80, 1)
        ),
    }
    rows = cells(render_summary_table(images))[1:]
    assert [row[:2] + row[4:] for row in rows] == [
        ["JPEG to JPEG", "0.70", "0.80", "0.87"],
        ["JPEG to WebP", "0.70", "0.80", "0.87"],
        ["12 megapixels to 1280 x 720, JPEG", "0.50", "0.80", "0.62"],
    ]


def service_row(service: str, per_second: float, size_bytes: list[int]) -> ServiceRow:
    return ServiceRow(
        service=service,
        output="JPEG",
        per_second=per_second,
        size_bytes=size_bytes,
        ssim=0.9,
        resident_mib=40,
    )


def test_a_service_is_a_ratio_to_thumbor() -> None:
    rows = [service_row(FUNCTION, 30, [50, 200]), service_row(THUMBOR, 20, [100, 100])]
    assert cells(render_services_table(rows))[1:] == [
        ["JPEG to JPEG", FUNCTION, "30.0", "1.50", "1.000", "+0.0000", "40 MiB"],
        ["JPEG to JPEG", THUMBOR, "20.0", "1.00", "1.000", "+0.0000", "40 MiB"],
    ]


FUNCTION_ROW = FunctionRow(
    function="edge_resize", zip_bytes=3_700_000, unpacked_bytes=12_300_000, import_ms=33.4, import_cpu_ms=61.6
)


def test_a_function_has_its_sizes_and_import_times() -> None:
    assert cells(render_functions_table([FUNCTION_ROW]))[1:] == [
        ["edge_resize", "3.70 MB", "12.30 MB", "33 ms", "62 ms"]
    ]


@pytest.fixture
def results(
    measurements: Callable[..., Measurements], conversion_result: Callable[..., ConversionResult]
) -> Results:
    return Results(
        machine="2 cores, a processor",
        images={
            "baseline": measurements(documented_original=(100, 1000), image_core=(70, 900)),
            "progressive": measurements("rose.jpg", documented_original=(100, 1000), image_core=(90, 900)),
        },
        conversions=[conversion_result(image_core=(50, 1200, 0.9), sharp=(100, 1000, 0.9))],
        memory=[Memory(case="one", peak_mib={"image_core": 20, "documented original": 80})],
        services=[service_row(FUNCTION, 30, [50]), service_row(THUMBOR, 20, [100])],
        cold=[row("edge_resize.zip", "miss", 200), row("documented original", "miss", 500)],
        functions=[FUNCTION_ROW],
    )


def test_the_page_names_machine_and_originals(results: Results) -> None:
    page = render_page(results)
    assert "Machine: 2 cores, a processor." in page
    assert "| JPEG photograph | rose.jpg |" in page
    assert "Baseline originals: sunset.jpg" in page
    every, _, of_kinds = page.partition("### All originals")[2].partition("### Baseline")
    assert "| JPEG | image_core | 0.79 |" in every  # the geometric mean
    assert "| JPEG | image_core | 0.90 |" in of_kinds.partition("### Progressive originals: rose.jpg")[2]
    assert "(bench.svg)" in page
    twelve_megapixels = page.partition("### 12 megapixels")[2].partition("###")[0]
    assert "| JPEG | image_core | 0.70 |" in twelve_megapixels


def test_the_tables_of_a_page_are_replaced_and_its_text_stays(results: Results) -> None:
    page = (PROJECT / "docs" / "performance.md").read_text()
    once = replace_tables(page, results)
    assert "Machine: 2 cores, a processor." in once
    assert "| JPEG photograph to WebP | 0.50 | 1.200 |" in once
    assert replace_tables(once, results) == once
    prose = [line for line in page.splitlines() if line and line[0] not in "|M"]
    assert [line for line in once.splitlines() if line and line[0] not in "|M"] == prose


def test_both_committed_pages_have_the_tables_of_one_run() -> None:
    performance, bench = ((PROJECT / "docs" / name).read_text() for name in ("performance.md", "bench.md"))
    tables = re.findall(r"<!-- BEGIN bench ([a-z ]+) -->\n\n(.*?)\n\n<!-- END", performance, re.DOTALL)
    assert len(tables) == performance.count("<!-- BEGIN bench")
    assert [name for name, table in tables if table not in bench] == []
