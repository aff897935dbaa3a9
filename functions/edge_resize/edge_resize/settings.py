"""The settings of a deployment, from custom headers of its origin: Lambda@Edge allows no variables."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from edge_event import OriginRequest
from image_core import ONE_VCPU_MB, Limits
from image_url import Sizes, read_sizes
from lambda_runtime import (
    BUCKET_NAME,
    CACHE_CONTROL,
    QUALITY,
    SettingsError,
    find_problems,
    matching,
    one_of,
    read_memory_mb,
)


class Originals(StrEnum):
    """The response to a URL without options."""

    AS_IS = "as_is"
    """The object."""
    CLEANED = "cleaned"
    """The image without metadata, so that no URL returns an image of a supported format with its metadata."""


_RULES = {
    "x-env-bucket-name": BUCKET_NAME,
    "x-env-bucket-region": matching("[a-z]+(-[a-z]+)+-[0-9]+", "a Region such as eu-west-1"),
    "x-env-quality": QUALITY,
    "x-env-resized-path": matching(
        r"(?!\.)[A-Za-z0-9._-]+(/(?!\.)[A-Za-z0-9._-]+)*",
        "a folder such as resized or cache/resized, without a slash at either end",
    ),
    "x-env-originals": one_of(Originals),
    "x-env-cache-control": CACHE_CONTROL,
    "x-env-purge-on-change": one_of(("true", "false")),
}
# For a Cache-Control without a lifetime, CloudFront uses the default TTL of the cache policy.
_DEFAULTS = {
    "x-env-cache-control": "public",
    "x-env-originals": Originals.AS_IS.value,
    "x-env-purge-on-change": "false",
}


class Settings(NamedTuple):
    """The settings of a deployment.

    Attributes:
        bucket_name: bucket of originals and derivatives.
        bucket_region: Region of the bucket.
        quality: 1 to 100, for JPEG and WebP.
        resized_path: folder of the derivatives, without a slash at either end.
        sizes: the named sizes.
        limits: limits of originals, for the memory of the function.
        originals: the response to a URL without options.
        cache_control: Cache-Control of derivatives whose originals have neither Cache-Control nor Expires.
        purge_on_change: whether the copies of a changed original are invalidated in CloudFront.
    """

    bucket_name: str
    bucket_region: str
    quality: int
    resized_path: str
    sizes: Sizes
    limits: Limits = Limits()
    originals: Originals = Originals.AS_IS
    cache_control: str = _DEFAULTS["x-env-cache-control"]
    purge_on_change: bool = False


def read_settings(request: OriginRequest, environment: Mapping[str, str]) -> Settings:
    """Return the settings in the custom headers of the request's origin.

    Args:
        request: request with an S3 origin.
        environment: Lambda's own variables, for the memory size.

    Raises:
        SettingsError: some settings are missing or invalid; the error lists all problems.
    """
    headers = {**_DEFAULTS, **request.origin_headers}
    problems = find_problems(headers, _RULES)
    if request.origin_path:
        # CloudFront would prepend the origin path to the keys of derivatives too.
        problems.append(f"the origin must have no path, not {request.origin_path!r}")
    sizes, problems_of_sizes = read_sizes("x-env-sizes", headers.get("x-env-sizes"))
    problems += problems_of_sizes
    if problems:
        raise SettingsError(problems)
    return Settings(
        bucket_name=headers["x-env-bucket-name"],
        bucket_region=headers["x-env-bucket-region"],
        quality=int(headers["x-env-quality"]),
        resized_path=headers["x-env-resized-path"],
        sizes=sizes,
        limits=Limits.within(read_memory_mb(environment, default=ONE_VCPU_MB)),
        originals=Originals(headers["x-env-originals"]),
        cache_control=headers["x-env-cache-control"],
        purge_on_change=headers["x-env-purge-on-change"] == "true",
    )
