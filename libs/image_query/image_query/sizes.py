"""The named sizes: boxes in pixels that images are fitted into."""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from image_query.errors import SizesError

type Sizes = Mapping[str, tuple[int, int]]
"""Boxes by name of the size: (width, height) in pixels for landscape images, swapped for portrait images."""

DEFAULT_SIZES: Sizes = MappingProxyType(
    {
        "XS": (427, 240),
        "S": (854, 480),
        "M": (1200, 628),
        "L": (1280, 720),
        "SXS": (180, 180),
        "SS": (360, 360),
        "SM": (540, 540),
        "SL": (1080, 1080),
    }
)

# A name becomes part of object keys and of URLs, so it has no character that needs encoding in either.
_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")
# WEBP_MAX_DIMENSION of libwebp, the smallest limit of all formats, so that every size works in every format.
_MAX_SIDE_PIXELS = 16_383


def parse_sizes(json_text: str) -> Sizes:
    """Return the sizes in a JSON object, which replace all of DEFAULT_SIZES.

    Args:
        json_text: such as `{"XS":[427,240],"SQUARE":[300,300]}`, with sides of 1 to 16,383 pixels.

    Raises:
        SizesError: the table is invalid; the error has every problem at once.
    """
    try:
        entries = json.loads(json_text, object_pairs_hook=_Entries)
    except (ValueError, RecursionError) as error:
        raise SizesError([f"the sizes are not JSON: {error}"]) from error
    if not isinstance(entries, _Entries):
        raise SizesError(['the sizes must be an object such as {"XS":[427,240]}'])
    problems = [problem for name, box in entries for problem in _find_problems(name, box)]
    names = [name for name, _ in entries]
    problems += [f"size {name!r} is named twice" for name in dict.fromkeys(names) if names.count(name) > 1]
    if not names:
        problems.append("at least one size is needed")
    if problems:
        raise SizesError(problems)
    return MappingProxyType({name: (box[0], box[1]) for name, box in entries})


def read_sizes(name: str, value: str | None) -> tuple[Sizes, list[str]]:
    """Return the sizes in a setting, and the problems of the table, with the name of the setting.

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


def _find_problems(name: str, box: Any) -> list[str]:
    problems = []
    if not _NAME.fullmatch(name):
        problems.append(f"size name {name!r} must be 1 to 32 of A-Z a-z 0-9 _ -")
    is_pair = isinstance(box, list) and [_is_side(side) for side in box] == [True, True]
    if not is_pair:
        problems.append(f"size {name!r} must be [width, height], whole pixels from 1 to {_MAX_SIDE_PIXELS}")
    return problems


def _is_side(value: Any) -> bool:
    # type(), because isinstance(True, int) holds.
    return type(value) is int and 1 <= value <= _MAX_SIDE_PIXELS
