"""Names of derivatives, which spell out the options.

Changed sizes, another quality or output version lead to another name, so that a change of settings never
makes a derivative stale. Name and options determine each other.
"""

import re

from image_url.errors import DerivativeNameError
from image_url.options import WITHOUT_QUALITY, Fit, Gravity, ImageOptions, OutputFormat

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
_NAME = re.compile(
    "v(?P<version>[1-9][0-9]{0,5})"
    f"(?:_(?P<special>{'|'.join(_SPECIAL)})"
    "|(?:_w(?P<width>[0-9]{1,5}))?"
    "(?:_h(?P<height>[0-9]{1,5}))?"
    f"(?:_(?P<fit>{'|'.join((_BOX, *Fit))}))?"
    "(?:_g(?P<x>[0-9]{1,3})x(?P<y>[0-9]{1,3}))?"
    "(?:_q(?P<quality>[0-9]{1,3}))?"
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
    parts = [f"v{output_version}"]
    if options.width is not None:
        parts.append(f"w{options.width}")
    if options.height is not None:
        parts.append(f"h{options.height}")
    if options.width is not None and options.height is not None:
        parts.append(_BOX if options.swap_for_portrait else options.fit.value)
    if options.gravity is not None:
        parts.append(f"g{options.gravity.x_percent}x{options.gravity.y_percent}")
    if options.quality is not None:
        parts.append(f"q{options.quality}")
    return "_".join(parts) + (f".{_EXTENSIONS[options.format]}" if options.format else "")


def parse_derivative_name(name: str) -> tuple[ImageOptions, int]:
    """Return the options and the output version in the name of a derivative.

    Raises:
        DerivativeNameError: no options from `parse_query` have this name.
    """
    if match := _NAME.fullmatch(name):
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
    return ImageOptions(
        width=_read_number(match["width"]),
        height=_read_number(match["height"]),
        fit=Fit.INSIDE if fit in (None, _BOX) else Fit(fit),
        gravity=None if match["x"] is None else Gravity(int(match["x"]), int(match["y"])),
        format=_FORMATS.get(match["extension"]),
        quality=_read_number(match["quality"]),
        swap_for_portrait=fit == _BOX,
    )


def _read_number(digits: str | None) -> int | None:
    return None if digits is None else int(digits)
