"""Options in the query of an image URL, named sizes, and names, paths and metadata names of derivatives."""

from image_url.errors import DerivativeNameError, DerivativePathError, QueryError, SizesError
from image_url.names import SOURCE_ETAG, SOURCE_VERSION, derivative_name, parse_derivative_name
from image_url.options import MAX_QUALITY, MAX_SIDE_PIXELS, Fit, Gravity, ImageOptions, OutputFormat
from image_url.paths import (
    MAX_PATH_BYTES,
    derivative_path,
    encode_key,
    parse_derivative_path,
    triggered_path,
)
from image_url.query import parse_query
from image_url.sizes import DEFAULT_SIZES, Sizes, parse_sizes, read_sizes
from image_url.values import parse_gravity

__all__ = [
    "DEFAULT_SIZES",
    "MAX_PATH_BYTES",
    "MAX_QUALITY",
    "MAX_SIDE_PIXELS",
    "SOURCE_ETAG",
    "SOURCE_VERSION",
    "DerivativeNameError",
    "DerivativePathError",
    "Fit",
    "Gravity",
    "ImageOptions",
    "OutputFormat",
    "QueryError",
    "Sizes",
    "SizesError",
    "derivative_name",
    "derivative_path",
    "encode_key",
    "parse_derivative_name",
    "parse_derivative_path",
    "parse_gravity",
    "parse_query",
    "parse_sizes",
    "read_sizes",
    "triggered_path",
]
