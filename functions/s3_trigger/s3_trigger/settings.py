"""Settings of a deployment, read from environment variables."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from derivatives import OPTIONAL_QUEUE_URL, RESTORE_PREFIX, SOURCE_PREFIX
from image_core import ONE_VCPU_MB, Box, Fit, Limits
from image_url import MAX_SIDE_PIXELS
from lambda_runtime import (
    BUCKET_NAME,
    CACHE_CONTROL,
    QUALITY,
    Rule,
    SettingsError,
    find_problems,
    one_of,
    read_memory_mb,
)

_DEFAULTS = {
    "SOURCE_PREFIX": "source-folder/",
    "RESTORE_PREFIX": "restore-folder/",
    "WIDTH": "300",
    "HEIGHT": "300",
    "FIT": Fit.COVER.value,
    "QUALITY": "80",
    "CACHE_CONTROL": "",
    "PURGE_QUEUE_URL": "",
}


class Settings(NamedTuple):
    """The settings of a deployment.

    Attributes:
        source_bucket: name of the bucket of the originals.
        destination_bucket: name of the bucket of the derivatives, never the source bucket.
        source_prefix: key prefix of originals, with a trailing slash; empty for the whole bucket.
        restore_prefix: key prefix of restored originals in the source bucket, with a trailing slash. Objects
            below this prefix are not originals.
        box: default bounding box in pixels. Width and height are never swapped for portrait images.
        fit: how an image is fitted into the box.
        quality: encoder quality for JPEG, WebP and AVIF, 1 to 100.
        limits: limits of a transform, for the memory of the function.
        cache_control: Cache-Control of derivatives whose originals have neither Cache-Control nor Expires.
            None: these derivatives have none.
        purge_queue_url: URL of the queue that invokes the function purge. None without that function.
    """

    source_bucket: str
    destination_bucket: str
    source_prefix: str
    restore_prefix: str
    box: Box
    fit: Fit
    quality: int
    limits: Limits
    cache_control: str | None
    purge_queue_url: str | None


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Parse and validate the settings.

    Raises:
        SettingsError: some settings are invalid; the error lists all of them.
    """
    values = _DEFAULTS | {name: environment[name] for name in _RULES if name in environment}
    problems = find_problems(values, _RULES) or _find_contradictions(values)
    if problems:
        raise SettingsError(problems)
    return Settings(
        source_bucket=values["SOURCE_BUCKET"],
        destination_bucket=values["DESTINATION_BUCKET"],
        source_prefix=values["SOURCE_PREFIX"],
        restore_prefix=values["RESTORE_PREFIX"],
        box=Box(width=int(values["WIDTH"]), height=int(values["HEIGHT"]), swap_for_portrait=False),
        fit=Fit(values["FIT"]),
        quality=int(values["QUALITY"]),
        limits=Limits.within(read_memory_mb(environment, default=ONE_VCPU_MB)),
        cache_control=values["CACHE_CONTROL"] or None,
        purge_queue_url=values["PURGE_QUEUE_URL"] or None,
    )


def _find_contradictions(values: Mapping[str, str]) -> list[str]:
    problems = []
    if values["SOURCE_BUCKET"] == values["DESTINATION_BUCKET"]:
        # A derivative below the source prefix would be taken for an original and transformed again.
        problems.append("DESTINATION_BUCKET must not be SOURCE_BUCKET")
    if values["SOURCE_PREFIX"].startswith(values["RESTORE_PREFIX"]):
        problems.append("SOURCE_PREFIX must not be RESTORE_PREFIX, nor below it")
    return problems


def _is_side(text: str) -> bool:
    return re.fullmatch(r"[1-9][0-9]{0,4}", text) is not None and int(text) <= MAX_SIDE_PIXELS


SIDE = Rule(_is_side, f"a number of pixels from 1 to {MAX_SIDE_PIXELS}")
_RULES = {
    "SOURCE_BUCKET": BUCKET_NAME,
    "DESTINATION_BUCKET": BUCKET_NAME,
    "SOURCE_PREFIX": SOURCE_PREFIX,
    "RESTORE_PREFIX": RESTORE_PREFIX,
    "WIDTH": SIDE,
    "HEIGHT": SIDE,
    "FIT": one_of(Fit),
    "QUALITY": QUALITY,
    "CACHE_CONTROL": Rule(
        lambda value: not value or CACHE_CONTROL.is_valid(value), f"{CACHE_CONTROL.expected}, or empty"
    ),
    "PURGE_QUEUE_URL": OPTIONAL_QUEUE_URL,
}
