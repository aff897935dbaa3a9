"""The arguments and the result of a transform."""

from enum import StrEnum
from typing import NamedTuple

from image_format import Format
from image_url import MAX_QUALITY, Fit, Gravity, ImageOptions, OutputFormat

from image_core.limits import Limits

_CENTRE = Gravity(50, 50)
_UNBOUNDED = 2**31 - 1


class Box(NamedTuple):
    """Target bounding box.

    Attributes:
        width: maximum width in pixels, as displayed.
        height: maximum height in pixels, as displayed.
        swap_for_portrait: True to swap width and height for images that are higher than wide.
    """

    width: int
    height: int
    swap_for_portrait: bool = True


class AutoFormat(StrEnum):
    """The smallest suitable format that a browser accepts. The values are those of the URLs.

    Photographs become AVIF, WebP or JPEG, graphics also lossless WebP or PNG, and animations animated WebP if
    that is accepted.
    """

    PLAIN = OutputFormat.AUTO.value
    """JPEG, PNG and GIF, which every browser accepts."""
    WEBP = OutputFormat.AUTO_WEBP.value
    """The same formats and WebP."""
    AVIF = OutputFormat.AUTO_AVIF.value
    """The same formats, WebP and AVIF. All browsers with AVIF have WebP."""

    @property
    def accepts(self) -> tuple[Format, ...]:
        """Formats beside JPEG, PNG and GIF that the browser accepts. Usually the first is the smallest."""
        accepted = {AutoFormat.WEBP: (Format.WEBP,), AutoFormat.AVIF: (Format.AVIF, Format.WEBP)}
        return accepted.get(self, ())

    def allows(self, output: Format) -> bool:
        """Return True if a browser for which this choice was made displays files of a format."""
        return output in {Format.JPEG, Format.PNG, Format.GIF, *self.accepts}


class Options(NamedTuple):
    """Options of a transform.

    Attributes:
        box: bounding box. None: keep the size of the image.
        fit: how the image is fitted into the box. All values but `INSIDE` result in exactly the size of the
            box, enlarging if necessary and allowed.
        output_format: format to encode, or a choice by content. None: the format of the original.
        quality: 1 to 100 on the scale of libjpeg. WebP and AVIF get the setting that looks the same. Without
            effect for PNG, GIF and BMP.
        limits: maximum cost of the original.
        gravity: point of the image, as displayed, that `COVER` keeps in the middle as far as the image goes:
            0 to 1 of the width from the left, and of the height from above.
        enlarge: False to make a smaller derivative, with the aspect ratio of the box, instead of enlarging
            the image.
    """

    box: Box | None
    fit: Fit = Fit.INSIDE
    output_format: Format | AutoFormat | None = None
    quality: int = 80
    limits: Limits = Limits()
    gravity: tuple[float, float] = (0.5, 0.5)
    enlarge: bool = True

    def check(self) -> None:
        """Raise ValueError for a side of the box or a limit below 1, or a quality or gravity out of range."""
        if self.box and min(self.box.width, self.box.height) < 1:
            raise ValueError(f"a box has sides of 1 pixel or more, not {self.box.width} x {self.box.height}")
        if min(self.limits) < 1:
            raise ValueError(
                f"limits (bytes, pixels, bytes of memory, slowdown) are 1 or more, not {tuple(self.limits)}"
            )
        if not 1 <= self.quality <= MAX_QUALITY:
            raise ValueError(f"quality is 1 to {MAX_QUALITY}, not {self.quality}")
        if not all(0 <= coordinate <= 1 for coordinate in self.gravity):
            raise ValueError(f"gravity has coordinates from 0 to 1, not {self.gravity}")


def make_options(requested: ImageOptions, limits: Limits, focal_point: Gravity | None = None) -> Options:
    """Return the options of the transform that an image URL requests.

    Args:
        requested: options of the URL, except `format=json` and `showExif`, which are not transforms. Only the
            format limits a missing side of the box.
        limits: maximum cost of the original.
        focal_point: gravity if the URL has none, from the metadata of the original. None: the centre.
    """
    box = None
    if requested.width or requested.height:
        box = Box(
            width=requested.width or _UNBOUNDED,
            height=requested.height or _UNBOUNDED,
            swap_for_portrait=requested.swap_for_portrait,
        )
    gravity = requested.gravity or focal_point or _CENTRE
    options = Options(
        box=box,
        fit=requested.fit,
        output_format=_make_format(requested.format),
        limits=limits,
        gravity=(gravity.x_percent / 100, gravity.y_percent / 100),
        enlarge=False,
    )
    return options if requested.quality is None else options._replace(quality=requested.quality)


def _make_format(requested: OutputFormat | None) -> Format | AutoFormat | None:
    if requested is None:
        return None
    return AutoFormat(requested) if requested.value in tuple(AutoFormat) else Format(requested.upper())


class EncodedImage(NamedTuple):
    """An image file that is ready to be stored or sent.

    The name keeps it apart from `PIL.Image.Image`, which holds decoded pixels.

    Attributes:
        data: bytes of the file.
        format: format of the file.
        width: width in pixels, as displayed.
        height: height in pixels, as displayed.
        frames: number of frames; 1 for a still image.
    """

    data: bytes
    format: Format
    width: int
    height: int
    frames: int

    @property
    def content_type(self) -> str:
        """Media type of the file, such as `image/jpeg`."""
        return self.format.content_type


class DerivedFile(NamedTuple):
    """A file made from an original, with its media type."""

    data: bytes
    content_type: str
