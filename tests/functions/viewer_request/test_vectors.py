"""The JavaScript with the common rows of tests/url_vectors.json."""

import pytest

from tests import vectors
from tests.functions.viewer_request.engine import NOW_SECONDS, Engine
from tests.vectors import CONFIGURATIONS, ROWS, SECRETS, Row, viewer_request_configuration
from tools.local.edge.messages import ViewerRequest


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
        if (found := engine.canonicalise(row.url, row.accept)) != _expect(row)
    ]
    assert wrong == []


def _expect(row: Row) -> tuple[int, str | None]:
    return row.status, row.canonical if row.status == 200 else row.sentence


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        ("/a+b.jpg", "/a%2Bb.jpg"),
        ("/a%2Bb.jpg", "/a%2Bb.jpg"),
        ("/a%2bb.jpg", "/a%2Bb.jpg"),
        ("/%61.jpg", "/a.jpg"),
        ("/a%2Fb.jpg", "/a/b.jpg"),
        ("//a//b.jpg", "//a//b.jpg"),
        ("/a%20b~(1)!*'.jpg", "/a%20b~%281%29%21%2A%27.jpg"),
        ("/a b@2x,=&$.jpg", "/a%20b%402x%2C%3D%26%24.jpg"),
        ("/100%25.jpg", "/100%25.jpg"),
        ("/\u00fc.jpg", "/%C3%BC.jpg"),
        ("/%F0%9F%98%80.jpg", "/%F0%9F%98%80.jpg"),
        ("/", "/"),
    ],
)
def test_a_path_has_one_encoding(engines: dict[str, Engine], path: str, canonical: str) -> None:
    for url in (path, canonical):
        result = engines["default"].forward(f"{url}?width=640")
        assert isinstance(result, ViewerRequest)
        assert (result.uri, result.querystring) == (canonical, "width=640")
