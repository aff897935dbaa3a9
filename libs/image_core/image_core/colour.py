"""Modes and ICC profiles: from what files hold to what can be resized and written."""

from image_format import Format
from PIL import Image
from PIL.ImageFile import ImageFile

from image_core.clock import Clock
from image_core.icc import Profile, convert_to_srgb


def fix_transparency_depth(image: ImageFile) -> None:
    """Put right the clear colour of a PNG, not loaded, which Pillow leaves at the depth of the file.

    It scales the pixels of grey with 2 and 4 bits and of colour with 16, but not what they are compared with.
    """
    key = image.info.get("transparency")
    depth = image.tile[0].args if image.tile else None
    if depth in {"L;2", "L;4"} and isinstance(key, int):
        image.info["transparency"] = key * {"L;2": 85, "L;4": 17}[depth]
    elif depth == "RGB;16B" and isinstance(key, tuple):
        image.info["transparency"] = tuple(sample >> 8 for sample in key)


def to_averageable(image: Image.Image) -> Image.Image:
    """The loaded image in a mode whose pixels can be averaged: L, LA, RGB, RGBA or CMYK.

    A palette becomes its colours, 1 bit becomes grey, a transparent colour becomes an alpha channel, and
    16 bits are scaled to 8 (Pillow's conversion clips at 255).
    """
    if image.mode == "I;16":
        return _from_sixteen_bits(image)
    mode = {"1": "L", "P": "RGB"}.get(image.mode, image.mode)
    if image.has_transparency_data:
        mode = {"L": "LA", "RGB": "RGBA"}.get(mode, mode)
    return image if image.mode == mode else image.convert(mode)


def _from_sixteen_bits(image: Image.Image) -> Image.Image:
    wide = image.convert("I")
    grey = wide.point([(value + 128) // 257 for value in range(65_536)], "L")
    key = image.info.get("transparency")
    if key is None:
        return grey
    alpha = wide.point([0 if value == key else 255 for value in range(65_536)], "L")
    return Image.merge("LA", (grey, alpha))


def drop_opaque_alpha(image: Image.Image) -> Image.Image:
    """The image without its alpha channel where that is opaque everywhere."""
    if image.mode in {"LA", "RGBA"} and image.getchannel("A").getextrema() == (255, 255):
        return image.convert({"LA": "L", "RGBA": "RGB"}[image.mode])
    return image


def to_srgb(image: Image.Image, profile: Profile | None, clock: Clock) -> Image.Image:
    """Return the image in RGB or RGBA with the meaning of sRGB.

    Args:
        image: L, LA, RGB, RGBA or CMYK.
        profile: what its numbers mean, for images of this mode. None, or one that cannot be used: the plain
            conversion.
        clock: the time that is left.

    Raises:
        DerivationTooSlow
    """
    alpha = image.getchannel("A") if image.mode.endswith("A") else None
    opaque = image.convert({"LA": "L", "RGBA": "RGB"}.get(image.mode, image.mode))
    # littleCMS would overwrite an alpha channel: it is taken off before and put back after.
    rgb = (convert_to_srgb(opaque, profile, clock) if profile else None) or opaque.convert("RGB")
    if alpha is not None:
        rgb.putalpha(alpha)
    return rgb


def on_white(image: Image.Image) -> Image.Image:
    """The image without alpha, as it looks on a white page."""
    if not image.mode.endswith("A"):
        return image
    opaque = "L" if image.mode == "LA" else "RGB"
    page = Image.new(opaque, image.size, "white")
    page.paste(image.convert(opaque), mask=image.getchannel("A"))
    return page


def _can_keep(profile: Profile, mode: str, output: Format) -> bool:
    grey_in_webp = output is Format.WEBP and mode in {"L", "LA"}
    return profile.kept and output.keeps_icc_profile and not grey_in_webp


def _grey_by_colour_profile(image: Image.Image, profile: Profile, clock: Clock) -> Image.Image:
    """Return a grey image as a profile for RGB means it, of which red, green and blue are alike."""
    rgb = to_srgb(image.convert({"L": "RGB", "LA": "RGBA"}[image.mode]), profile, clock)
    return rgb.convert(image.mode)


def for_format(
    image: Image.Image, profile: Profile | None, output: Format, clock: Clock
) -> tuple[Image.Image, Profile | None]:
    """Return the image with colours that the output format can carry, and the ICC profile to write.

    CMYK becomes sRGB everywhere, since hardly a viewer shows it rightly. A profile that the format cannot
    carry is applied: GIF and BMP have none, and a WebP is RGB, so none for grey. A profile for RGB is applied
    to grey, as in browsers. Any other that does not fit is left out.

    Args:
        image: L, LA, RGB, RGBA or CMYK.
        profile: what its numbers mean; None: sRGB.
        output: the format it will be written in.
        clock: the time that is left.

    Raises:
        DerivationTooSlow
    """
    if profile and not profile.fits(image.mode):
        if image.mode in {"L", "LA"} and profile.space == b"RGB ":
            image = _grey_by_colour_profile(image, profile, clock)
        profile = None
    if image.mode == "CMYK" or (profile and not _can_keep(profile, image.mode, output)):
        image, profile = to_srgb(image, profile, clock), None
    if output is Format.JPEG:
        image = on_white(image)
    elif output is Format.BMP and image.mode == "LA":
        image = image.convert("RGBA")
    return image, profile
