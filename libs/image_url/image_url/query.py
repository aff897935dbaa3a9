"""Parsing of query strings in the canonical form of the viewer-request function.

An invalid value is an error, so that a typing error does not go unnoticed.
"""

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import parse_qsl

from image_url.errors import QueryError
from image_url.options import WHOLE_NUMBERS, WITHOUT_QUALITY, Fit, ImageOptions, OutputFormat
from image_url.sizes import Sizes
from image_url.values import parse_gravity, parse_whole_number

_NAMES = frozenset({*WHOLE_NUMBERS, "fit", "gravity", "format", "size", "to_webp", "showExif"})


def parse_query(querystring: str, sizes: Sizes, default_quality: int) -> ImageOptions:
    """Return the options in a query string, after filling in a named size and the default quality.

    The canonical form and the documented parameters `size`, `to_webp` and `showExif` are accepted in any
    order; S3 Object Lambda passes on the latter without CloudFront. A parameter may be repeated with the same
    value. Parameters with other names are ignored. Beside `showExif=true` or `format=json`, other options
    have no effect, but their values must be valid.

    Args:
        querystring: percent-encoded query string without `?`.
        sizes: the named sizes of the deployment.
        default_quality: 1 to 100, for options with a lossy format and without a quality.

    Raises:
        QueryError: a parameter has an invalid value or two different values, or contradicts another one.
    """
    values = _collect(querystring)
    _refuse_combinations(values)
    output_format = _parse_format(values)
    show_exif = _choose(values, "showExif", ("true", "false")) == "true"
    size_name = _choose(values, "size", sizes)
    numbers = _parse_numbers(values)
    base = sizes[size_name] if size_name else _parse_fit(values)
    if show_exif:
        return ImageOptions(show_exif=True)
    if output_format is OutputFormat.JSON:
        return ImageOptions(format=OutputFormat.JSON)
    options = base._replace(format=output_format or base.format, **numbers)
    if problems := options.find_problems():
        raise QueryError(f"The parameter {problems[0]}.")
    return _fill_in_quality(options, default_quality)


def _collect(querystring: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, text in parse_qsl(querystring, keep_blank_values=True):
        if name in _NAMES:
            value = text.lower() if name == "showExif" else text
            if values.setdefault(name, value) != value:
                raise QueryError(f"The parameter {name} has two different values.")
    return values


def _refuse_combinations(values: Mapping[str, str]) -> None:
    for whole in ("size", "to_webp"):
        for side in ("width", "height", "fit", "gravity"):
            if whole in values and side in values:
                raise QueryError(f"The parameters {whole} and {side} cannot be combined.")


def _parse_format(values: Mapping[str, str]) -> OutputFormat | None:
    name = _choose(values, "format", tuple(OutputFormat))
    asked = "webp" if _choose(values, "to_webp", ("1", "0")) == "1" else name
    if name not in (None, asked):
        raise QueryError("The parameters to_webp and format ask for different formats.")
    return OutputFormat(asked) if asked else None


def _parse_fit(values: Mapping[str, str]) -> ImageOptions:
    gravity = parse_gravity(values["gravity"]) if "gravity" in values else None
    if "gravity" in values and gravity is None:
        raise QueryError("The parameter gravity must be x,y with numbers from 0 to 1.")
    return ImageOptions(fit=Fit(_choose(values, "fit", tuple(Fit)) or Fit.INSIDE), gravity=gravity)


def _fill_in_quality(options: ImageOptions, default_quality: int) -> ImageOptions:
    if options.format in WITHOUT_QUALITY:
        return options._replace(quality=None)
    if options == ImageOptions():
        return options
    return options._replace(quality=options.quality or default_quality)


def _choose(values: Mapping[str, str], name: str, allowed: Collection[str]) -> str | None:
    value = values.get(name)
    if value is not None and value not in allowed:
        raise QueryError(f"The parameter {name} must be one of: {', '.join(allowed)}.")
    return value


def _parse_numbers(values: Mapping[str, str]) -> dict[str, Any]:
    numbers = {}
    for name, number in WHOLE_NUMBERS.items():
        if name in values:
            numbers[name] = parse_whole_number(values[name], number.maximum)
            if numbers[name] is None:
                raise QueryError(f"The parameter {name} must be {number}.")
    return numbers
