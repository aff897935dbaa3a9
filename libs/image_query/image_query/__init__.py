"""Parsing of the query parameters `size`, `to_webp` and `showExif`, and of the table of named sizes."""

from image_query.errors import QueryError, SizesError
from image_query.query import ImageQuery, parse_query
from image_query.sizes import DEFAULT_SIZES, Sizes, parse_sizes, read_sizes

__all__ = [
    "DEFAULT_SIZES",
    "ImageQuery",
    "QueryError",
    "Sizes",
    "SizesError",
    "parse_query",
    "parse_sizes",
    "read_sizes",
]
