"""Crop, resize and pad an image, by the fastest methods whose results look the same."""

from image_format import Format
from PIL import Image

from image_core.convolution import Kernel, convolve
from image_core.fit import Layout
from image_core.source import Size, SourceBox

_MIN_DRAFT_GAP = 1.2
_MIN_DRAFT_GAP_FOR_WEBP = 1.4
_MAX_LANCZOS_GAP = 2.0


def draft(image: Image.Image, size: Size, output: Format) -> SourceBox | None:
    """Have libjpeg decode a JPEG at 1/2, 1/4 or 1/8 of its size, still somewhat larger than the target size.

    Args:
        image: opened, not loaded. Other formats than JPEG are not changed.
        size: target width and height in pixels, as stored.
        output: format to encode.

    Returns:
        The area of the image within the pixels to decode; None if the image is decoded in full.
    """
    full_size = image.size
    gap = _MIN_DRAFT_GAP_FOR_WEBP if output is Format.WEBP else _MIN_DRAFT_GAP
    drafted = image.draft(None, (int(size[0] * gap), int(size[1] * gap)))
    return drafted[1] if drafted and image.size != full_size else None


def crop_and_resize(
    image: Image.Image, layout: Layout, draft_box: SourceBox | None, output: Format
) -> Image.Image:
    """Return the visible part of the image in its target size.

    Args:
        image: L, LA, RGB, RGBA or CMYK.
        layout: as stored.
        draft_box: result of `draft`.
        output: format to encode.
    """
    if image.size == layout.scaled == layout.visible:
        return image
    left, top, right, bottom = draft_box or (0, 0, *image.size)
    # Pixels beyond the canvas are cropped before the resize.
    cut_left, cut_top = layout.cut
    part_left, part_top = left + (right - left) * cut_left, top + (bottom - top) * cut_top
    part = (
        part_left,
        part_top,
        min(right, part_left + (right - left) * layout.visible[0] / layout.scaled[0]),
        min(bottom, part_top + (bottom - top) * layout.visible[1] / layout.scaled[1]),
    )
    gap = (right - left) / layout.scaled[0]
    kernel = _choose_kernel(gap, output) if draft_box else Kernel.CATMULL_ROM
    return convolve(image, layout.visible, part, kernel)


def _choose_kernel(gap: float, output: Format) -> Kernel:
    """Return the kernel for an image that was decoded at a fraction of its size.

    LANCZOS recovers the detail that is lost if that fraction is nearly the target size. However, detail costs
    bytes, more of them in a WebP, where a larger fraction and CATMULL_ROM are better. Measured on the 17
    photographs of `TUNED_ON` (tools/bench) x 8 sizes against Pillow's thumbnail(), which drafts at twice the
    box: processor time, bytes, mean and worst difference of SSIM, by minimum gap of the draft.

        JPEG  1.2, LANCZOS below 2        0.551  1.006  -.0001  -.003   chosen
        JPEG  1.1, LANCZOS below 2        0.546  1.007  -.0001  -.003   and worse on other photographs
        JPEG  1.0, LANCZOS                0.526  1.020  -.0004  -.009
        JPEG  1.2, LANCZOS always         0.563  1.025  +.0007  -.003
        JPEG  2.0, CATMULL_ROM            0.619  1.000  +.0000  -.000
        WebP  1.4, CATMULL_ROM            0.771  0.996  -.0003  -.007   chosen
        WebP  1.1, LANCZOS below 1.35     0.750  0.998  -.0008  -.009
        WebP  1.2, LANCZOS below 2        0.754  1.012  +.0002  -.003

    The chosen rows on 7 other photographs: JPEG 0.584, 1.007, -.0002, -.001; WebP 0.767, 0.997, -.0003,
    -.003.

    Args:
        gap: decoded size divided by target size.
        output: format to encode.
    """
    if output is not Format.WEBP and gap < _MAX_LANCZOS_GAP:
        return Kernel.LANCZOS
    return Kernel.CATMULL_ROM


def pad(image: Image.Image, size: Size, output: Format) -> Image.Image:
    """Return the image centred on a transparent canvas, or a white one if the format shows no transparency.

    Args:
        image: L, LA, RGB or RGBA, not larger than the canvas.
        size: width and height of the canvas in pixels.
        output: format to encode.
    """
    if image.size == size:
        return image
    mode = image.mode
    if output.shows_transparency:
        mode = {"L": "LA", "RGB": "RGBA"}.get(mode, mode)
    canvas = Image.new(mode, size, "white")
    if output.shows_transparency:
        canvas.putalpha(0)
    canvas.paste(image.convert(mode), ((size[0] - image.width) // 2, (size[1] - image.height) // 2))
    return canvas
