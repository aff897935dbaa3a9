"""The paths of derivatives, for which the function replaces URI and query string."""

from urllib.parse import quote

import pytest
from image_format import Format
from image_url import derivative_path

from tests.functions.viewer_request.engine import Engine
from tests.vectors import (
    CONFIGURATIONS,
    DERIVATIVE_PATHS,
    ROWS,
    SECRETS,
    Row,
    derivative_path_configuration,
)
from tools.local.edge.messages import Response, ViewerRequest

OUTPUT_VERSION = 2
"""Version in the names of the rows."""
_EXTENSIONS = [extension for each in Format for extension in each.extensions]


@pytest.fixture(scope="module")
def engines() -> dict[str, Engine]:
    return {
        name: Engine(derivative_path_configuration(settings, OUTPUT_VERSION), SECRETS)
        for name, settings in CONFIGURATIONS.items()
    }


def is_image(row: Row) -> bool:
    """Return True if a row asks for a derivative of an image: EXIF data are none."""
    return row.url.partition("?")[0].endswith(".jpg") and "showexif" not in row.url.lower()


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_rows(engines: dict[str, Engine], configuration: str) -> None:
    rows = [row for row in ROWS if row.configuration == configuration and is_image(row)]
    assert rows
    found = [_describe(engines[configuration].forward(row.url, row.accept)) for row in rows]
    expected = [f"200 {row.name}" if row.status == 200 else f"{row.status} {row.sentence}" for row in rows]
    assert [
        (row.url, one, other) for row, one, other in zip(rows, found, expected, strict=True) if one != other
    ] == []


def _describe(result: ViewerRequest | Response) -> str:
    """Return the name of the derivative, or the sentence of a refusal, after the status."""
    if isinstance(result, Response):
        return f"{result.status} {result.body.decode().strip()}"
    assert result.querystring == ""
    return f"200 {result.uri.rpartition('/')[2]}"


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(derivative_path_configuration(CONFIGURATIONS["default"], 4))


_ROWS = [row for row in DERIVATIVE_PATHS if row.name == "v4_clean"]


@pytest.mark.parametrize("row", _ROWS, ids=[f"{row.key[:20]!a}-{len(row.key)}" for row in _ROWS])
@pytest.mark.parametrize("safe", ["/", "", "/!'()*~"])
def test_paths(engine: Engine, row: tuple[str, ...], safe: str) -> None:
    key, _, path, sentence = row
    result = engine.forward(f"/{quote(key, safe=safe)}")
    if sentence:
        assert _describe(result) == f"400 {sentence}"
    else:
        assert isinstance(result, ViewerRequest)
        assert result.uri == f"/{path}"


@pytest.mark.parametrize("extension", [*_EXTENSIONS, *map(str.upper, _EXTENSIONS)])
def test_every_supported_extension(engine: Engine, extension: str) -> None:
    result = engine.forward(f"/a.{extension}?width=640")
    assert isinstance(result, ViewerRequest)
    assert result.uri == f"/{derivative_path(f'a.{extension}', 'v4_w640_q80')}"


@pytest.mark.parametrize(
    "path", ["/", "/a", "/a.svg", "/a.jpg/", "/a.jpg%00", "/a.jpg%0A", "/ajpg", "/a.jpgx"]
)
def test_other_files_do_not_exist(engine: Engine, path: str) -> None:
    endings = ", ".join(f".{extension}" for extension in _EXTENSIONS)
    assert (
        _describe(engine.forward(f"{path}?width=wide"))
        == f"404 The name of an image ends in one of: {endings}."
    )


@pytest.mark.parametrize(
    "url", ["/a%20b.jpg", "/%61.jpg?w=640&utm_source=mail", "/a+b.jpg?q=80&width=640&q=80", "//a.jpg"]
)
def test_the_viewers_url_is_a_header(engine: Engine, url: str) -> None:
    result = engine.forward(url)
    assert isinstance(result, ViewerRequest)
    assert result.headers["X-Viewer-Url"] == url


def test_a_url_with_other_characters_becomes_a_header_of_ascii(engine: Engine) -> None:
    result = engine.forward("/ä b.jpg?x=\U0001f408\u00e9&w=640")
    assert isinstance(result, ViewerRequest)
    assert result.headers["X-Viewer-Url"] == "/%C3%A4%20b.jpg?x=%F0%9F%90%88%C3%A9&w=640"


def test_a_viewer_cannot_set_the_header(engine: Engine) -> None:
    result = engine.forward("/a.jpg", headers={"X-Viewer-Url": "/b.jpg"})
    assert isinstance(result, ViewerRequest)
    assert result.headers.getall("X-Viewer-Url") == ["/a.jpg"]
