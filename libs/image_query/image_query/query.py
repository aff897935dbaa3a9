"""Reading the query string. Nothing is guessed: a value that is not known is an error."""

from collections.abc import Collection
from typing import NamedTuple
from urllib.parse import parse_qsl

from image_query.errors import QueryError
from image_query.sizes import Sizes


class ImageQuery(NamedTuple):
    """What a URL asks for: the name of a size (None: the size it has), and whether to encode as WebP.

    `show_exif` asks for the EXIF data instead of the picture.
    """

    size_name: str | None
    to_webp: bool
    show_exif: bool = False


def parse_query(querystring: str, sizes: Sizes) -> ImageQuery:
    """Read `size`, `to_webp` and `showExif` of a query string: percent-encoded, without `?`.

    Names and values are compared exactly, by case too; only the case of the value of `showExif` does not
    matter. A parameter may be repeated with one and the same value. Other parameters are ignored.

    Raises:
        QueryError: for an unknown or empty value, or for two values of one parameter.
    """
    parameters = parse_qsl(querystring, keep_blank_values=True)
    any_case = [(name, value.lower()) for name, value in parameters]
    return ImageQuery(
        size_name=_only_value(parameters, "size", allowed=sizes),
        to_webp=_only_value(parameters, "to_webp", allowed=("0", "1")) == "1",
        show_exif=_only_value(any_case, "showExif", allowed=("true", "false")) == "true",
    )


def _only_value(parameters: list[tuple[str, str]], wanted: str, allowed: Collection[str]) -> str | None:
    values = {value for name, value in parameters if name == wanted}
    if not values:
        return None
    if len(values) > 1:
        raise QueryError(f"The parameter {wanted} has two different values.")
    value = values.pop()
    if value not in allowed:
        raise QueryError(f"The parameter {wanted} must be one of: {', '.join(allowed)}.")
    return value
