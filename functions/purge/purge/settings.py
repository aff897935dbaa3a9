"""Settings of a deployment, read from environment variables."""

import json
from collections.abc import Mapping
from typing import NamedTuple

from derivatives import QUEUE_URL, RESTORE_PREFIX, SOURCE_PREFIX
from lambda_runtime import BUCKET_NAME, Rule, SettingsError, find_problems, matching

REGIONAL_RESIZE, EDGE_RESIZE, S3_TRIGGER = "regional_resize", "edge_resize", "s3_trigger"
STORING = frozenset({REGIONAL_RESIZE, S3_TRIGGER})
"""Variants whose distributions serve stored derivatives only."""
_VARIANTS = frozenset({REGIONAL_RESIZE, EDGE_RESIZE, S3_TRIGGER, "object_lambda"})
# A variant whose distribution is invalidated if derivatives are deleted, and the setting with their bucket.
_NEEDED = {REGIONAL_RESIZE: "DERIVATIVES_BUCKET_NAME", S3_TRIGGER: "DESTINATION_BUCKET"}
_RESERVED_FOLDER = ".edge-images"
# Folder of the samples with which `invoke doctor` checks that images are purged.
_SAMPLES_FOLDER = f"{_RESERVED_FOLDER}/doctor"


class Settings(NamedTuple):
    """The settings of a deployment.

    Attributes:
        bucket: bucket of the originals.
        derivatives_bucket: bucket of the derivatives of `regional_resize`; None without this variant.
        resized_path: folder of the derivatives of `edge_resize` in the bucket of the originals, without a
            slash at either end; None without this variant.
        destination_bucket: bucket of the derivatives of `s3_trigger`; None without this variant.
        source_prefix: key prefix of the originals of `s3_trigger`, with a trailing slash or empty.
        restore_prefix: key prefix of the originals that `s3_trigger` restored, with a trailing slash.
        distributions: variant => ID of its distribution.
        purge_queue_url: URL of the queue that invokes the function.
        max_monthly_paths: largest number of invalidation paths in a calendar month (UTC).
    """

    bucket: str
    derivatives_bucket: str | None
    resized_path: str | None
    destination_bucket: str | None
    source_prefix: str
    restore_prefix: str
    distributions: Mapping[str, str]
    max_monthly_paths: int
    purge_queue_url: str

    @property
    def counter_bucket(self) -> str:
        """The bucket with the counter of the month."""
        return self.derivatives_bucket or self.bucket

    @property
    def counter_folder(self) -> str:
        """The folder of the counters, without a slash at either end. Viewers cannot get its objects."""
        is_shared = self.derivatives_bucket is None and self.resized_path is not None
        return f"{self.resized_path}/{_RESERVED_FOLDER}" if is_shared else _RESERVED_FOLDER

    def is_original(self, key: str) -> bool:
        """Return whether a key may be that of an original.

        Derivatives and counters may be in the same bucket. They are not originals, and have no derivatives.
        """
        if key.startswith(f"{_SAMPLES_FOLDER}/"):
            return True
        folders = [folder for folder in (self.resized_path, _RESERVED_FOLDER) if folder]
        return not any(key.startswith(f"{folder}/") for folder in folders)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Parse and validate the settings.

    Raises:
        SettingsError: some settings are invalid; the error lists all of them.
    """
    values = {name: environment[name] for name in _RULES if name in environment}
    required = {"BUCKET_NAME", "DISTRIBUTIONS", "MAX_MONTHLY_PATHS", "PURGE_QUEUE_URL"}
    if problems := find_problems(
        values, {name: rule for name, rule in _RULES.items() if name in required or name in values}
    ):
        raise SettingsError(problems)
    distributions = json.loads(values["DISTRIBUTIONS"])
    if problems := [
        f"{name} must be set, because DISTRIBUTIONS has {variant}"
        for variant, name in _NEEDED.items()
        if variant in distributions and name not in values
    ]:
        raise SettingsError(problems)
    return Settings(
        bucket=values["BUCKET_NAME"],
        derivatives_bucket=values.get("DERIVATIVES_BUCKET_NAME"),
        resized_path=values.get("RESIZED_PATH"),
        destination_bucket=values.get("DESTINATION_BUCKET"),
        source_prefix=values.get("SOURCE_PREFIX", ""),
        restore_prefix=values.get("RESTORE_PREFIX", "restore-folder/"),
        distributions=distributions,
        max_monthly_paths=int(values["MAX_MONTHLY_PATHS"]),
        purge_queue_url=values["PURGE_QUEUE_URL"],
    )


def _is_distributions(text: str) -> bool:
    try:
        value = json.loads(text)
    except ValueError:
        return False
    return (
        isinstance(value, dict)
        and set(value) <= _VARIANTS
        and all(isinstance(each, str) and each.isalnum() for each in value.values())
    )


_RULES = {
    "BUCKET_NAME": BUCKET_NAME,
    "DERIVATIVES_BUCKET_NAME": BUCKET_NAME,
    "RESIZED_PATH": matching("[^/]+(/[^/]+)*", "a folder such as resized, without a slash at either end"),
    "DESTINATION_BUCKET": BUCKET_NAME,
    "SOURCE_PREFIX": SOURCE_PREFIX,
    "RESTORE_PREFIX": RESTORE_PREFIX,
    "DISTRIBUTIONS": Rule(_is_distributions, "a JSON object of variants and IDs of distributions"),
    "MAX_MONTHLY_PATHS": matching("[0-9]{1,9}", "a whole number"),
    "PURGE_QUEUE_URL": QUEUE_URL,
}
