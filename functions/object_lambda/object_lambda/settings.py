"""The settings of a deployment: the environment of the function."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from image_core import ONE_VCPU_MB, Limits
from image_query import DEFAULT_SIZES, Sizes, SizesError, parse_sizes
from lambda_runtime import SettingsError

WITHOUT_IDENTITY = "without_identity"
ALL = "all"
OFF = "off"
_EXIF = (WITHOUT_IDENTITY, ALL, OFF)

_QUALITY = re.compile(r"[1-9][0-9]?|100")
_DEFAULT_QUALITY = "80"

_MAX_BYTES = 128 * 1024 * 1024
# The object, the cleaned image and a range of it are in memory at the same time.
_COPIES = 3


class Settings(NamedTuple):
    """What a deployment decides: `quality` 1 to 100, for pictures that are resized or get another format.

    `limits` are those of the function's memory. `exif` is what `showExif=true` discloses: `without_identity`,
    `all`, or `off` for nothing.
    """

    quality: int
    sizes: Sizes
    limits: Limits = Limits()
    exif: str = WITHOUT_IDENTITY

    @property
    def max_bytes(self) -> int:
        """The largest object that is read, in bytes. Decoding has the smaller limits of `image_core`."""
        return min(_MAX_BYTES, self.limits.max_memory_bytes // _COPIES)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings.

    Raises:
        SettingsError: with every problem at once.
    """
    problems = []
    quality = environment.get("IMAGE_QUALITY") or _DEFAULT_QUALITY
    if not _QUALITY.fullmatch(quality):
        problems.append(f"IMAGE_QUALITY must be a whole number from 1 to 100, not {quality!r}")
    sizes = DEFAULT_SIZES
    if table := environment.get("IMAGE_SIZES"):
        try:
            sizes = parse_sizes(table)
        except SizesError as error:
            problems.extend(f"IMAGE_SIZES: {problem}" for problem in error.problems)
    exif = environment.get("IMAGE_EXIF") or WITHOUT_IDENTITY
    if exif not in _EXIF:
        problems.append(f"IMAGE_EXIF must be one of {', '.join(_EXIF)}, not {exif!r}")
    if problems:
        raise SettingsError(problems)
    memory_mb = int(environment.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", ONE_VCPU_MB))
    return Settings(quality=int(quality), sizes=sizes, limits=Limits.within(memory_mb), exif=exif)
