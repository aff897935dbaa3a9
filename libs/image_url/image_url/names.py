"""Names of derivatives, which spell out the options, and of their user metadata.

Another size, quality or output version gives another name, so that a change of settings never makes a
derivative stale. Different options have different names, and each name is that of one set of options.
"""

import re
from collections.abc import Iterable
from typing import Any

from image_url.errors import DerivativeNameError
from image_url.options import WHOLE_NUMBERS, WITHOUT_QUALITY, Fit, Gravity, ImageOptions, OutputFormat

SOURCE_ETAG, SOURCE_VERSION = "source-etag", "source-version"
"""User metadata of a derivative: ETag and version of the original that the derivative was made from."""

_EXTENSIONS: dict[OutputFormat, str] = {
    each: "jpg" if each is OutputFormat.JPEG else each.value
    for each in OutputFormat
    if each is not OutputFormat.JSON
}
_FORMATS = {extension: each for each, extension in _EXTENSIONS.items()}
_SPECIAL = {
    "clean": ImageOptions(),
    "info.json": ImageOptions(format=OutputFormat.JSON),
    "exif.json": ImageOptions(show_exif=True),
}
_BOX = "box"
_SIDES = ("width", "height")
_OTHER_NUMBERS = tuple(name for name in WHOLE_NUMBERS if name not in _SIDES)


def _pattern(numbers: Iterable[str]) -> str:
    return "".join(f"(?:_{WHOLE_NUMBERS[name].letter}(?P<{name}>[0-9]{{1,5}}))?" for name in numbers)


# Compiled on first use, like all patterns of this package: few cold starts read names of derivatives.
_NAME = (
    "v(?P<version>[1-9][0-9]{0,5})"
    f"(?:_(?P<special>{'|'.join(_SPECIAL)})"
    f"|{_pattern(_SIDES)}"
    f"(?:_(?P<fit>{'|'.join((_BOX, *Fit))}))?"
    "(?:_g(?P<x>[0-9]{1,3})x(?P<y>[0-9]{1,3}))?"
    f"{_pattern(_OTHER_NUMBERS)}"
    f"(?:[.](?P<extension>{'|'.join(_FORMATS)}))?)"
)


def derivative_name(options: ImageOptions, output_version: int) -> str:
    """Return the last segment of a derivative's key, such as `v2_w640_h400_cover_g30x70_q80.webp`.

    The name has no extension if the derivative has the format of its original: the original `a.png`, which
    may contain a JPEG, needs different names for `format=png` and for no format.

    Args:
        options: options from `parse_query`.
        output_version: version of the bytes that the image library makes from the same original and options.
    """
    for special, special_options in _SPECIAL.items():
        if options == special_options:
            return f"v{output_version}_{special}"
    parts = [f"v{output_version}", *_spell(options, _SIDES)]
    if options.width is not None and options.height is not None:
        parts.append(_BOX if options.swap_for_portrait else options.fit.value)
    if options.gravity is not None:
        parts.append(f"g{options.gravity.x_percent}x{options.gravity.y_percent}")
    parts += _spell(options, _OTHER_NUMBERS)
    return "_".join(parts) + (f".{_EXTENSIONS[options.format]}" if options.format else "")


def _spell(options: ImageOptions, numbers: Iterable[str]) -> list[str]:
    given = {name: getattr(options, name) for name in numbers}
    return [f"{WHOLE_NUMBERS[name].letter}{value}" for name, value in given.items() if value is not None]


def parse_derivative_name(name: str) -> tuple[ImageOptions, int]:
    """Return the options and the output version in the name of a derivative.

    Raises:
        DerivativeNameError: no options from `parse_query` have this name.
    """
    if match := re.fullmatch(_NAME, name):
        options = _SPECIAL.get(match["special"]) or _read_options(match)
        output_version = int(match["version"])
        has_quality = options.format not in WITHOUT_QUALITY and match["special"] is None
        is_valid = not options.find_problems() and has_quality == (options.quality is not None)
        # Leading zeros and missing parts would give several names to one derivative.
        if is_valid and derivative_name(options, output_version) == name:
            return options, output_version
    raise DerivativeNameError(f"{name!r} is not the name of a derivative.")


def _read_options(match: re.Match[str]) -> ImageOptions:
    fit = match["fit"]
    numbers: dict[str, Any] = {name: int(match[name]) for name in WHOLE_NUMBERS if match[name]}
    return ImageOptions(
        fit=Fit.INSIDE if fit in (None, _BOX) else Fit(fit),
        gravity=None if match["x"] is None else Gravity(int(match["x"]), int(match["y"])),
        format=_FORMATS.get(match["extension"]),
        swap_for_portrait=fit == _BOX,
        **numbers,
    )
