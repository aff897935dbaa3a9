"""The named sizes: sets of options that a URL requests by one name."""

import json
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from image_url.errors import SizesError
from image_url.options import WHOLE_NUMBERS, Fit, ImageOptions, OutputFormat
from image_url.values import COMPASS, parse_gravity

type Sizes = Mapping[str, ImageOptions]
"""Options by name of the size. A quality of None is the default of the deployment."""


def _portrait_box(width: int, height: int) -> ImageOptions:
    return ImageOptions(width=width, height=height, swap_for_portrait=True)


DEFAULT_SIZES: Sizes = MappingProxyType(
    {
        "XS": _portrait_box(427, 240),
        "S": _portrait_box(854, 480),
        "M": _portrait_box(1200, 628),
        "L": _portrait_box(1280, 720),
        "SXS": _portrait_box(180, 180),
        "SS": _portrait_box(360, 360),
        "SM": _portrait_box(540, 540),
        "SL": _portrait_box(1080, 1080),
    }
)

# A name becomes part of URLs, so it has no character that needs encoding.
_NAME = "[A-Za-z0-9_-]{1,32}"
_SIDE = WHOLE_NUMBERS["width"]
# `json` gives facts about the original, which has the same ones in any size. The other two depend on the
# browser: the viewer-request function chooses between them for `auto`.
_NEVER_NAMED = frozenset({OutputFormat.JSON, OutputFormat.AUTO_AVIF, OutputFormat.AUTO_WEBP})
_FORMATS = tuple(each.value for each in OutputFormat if each not in _NEVER_NAMED)


def parse_sizes(json_text: str) -> Sizes:
    """Return the sizes in a JSON object, which replace all of DEFAULT_SIZES.

    Args:
        json_text: such as `{"XS":[427,240],"hero":{"width":1200,"height":600,"fit":"cover"}}`. A list is a
            box whose sides are swapped for portrait images. An object has at least one of width, height, fit,
            gravity, format and quality, with the values of the URL parameters; null counts as missing.

    Raises:
        SizesError: the table is invalid; the error lists all problems.
    """
    try:
        entries = json.loads(json_text, object_pairs_hook=_Entries)
    except (ValueError, RecursionError) as error:
        raise SizesError([f"the sizes are not JSON: {error}"]) from error
    if not isinstance(entries, _Entries):
        raise SizesError(['the sizes must be an object such as {"XS":[427,240]}'])
    problems = [problem for name, value in entries for problem in _find_problems(name, value)]
    problems += [f"size {name!r} is named twice" for name in entries.find_repeated_names()]
    if not entries:
        problems.append("at least one size is needed")
    if problems:
        raise SizesError(problems)
    return MappingProxyType({name: _read_options(value) for name, value in entries})


def read_sizes(name: str, value: str | None) -> tuple[Sizes, list[str]]:
    """Return the sizes in a setting, and the problems of the table, each after the name of the setting.

    Args:
        name: name of the setting, such as `IMAGE_SIZES`.
        value: the table as JSON. None: DEFAULT_SIZES.
    """
    if value is None:
        return DEFAULT_SIZES, []
    try:
        return parse_sizes(value), []
    except SizesError as error:
        return {}, [f"{name}: {problem}" for problem in error.problems]


class _Entries(tuple[tuple[str, Any], ...]):
    """The members of a JSON object in order, with duplicate names, which a dict would hide."""

    __slots__ = ()

    def find_repeated_names(self) -> list[str]:
        names = [name for name, _ in self]
        return [name for name in dict.fromkeys(names) if names.count(name) > 1]


def _find_problems(name: str, value: Any) -> Iterator[str]:
    if not re.fullmatch(_NAME, name):
        yield f"size name {name!r} must be 1 to 32 of A-Z a-z 0-9 _ -"
    if isinstance(value, _Entries):
        problems = list(_find_option_problems(value)) or _read_options(value).find_problems()
        yield from (f"size {name!r}: {problem}" for problem in problems)
    elif not isinstance(value, list) or [_SIDE.allows(side) for side in value] != [True, True]:
        yield (
            f"size {name!r} must be [width, height], whole pixels from 1 to {_SIDE.maximum}, "
            'or an object such as {"width":1200,"fit":"inside"}'
        )


def _find_option_problems(entries: _Entries) -> Iterator[str]:
    checks = {
        **{name: (number.allows, str(number)) for name, number in WHOLE_NUMBERS.items()},
        "fit": (tuple(Fit).__contains__, f"one of: {', '.join(Fit)}"),
        "gravity": (_is_gravity, f"one of: {', '.join(COMPASS)}, or x,y with numbers from 0 to 1"),
        "format": (_FORMATS.__contains__, f"one of: {', '.join(_FORMATS)}"),
    }
    names = [name for name in ImageOptions._fields if name in checks]
    for option, value in entries:
        if option not in checks:
            yield f"{option!r} is not an option; the options are {', '.join(names)}"
        elif value is not None and not checks[option][0](value):
            yield f"{option} must be {checks[option][1]}"
    yield from (f"{option} is given twice" for option in entries.find_repeated_names())
    if all(value is None for _, value in entries):
        yield "at least one option is needed"


def _read_options(value: Any) -> ImageOptions:
    if not isinstance(value, _Entries):
        return _portrait_box(*value)
    given = {option: each for option, each in value if each is not None}
    return ImageOptions(
        **{name: given[name] for name in WHOLE_NUMBERS if name in given},
        fit=Fit(given.get("fit", Fit.INSIDE)),
        gravity=parse_gravity(given["gravity"]) if "gravity" in given else None,
        format=OutputFormat(given["format"]) if "format" in given else None,
    )


def _is_gravity(value: Any) -> bool:
    return isinstance(value, str) and parse_gravity(value) is not None
