"""The responses of the product to a file, written into the current folder for `tools.fuzz.disclosures`.

Each is made by the function that the variants call: `image_core.derive` for `originals = "cleaned"` and all
stored derivatives, and `object_lambda.representation.create_representation` for `object_lambda`.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from image_core import DerivedFile, ImageError, Limits, derive
from image_url import DEFAULT_SIZES, parse_query
from object_lambda.representation import Representation, create_representation
from object_lambda.settings import Settings

from tools.fuzz.disclosures import name_of
from tools.fuzz.targets import Check

# Every kind of URL under which an original once got out, and one for each way through the product. Unknown
# parameters, `to_webp=0` and `showExif=false` are the bare URL for every variant.
_QUERIES = (
    "",  # cleaned losslessly, or decoded and encoded anew
    "size=S",
    "to_webp=1",
    "size=SXS&to_webp=1",
    "format=auto-avif",
    "format=avif&width=100",
    "format=png&width=64",
    "format=gif&width=100",
    "width=16383&height=90&fit=contain",
    "width=64&height=64&fit=cover",
)
_QUALITY = 80
_SETTINGS = Settings(quality=_QUALITY, sizes=DEFAULT_SIZES)
_TIGHT = Limits(max_pixels=2_000)


def _write(data: bytes, query: str, limits: Limits = _SETTINGS.limits) -> str:
    """Write the responses to a query, and return the outcome: `image`, or the name of the error."""
    options = parse_query(query, DEFAULT_SIZES, _QUALITY)
    name = f"{name_of(data)}-{query or 'bare'}{'-tight' if limits is _TIGHT else ''}"
    try:
        stored = derive(data, options, limits)
    except ImageError as error:
        return type(error).__name__
    _write_file(f"{name}-stored", stored)
    read = create_representation(data, options, _SETTINGS._replace(limits=limits))
    if read.data != stored.data:
        _write_file(f"{name}-read", read)
    return "image"


def _write_file(name: str, response: DerivedFile | Representation) -> None:
    Path(f"{name}.{response.content_type.partition('/')[2]}").write_bytes(response.data)


AS_DELIVERED: Mapping[str, Sequence[Check]] = {
    "responses": [
        *(partial(_write, query=query) for query in _QUERIES),
        partial(_write, query="", limits=_TIGHT),
        partial(_write, query="to_webp=1", limits=_TIGHT),
    ]
}
