"""The rows of tests/url_vectors.json, for the JavaScript of the edge and the Python of the functions."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from image_format import Format
from image_url import OutputFormat, derivative_name, parse_sizes
from image_url.options import WITHOUT_QUALITY

from tools.paths import PROJECT

_DOCUMENT = json.loads((PROJECT / "tests/url_vectors.json").read_text("utf-8"))
SECRETS: Mapping[str, str] = _DOCUMENT["secrets"]
NOW_SECONDS: int = _DOCUMENT["now_seconds"]
FORMATS: Mapping[str, str | list[str]] = {
    "formats": " ".join(OutputFormat),
    "without_quality": [each.value for each in OutputFormat if each in WITHOUT_QUALITY],
}
"""The lists that Terraform reads from `image_url` for the viewer-request function."""
CONFIGURATIONS: Mapping[str, Mapping[str, Any]] = {
    name: {**FORMATS, **settings} for name, settings in _DOCUMENT["configurations"].items()
}
"""Settings of deployments by name, with `sizes` as in Terraform."""


class Row(NamedTuple):
    """A request with its canonical query, options and derivative name, or its status and sentence."""

    configuration: str
    url: str
    accept: str | None
    canonical: str | None
    options: Mapping[str, Any] | None
    name: str | None
    status: int
    sentence: str | None


def _read_row(configuration: str, row: Mapping[str, Any]) -> Row:
    path, query = row.get("path", "/a.jpg"), row["query"]
    return Row(
        configuration=configuration,
        url=f"{path}?{query}" if query else path,
        accept=row.get("accept"),
        canonical=row.get("canonical"),
        options=row.get("options"),
        name=row.get("name"),
        status=row.get("status", 200),
        sentence=row.get("sentence"),
    )


ROWS = tuple(
    _read_row(configuration, row) for configuration, rows in _DOCUMENT["rows"].items() for row in rows
)


class PathRow(NamedTuple):
    """The key of an original and the name of a derivative, with the derivative's path, or the sentence."""

    key: str
    name: str
    path: str | None = None
    sentence: str | None = None


DERIVATIVE_PATHS = tuple(PathRow(**row) for row in _DOCUMENT["derivative_paths"])


def viewer_request_configuration(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration of the viewer-request function: sizes only have what the function needs."""
    sizes = {
        name: {option: size[option] for option in ("format", "quality") if option in size}
        for name, size in settings["sizes"].items()
    }
    return {**settings, "sizes": sizes}


def derivative_path_configuration(settings: Mapping[str, Any], output_version: int) -> dict[str, Any]:
    """Return the configuration of the viewer-request function in front of a bucket of derivatives.

    The sizes also have their part of the name of a derivative.
    """
    configuration = viewer_request_configuration(settings)
    for name, options in parse_sizes(json.dumps(settings["sizes"])).items():
        _, _, box = derivative_name(options._replace(format=None, quality=None), 1).partition("_")
        box, size = "" if box == "clean" else box, configuration["sizes"][name]
        configuration["sizes"][name] = {"box": box, **size} if size else box
    extensions = [extension for each in Format for extension in each.extensions]
    return {**configuration, "extensions": extensions, "output_version": output_version}
