"""Settings of a deployment, read from environment variables."""

from collections.abc import Mapping
from typing import NamedTuple

from derivatives import OPTIONAL_QUEUE_URL
from image_core import ONE_VCPU_MB, Limits
from lambda_runtime import (
    BUCKET_NAME,
    CACHE_CONTROL,
    SettingsError,
    find_problems,
    matching,
    read_memory_mb,
)

_RULES = {
    "BUCKET_NAME": BUCKET_NAME,
    "DERIVATIVE_EXPIRATION_DAYS": matching("([1-9][0-9]{0,8})?", "a number of days, or empty"),
    "DERIVATIVES_BUCKET_NAME": BUCKET_NAME,
    "IMAGE_CACHE_CONTROL": CACHE_CONTROL,
    "PURGE_QUEUE_URL": OPTIONAL_QUEUE_URL,
}
_DEFAULT_CACHE_CONTROL = "public, max-age=86400"


class Settings(NamedTuple):
    """The settings of a deployment.

    Attributes:
        bucket_name: bucket of the originals.
        derivatives_bucket_name: bucket of the derivatives, never that of the originals.
        region: Region of the function and of both buckets.
        limits: limits of originals, for the memory of the function.
        cache_control: Cache-Control of derivatives whose originals have neither Cache-Control nor Expires.
        purge_queue_url: URL of the queue that invokes the function purge. None without that function.
        derivative_expiration_days: days after which S3 deletes a derivative, which leaves a trace for the
            function purge. None: S3 deletes no derivative, or there is no function purge.
    """

    bucket_name: str
    derivatives_bucket_name: str
    region: str
    limits: Limits = Limits()
    cache_control: str = _DEFAULT_CACHE_CONTROL
    purge_queue_url: str | None = None
    derivative_expiration_days: int | None = None


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Parse and validate the settings.

    Raises:
        SettingsError: some settings are invalid; the error lists all of them.
        KeyError: the environment has no Region, which Lambda sets.
    """
    values = {**environment}
    values["IMAGE_CACHE_CONTROL"] = environment.get("IMAGE_CACHE_CONTROL") or _DEFAULT_CACHE_CONTROL
    problems = find_problems(values, _RULES)
    if not problems and values["BUCKET_NAME"] == values["DERIVATIVES_BUCKET_NAME"]:
        # The path of a derivative could be the key of an original, which no viewer may get.
        problems.append("DERIVATIVES_BUCKET_NAME must not be BUCKET_NAME")
    if problems:
        raise SettingsError(problems)
    return Settings(
        bucket_name=values["BUCKET_NAME"],
        derivatives_bucket_name=values["DERIVATIVES_BUCKET_NAME"],
        region=values["AWS_REGION"],
        limits=Limits.within(read_memory_mb(environment, default=ONE_VCPU_MB)),
        cache_control=values["IMAGE_CACHE_CONTROL"],
        purge_queue_url=environment.get("PURGE_QUEUE_URL") or None,
        derivative_expiration_days=int(environment.get("DERIVATIVE_EXPIRATION_DAYS") or 0) or None,
    )
