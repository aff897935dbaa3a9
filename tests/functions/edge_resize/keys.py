"""Keys of derivatives with the settings of the tests."""

from image_core import OUTPUT_VERSION
from image_url import DEFAULT_SIZES, derivative_name, parse_query


def derived_key(key: str, query: str = "size=S") -> str:
    """Return the key of a derivative."""
    name = derivative_name(parse_query(query, DEFAULT_SIZES, default_quality=80), OUTPUT_VERSION)
    return f"resized/{key}/{name}"
