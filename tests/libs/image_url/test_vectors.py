"""The Python with the canonical queries of tests/url_vectors.json."""

import json

import pytest
from image_url import (
    Fit,
    Gravity,
    ImageOptions,
    OutputFormat,
    derivative_name,
    parse_derivative_name,
    parse_query,
    parse_sizes,
)

from tests.vectors import CONFIGURATIONS, ROWS, Row

SIZES = {name: parse_sizes(json.dumps(settings["sizes"])) for name, settings in CONFIGURATIONS.items()}


def _expect(row: Row) -> ImageOptions:
    assert row.options is not None
    options = dict(row.options)
    if "gravity" in options:
        options["gravity"] = Gravity(*options["gravity"])
    if "format" in options:
        options["format"] = OutputFormat(options["format"])
    return ImageOptions(**{**options, "fit": Fit(options.get("fit", "inside"))})


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_options_of_canonical_queries(configuration: str) -> None:
    rows = [row for row in ROWS if row.configuration == configuration and row.canonical is not None]
    assert rows
    quality = CONFIGURATIONS[configuration]["quality"]
    wrong = [
        (row, found)
        for row in rows
        if (found := parse_query(row.canonical or "", SIZES[configuration], quality)) != _expect(row)
    ]
    assert wrong == []


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_names_of_options(configuration: str) -> None:
    rows = [row for row in ROWS if row.configuration == configuration and row.name is not None]
    assert [derivative_name(_expect(row), 2) for row in rows] == [row.name for row in rows]
    assert [parse_derivative_name(row.name or "") for row in rows] == [(_expect(row), 2) for row in rows]


def test_canonical_queries_have_one_form() -> None:
    forms: dict[tuple[str, str], set[str]] = {}
    for row in ROWS:
        if row.canonical is not None:
            forms.setdefault((row.configuration, row.canonical), set()).add(row.name or "")
    assert [form for form, names in forms.items() if len(names) != 1] == []
