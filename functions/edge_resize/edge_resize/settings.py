"""The settings of a deployment: headers of the origin, since an edge function has no environment."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from edge_event import OriginRequest
from image_core import ONE_VCPU_MB, Limits
from image_query import DEFAULT_SIZES, Sizes, SizesError, parse_sizes
from lambda_runtime import SettingsError

_REQUIRED = {
    # S3 user guide, "Bucket naming rules"; the name becomes part of a host name.
    "x-env-bucket-name": (re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"), "the name of a bucket"),
    "x-env-bucket-region": (re.compile(r"[a-z]+(-[a-z]+)+-[0-9]+"), "a Region such as eu-west-1"),
    "x-env-quality": (re.compile(r"[1-9][0-9]?|100"), "a whole number from 1 to 100"),
    "x-env-resized-path": (
        re.compile(r"(?!\.)[A-Za-z0-9._-]+(/(?!\.)[A-Za-z0-9._-]+)*"),
        "a folder such as resized or cache/resized, without a slash at either end",
    ),
}


class Originals(StrEnum):
    """What a URL without options returns."""

    AS_IS = "as_is"
    """The object."""
    CLEANED = "cleaned"
    """The image without metadata; no URL returns an image of a supported format with its metadata."""


class Settings(NamedTuple):
    """What a deployment decides: `quality` 1 to 100, derivatives below the folder `resized_path`.

    `limits` are those of the function's memory.
    """

    bucket_name: str
    bucket_region: str
    quality: int
    resized_path: str
    sizes: Sizes
    limits: Limits = Limits()
    originals: Originals = Originals.AS_IS


def read_settings(request: OriginRequest, environment: Mapping[str, str]) -> Settings:
    """Read the settings from the custom headers of the request's origin.

    Lambda itself sets the environment; of it the memory of the function counts.

    Raises:
        SettingsError: with every problem at once.
    """
    headers = request.origin_headers
    problems = [
        f"{name} must be {what}, not {headers.get(name, '')!r}"
        for name, (pattern, what) in _REQUIRED.items()
        if not pattern.fullmatch(headers.get(name, ""))
    ]
    if request.origin_path:
        # CloudFront would put it before the derivative's key too.
        problems.append(f"the origin must have no path, not {request.origin_path!r}")
    originals = headers.get("x-env-originals", Originals.AS_IS)
    if originals not in set(Originals):
        problems.append(f"x-env-originals must be one of {', '.join(Originals)}, not {originals!r}")
    sizes = _sizes(headers, problems)
    if problems:
        raise SettingsError(problems)
    return Settings(
        bucket_name=headers["x-env-bucket-name"],
        bucket_region=headers["x-env-bucket-region"],
        quality=int(headers["x-env-quality"]),
        resized_path=headers["x-env-resized-path"],
        sizes=sizes,
        limits=Limits.within(int(environment.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", ONE_VCPU_MB))),
        originals=Originals(originals),
    )


def _sizes(headers: Mapping[str, str], problems: list[str]) -> Sizes:
    if "x-env-sizes" not in headers:
        return DEFAULT_SIZES
    try:
        return parse_sizes(headers["x-env-sizes"])
    except SizesError as error:
        problems.extend(f"x-env-sizes: {problem}" for problem in error.problems)
        return {}
