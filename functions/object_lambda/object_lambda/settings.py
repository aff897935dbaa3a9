"""Settings of a deployment, read from environment variables."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from image_core import ONE_VCPU_MB, Limits
from image_url import Sizes, read_sizes
from lambda_runtime import (
    BUCKET_NAME,
    CACHE_CONTROL,
    QUALITY,
    SettingsError,
    find_problems,
    one_of,
    read_memory_mb,
)


class Exif(StrEnum):
    """EXIF data that `showExif=true` discloses."""

    WITHOUT_IDENTITY = "without_identity"
    """All but the fields that could identify a person, a device or a place: see `exif`."""
    ALL = "all"
    OFF = "off"
    """None: the request gets 403."""


_RULES = {
    "IMAGE_CACHE_CONTROL": CACHE_CONTROL,
    "IMAGE_EXIF": one_of(Exif),
    "IMAGE_QUALITY": QUALITY,
    "PURGE_ON_CHANGE": one_of(("true", "false")),
}
_DEFAULTS = {
    "IMAGE_CACHE_CONTROL": "public, max-age=86400",
    "IMAGE_EXIF": Exif.WITHOUT_IDENTITY.value,
    "IMAGE_QUALITY": "80",
    "PURGE_ON_CHANGE": "false",
}

_MAX_BYTES = 128 * 1024 * 1024
# The original, the cleaned image and a range of the cleaned image are in memory at the same time.
_COPIES = 3


class Settings(NamedTuple):
    """The settings of a deployment.

    Attributes:
        quality: 1 to 100 on the scale of JPEG, for options without a quality.
        sizes: the named sizes.
        limits: limits of a transform, for the memory of the function.
        exif: EXIF data that `showExif=true` discloses.
        bucket_name: bucket of the originals for requests through a function URL. S3 Object Lambda has the
            bucket in the event, so None is valid without a function URL.
        cache_control: Cache-Control of responses for originals with neither Cache-Control nor Expires.
        purge_on_change: whether the copies of a changed original are invalidated in CloudFront.
    """

    quality: int
    sizes: Sizes
    limits: Limits = Limits()
    exif: Exif = Exif.WITHOUT_IDENTITY
    bucket_name: str | None = None
    cache_control: str = _DEFAULTS["IMAGE_CACHE_CONTROL"]
    purge_on_change: bool = False

    @property
    def max_bytes(self) -> int:
        """Size limit of originals in bytes. `image_core` has smaller limits for originals that it decodes."""
        return min(_MAX_BYTES, self.limits.max_memory_bytes // _COPIES)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Parse and validate the settings.

    Raises:
        SettingsError: some settings are invalid; the error lists all of them.
    """
    values = {name: environment.get(name) or default for name, default in _DEFAULTS.items()}
    bucket_name = environment.get("BUCKET_NAME")
    rules = _RULES if bucket_name is None else _RULES | {"BUCKET_NAME": BUCKET_NAME}
    problems = find_problems({**environment, **values}, rules)
    sizes, problems_of_sizes = read_sizes("IMAGE_SIZES", environment.get("IMAGE_SIZES") or None)
    problems += problems_of_sizes
    if problems:
        raise SettingsError(problems)
    return Settings(
        quality=int(values["IMAGE_QUALITY"]),
        sizes=sizes,
        limits=Limits.within(read_memory_mb(environment, default=ONE_VCPU_MB)),
        exif=Exif(values["IMAGE_EXIF"]),
        bucket_name=bucket_name,
        cache_control=values["IMAGE_CACHE_CONTROL"],
        purge_on_change=values["PURGE_ON_CHANGE"] == "true",
    )
