from collections.abc import Callable

from tools.bench.cold_path import Row
from tools.bench.images import Measurements, Memory
from tools.bench.report import (
    Results,
    render_cold_table,
    render_images_table,
    render_memory_table,
    render_page,
)


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


def test_the_page_names_machine_and_photographs(measurements: Callable[..., Measurements]) -> None:
    results = Results(
        machine="2 cores, a processor",
        images={
            "baseline": measurements(documented_original=(100, 1000), image_core=(70, 900)),
            "progressive": measurements("rose.jpg", documented_original=(100, 1000), image_core=(90, 900)),
        },
        memory=[Memory(case="one", peak_mib={"image_core": 20, "documented original": 80})],
        cold=[row("edge_resize.zip", "miss", 200), row("documented original", "miss", 500)],
    )
    page = render_page(results)
    assert "Machine: 2 cores, a processor." in page
    assert "Baseline originals: sunset.jpg" in page
    every, _, of_kinds = page.partition("### All originals")[2].partition("### Baseline")
    assert "| JPEG | image_core | 0.79 |" in every  # the geometric mean
    assert "| JPEG | image_core | 0.90 |" in of_kinds.partition("### Progressive originals: rose.jpg")[2]
    assert "(bench.svg)" in page
    twelve_megapixels = page.partition("### 12 megapixels")[2].partition("###")[0]
    assert "| JPEG | image_core | 0.70 |" in twelve_megapixels
