"""The options that an image URL, a named size and the name of a derivative have in common."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

MAX_SIDE_PIXELS = 16_383
"""WEBP_MAX_DIMENSION of libwebp, the lowest limit of all formats, so that options work in every format."""

MAX_QUALITY = 100


class WholeNumber(NamedTuple):
    """An option that is a whole number from 1.

    Attributes:
        letter: stands before the number in the name of a derivative.
        maximum: largest valid number.
    """

    letter: str
    maximum: int

    def __str__(self) -> str:
        """Return the description in messages."""
        return f"a whole number from 1 to {self.maximum}"

    def allows(self, value: object) -> bool:
        """Return True for a valid number. JSON's `true` is not one, although a bool of Python is an int."""
        return type(value) is int and 1 <= value <= self.maximum


WHOLE_NUMBERS: Mapping[str, WholeNumber] = {
    "width": WholeNumber("w", MAX_SIDE_PIXELS),
    "height": WholeNumber("h", MAX_SIDE_PIXELS),
    "quality": WholeNumber("q", MAX_QUALITY),
}
"""The options that are whole numbers, by name. URLs, named sizes and names of derivatives are read by this
table."""


class Fit(StrEnum):
    """How an image is fitted into width and height. The words are those of sharp and of the URLs."""

    INSIDE = "inside"
    """Scale to fit within the box, keeping the aspect ratio."""
    COVER = "cover"
    """Scale to cover the box, keeping the aspect ratio, and crop to the box around the gravity."""
    CONTAIN = "contain"
    """Scale to fit within the box, keeping the aspect ratio, and pad to the box: transparent, or white if the
    output format has no transparency."""
    FILL = "fill"
    """Scale to the box, ignoring the aspect ratio."""


class OutputFormat(StrEnum):
    """The requested format. The values are those of the URLs.

    For AUTO, AUTO_WEBP and AUTO_AVIF the content of the image decides. The candidates are the formats that
    every browser shows; AUTO_WEBP adds WebP, and AUTO_AVIF adds WebP and AVIF.
    """

    AUTO = "auto"
    AVIF = "avif"
    WEBP = "webp"
    JPEG = "jpeg"
    PNG = "png"
    GIF = "gif"
    JSON = "json"
    """Facts about the image instead of the image."""
    AUTO_AVIF = "auto-avif"
    AUTO_WEBP = "auto-webp"


WITHOUT_QUALITY = frozenset({OutputFormat.PNG, OutputFormat.GIF, OutputFormat.JSON})
"""Formats for which the quality has no effect."""


class Gravity(NamedTuple):
    """The point of an image that `Fit.COVER` keeps as near to the centre as possible.

    Attributes:
        x_percent: 0 (left edge) to 100 (right edge) of the width, as displayed.
        y_percent: 0 (upper edge) to 100 (lower edge) of the height, as displayed.
    """

    x_percent: int
    y_percent: int


class ImageOptions(NamedTuple):
    """The options of one derivative. Without any option, only the metadata is removed.

    Attributes:
        width: maximum width in pixels, as displayed. None: in proportion to the height, or unlimited.
        height: maximum height in pixels, as displayed. None: in proportion to the width, or unlimited.
        fit: how the image is fitted into width and height. `INSIDE` if one of them is missing.
        gravity: point that `COVER` keeps. None: the focal point in the original's metadata, else the centre.
        format: requested format. None: the format of the original.
        quality: 1 to 100, on the scale of JPEG. None: the default of the deployment, or a format without
            quality.
        swap_for_portrait: True to swap width and height for images that are higher than wide.
        show_exif: True for the EXIF data as JSON instead of the image.
    """

    width: int | None = None
    height: int | None = None
    fit: Fit = Fit.INSIDE
    gravity: Gravity | None = None
    format: OutputFormat | None = None
    quality: int | None = None
    swap_for_portrait: bool = False
    show_exif: bool = False

    @property
    def needs_focal_point(self) -> bool:
        """True if the image is cropped, and the metadata of the original may name the point to keep."""
        return self.fit is Fit.COVER and self.gravity is None

    def find_problems(self) -> list[str]:
        """Return a clause for each invalid option or combination, such as `gravity needs fit cover`."""
        has_box = self.width is not None and self.height is not None
        rules = (
            *(
                ((value := getattr(self, name)) is None or number.allows(value), f"{name} must be {number}")
                for name, number in WHOLE_NUMBERS.items()
            ),
            (self.gravity is None or max(self.gravity) <= 100, "gravity must be 0 to 100 percent"),  # noqa: PLR2004
            (has_box or self.fit is Fit.INSIDE, f"fit {self.fit} needs width and height"),
            (self.gravity is None or self.fit is Fit.COVER, "gravity needs fit cover"),
        )
        return [problem for is_valid, problem in rules if not is_valid]
