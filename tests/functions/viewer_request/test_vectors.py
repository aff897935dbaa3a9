"""The JavaScript with the common rows of tests/url_vectors.json."""

import pytest

from tests import vectors
from tests.functions.viewer_request.engine import NOW_SECONDS, Engine
from tests.vectors import CONFIGURATIONS, ROWS, SECRETS, Row, viewer_request_configuration


@pytest.fixture(scope="module")
def engines() -> dict[str, Engine]:
    return {
        name: Engine(viewer_request_configuration(settings), SECRETS)
        for name, settings in CONFIGURATIONS.items()
    }


def test_clock() -> None:
    assert vectors.NOW_SECONDS == NOW_SECONDS


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_rows(engines: dict[str, Engine], configuration: str) -> None:
    engine = engines[configuration]
    rows = [row for row in ROWS if row.configuration == configuration]
    assert rows
    wrong = [
        (row.url, row.accept, found)
        for row in rows
        if (found := engine.canonicalise(row.url, row.accept)) != _expected(row)
    ]
    assert wrong == []


def _expected(row: Row) -> tuple[int, str | None]:
    return row.status, row.canonical if row.status == 200 else row.sentence
