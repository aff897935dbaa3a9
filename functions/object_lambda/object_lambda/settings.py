"""Settings of a deployment, read from environment variables."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from image_core import ONE_VCPU_MB, Limits
from image_query import DEFAULT_SIZES, Sizes, SizesError, parse_sizes
from lambda_runtime import SettingsError

WITHOUT_IDENTITY = "without_identity"
ALL = "all"
OFF = "off"
_EXIF_POLICIES = (WITHOUT_IDENTITY, ALL, OFF)

# S3 user guide, "Bucket naming rules".
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_QUALITY = re.compile(r"[1-9][0-9]?|100")
_DEFAULT_QUALITY = "80"

_MAX_BYTES = 128 * 1024 * 1024
# The original, the cleaned image and a range of that image are in memory at the same time.
_COPIES = 3


class Settings(NamedTuple):
    """The settings of a deployment.

    Attributes:
        quality: encoder quality, 1 to 100, for images that are resized or converted.
        sizes: named bounding boxes in pixels.
        limits: limits of a transform, for the memory of the function.
        exif: EXIF data that `showExif=true` discloses: `without_identity`, `all`, or `off` for none.
        bucket_name: bucket of the originals for requests through a function URL. S3 Object Lambda has the
            bucket in the event, so None is valid without a function URL.
    """

    quality: int
    sizes: Sizes
    limits: Limits = Limits()
    exif: str = WITHOUT_IDENTITY
    bucket_name: str | None = None

    @property
    def max_bytes(self) -> int:
        """Size limit of originals in bytes. Decoding has the smaller limits of `image_core`."""
        return min(_MAX_BYTES, self.limits.max_memory_bytes // _COPIES)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Parse and validate the settings.

    Raises:
        SettingsError: some settings are invalid; the error lists all of them.
    """
    problems: list[str] = []
    quality = environment.get("IMAGE_QUALITY") or _DEFAULT_QUALITY
    if not _QUALITY.fullmatch(quality):
        problems.append(f"IMAGE_QUALITY must be a whole number from 1 to 100, not {quality!r}")
    sizes = _read_sizes(environment, problems)
    exif = environment.get("IMAGE_EXIF") or WITHOUT_IDENTITY
    if exif not in _EXIF_POLICIES:
        problems.append(f"IMAGE_EXIF must be one of {', '.join(_EXIF_POLICIES)}, not {exif!r}")
    bucket_name = environment.get("BUCKET_NAME")
    if bucket_name is not None and not _BUCKET.fullmatch(bucket_name):
        problems.append(f"BUCKET_NAME must be the name of a bucket, not {bucket_name!r}")
    if problems:
        raise SettingsError(problems)
    memory_mb = int(environment.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", ONE_VCPU_MB))
    return Settings(int(quality), sizes, Limits.within(memory_mb), exif, bucket_name)


def _read_sizes(environment: Mapping[str, str], problems: list[str]) -> Sizes:
    """Return the named sizes; append problems to the list."""
    table = environment.get("IMAGE_SIZES")
    if not table:
        return DEFAULT_SIZES
    try:
        return parse_sizes(table)
    except SizesError as error:
        problems.extend(f"IMAGE_SIZES: {problem}" for problem in error.problems)
        return {}
