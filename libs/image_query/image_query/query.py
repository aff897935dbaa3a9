"""Parsing of query strings. An unknown value is an error, so that a typing error does not go unnoticed."""

from collections.abc import Collection
from typing import NamedTuple
from urllib.parse import parse_qsl

from image_query.errors import QueryError
from image_query.sizes import Sizes


class ImageQuery(NamedTuple):
    """The options in a query string.

    Attributes:
        size_name: name of a size. None: the size of the original.
        to_webp: whether to encode as WebP.
        show_exif: whether to return the EXIF data instead of the image.
    """

    size_name: str | None
    to_webp: bool
    show_exif: bool = False


def parse_query(querystring: str, sizes: Sizes) -> ImageQuery:
    """Return the options in a query string.

    Names and values are case-sensitive, except the value of `showExif`. A parameter may be repeated with the
    same value. Other parameters are ignored.

    Args:
        querystring: percent-encoded query string without `?`.
        sizes: the named sizes of the deployment.

    Raises:
        QueryError: a parameter has an unknown or empty value, or two different values.
    """
    parameters = parse_qsl(querystring, keep_blank_values=True)
    lower_case = [(name, value.lower()) for name, value in parameters]
    return ImageQuery(
        size_name=_only_value(parameters, "size", allowed=sizes),
        # CloudFront's function for viewer requests writes to_webp=1 as format=webp.
        to_webp=_only_value(parameters, "to_webp", allowed=("0", "1")) == "1"
        or ("format", "webp") in parameters,
        show_exif=_only_value(lower_case, "showExif", allowed=("true", "false")) == "true",
    )


def _only_value(parameters: list[tuple[str, str]], parameter: str, allowed: Collection[str]) -> str | None:
    values = {value for name, value in parameters if name == parameter}
    if not values:
        return None
    if len(values) > 1:
        raise QueryError(f"The parameter {parameter} has two different values.")
    value = values.pop()
    if value not in allowed:
        raise QueryError(f"The parameter {parameter} must be one of: {', '.join(allowed)}.")
    return value
