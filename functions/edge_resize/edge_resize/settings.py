"""The settings of a deployment, from the custom headers of the origin: Lambda@Edge has no own environment."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from edge_event import OriginRequest
from image_core import ONE_VCPU_MB, Limits
from image_query import DEFAULT_SIZES, Sizes, SizesError, parse_sizes
from lambda_runtime import SettingsError, read_s3_endpoint_url

_REQUIRED = {
    # S3 user guide, "Bucket naming rules". The strict pattern keeps other host names out of the address.
    "x-env-bucket-name": (re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"), "the name of a bucket"),
    "x-env-bucket-region": (re.compile(r"[a-z]+(-[a-z]+)+-[0-9]+"), "a Region such as eu-west-1"),
    "x-env-quality": (re.compile(r"[1-9][0-9]?|100"), "a whole number from 1 to 100"),
    "x-env-resized-path": (
        re.compile(r"(?!\.)[A-Za-z0-9._-]+(/(?!\.)[A-Za-z0-9._-]+)*"),
        "a folder such as resized or cache/resized, without a slash at either end",
    ),
}


class Originals(StrEnum):
    """The response to a URL without options."""

    AS_IS = "as_is"
    """The object."""
    CLEANED = "cleaned"
    """The image without metadata. No URL returns an image of a supported format with its metadata."""


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
        endpoint_url: URL of a server in place of S3, for tests. None: S3 itself.
        ca_file: PEM file with the CAs of that server. None: Amazon's.
    """

    bucket_name: str
    bucket_region: str
    quality: int
    resized_path: str
    sizes: Sizes
    limits: Limits = Limits()
    originals: Originals = Originals.AS_IS
    endpoint_url: str | None = None
    ca_file: str | None = None


def read_settings(request: OriginRequest, environment: Mapping[str, str]) -> Settings:
    """Return the settings in the custom headers of the request's origin.

    Args:
        request: request with an S3 origin.
        environment: Lambda's own variables, for the memory size, and the endpoint variables of AWS's SDKs.

    Raises:
        SettingsError: settings are missing or invalid; the error has every problem at once.
    """
    headers = request.origin_headers
    problems = [
        f"{name} must be {expected}, not {headers.get(name, '')!r}"
        for name, (pattern, expected) in _REQUIRED.items()
        if not pattern.fullmatch(headers.get(name, ""))
    ]
    if request.origin_path:
        # CloudFront would prepend the origin path to the keys of derivatives too.
        problems.append(f"the origin must have no path, not {request.origin_path!r}")
    originals = headers.get("x-env-originals", Originals.AS_IS)
    if originals not in set(Originals):
        problems.append(f"x-env-originals must be one of {', '.join(Originals)}, not {originals!r}")
    sizes = _parse_sizes(headers, problems)
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
        endpoint_url=read_s3_endpoint_url(environment),
        ca_file=environment.get("AWS_CA_BUNDLE"),
    )


def _parse_sizes(headers: Mapping[str, str], problems: list[str]) -> Sizes:
    """Return the named sizes, and add the faults of their table to `problems`."""
    if "x-env-sizes" not in headers:
        return DEFAULT_SIZES
    try:
        return parse_sizes(headers["x-env-sizes"])
    except SizesError as error:
        problems.extend(f"x-env-sizes: {problem}" for problem in error.problems)
        return {}
