"""Convert pixel modes and colours of files to those that can be resized and encoded."""

from collections.abc import Collection

from image_format import Format
from PIL import Image
from PIL.ImageFile import ImageFile

from image_core.icc import Profile, convert_to_srgb
from image_core.limits import TimeLimit

_OPAQUE = (255, 255)
_OPAQUE_MODES = {"LA": "L", "RGBA": "RGB"}


def fix_transparency_depth(image: ImageFile) -> None:
    """Scale the tRNS key of a PNG to the depth of Pillow's pixels.

    Pillow rescales 2- and 4-bit grey and 16-bit colour samples to 8 bits, but leaves the key at the depth of
    the file, so that no pixel would match.

    Args:
        image: opened, not loaded. Images without a key are not changed.
    """
    key = image.info.get("transparency")
    depth = image.tile[0].args if image.tile else None
    if depth in {"L;2", "L;4"} and isinstance(key, int):
        image.info["transparency"] = key * {"L;2": 85, "L;4": 17}[depth]
    elif depth == "RGB;16B" and isinstance(key, tuple):
        image.info["transparency"] = tuple(sample >> 8 for sample in key)


def to_averageable(image: Image.Image) -> Image.Image:
    """Return the loaded image in a mode whose pixels can be averaged: L, LA, RGB, RGBA or CMYK.

    Palettes become colours, 1 bit becomes grey, a transparency key becomes an alpha channel, and 16 bits are
    scaled to 8 (Pillow's own conversion clips at 255).
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
    """Return the image without its alpha channel if every pixel is opaque."""
    if image.mode not in _OPAQUE_MODES or image.getchannel("A").getextrema() != _OPAQUE:
        return image
    return image.convert(_OPAQUE_MODES[image.mode])


def to_srgb(image: Image.Image, profile: Profile | None, time_limit: TimeLimit) -> Image.Image:
    """Return the image in sRGB, as RGB or RGBA.

    Args:
        image: L, LA, RGB, RGBA or CMYK.
        profile: ICC profile that fits the mode of the image. None, or a profile that littleCMS rejects:
            Pillow's plain conversion.
        time_limit: time until the deadline.

    Raises:
        TransformTooSlow: the conversion would not be finished in time.
    """
    alpha = image.getchannel("A") if image.mode.endswith("A") else None
    opaque = image.convert(_OPAQUE_MODES.get(image.mode, image.mode))
    # littleCMS would overwrite an alpha channel, so the conversion gets the image without alpha.
    rgb = (convert_to_srgb(opaque, profile, time_limit) if profile else None) or opaque.convert("RGB")
    if alpha is not None:
        rgb.putalpha(alpha)
    return rgb


def convert_colours(
    image: Image.Image, profile: Profile | None, output: Format, time_limit: TimeLimit
) -> tuple[Image.Image, Profile | None]:
    """Return the image with colours that the output format can hold, and the ICC profile to embed.

    CMYK becomes sRGB in every format, because hardly any viewer displays CMYK correctly. A profile that the
    format cannot hold is applied: GIF and BMP have none, and decoders give RGB for a WebP or AVIF, so that a
    grey profile does not fit. A profile for RGB is applied to grey pixels, as in browsers. Any other profile
    that does not fit the mode is ignored.

    Args:
        image: L, LA, RGB, RGBA or CMYK.
        profile: ICC profile of the samples; None: sRGB.
        output: format to encode.
        time_limit: time until the deadline.

    Raises:
        TransformTooSlow: the conversion would not be finished in time.
    """
    if profile and not profile.fits(image.mode):
        if image.mode in {"L", "LA"} and profile.space == b"RGB ":
            image = _apply_to_grey(image, profile, time_limit)
        profile = None
    if image.mode == "CMYK" or (profile and not _can_embed(profile, image.mode, output)):
        return to_srgb(image, profile, time_limit), None
    return image, profile


def flatten(image: Image.Image, modes: Collection[str]) -> Image.Image:
    """Return the image in a mode that the output format can hold.

    Without alpha in the format the image is composited over white, the colour of most pages. Grey becomes
    colour if the format has none.

    Args:
        image: L, LA, RGB or RGBA.
        modes: the ones of these four modes that the format can hold.
    """
    if image.mode in modes:
        return image
    if image.mode.endswith("A") and "RGBA" not in modes:
        mode = _OPAQUE_MODES[image.mode]
        page = Image.new(mode, image.size, "white")
        page.paste(image.convert(mode), mask=image.getchannel("A"))
        return flatten(page, modes)
    return image.convert({"L": "RGB", "LA": "RGBA"}[image.mode])


def _can_embed(profile: Profile, mode: str, output: Format) -> bool:
    decoded_as_rgb = output in {Format.WEBP, Format.AVIF} and mode in {"L", "LA"}
    return profile.kept and output.keeps_icc_profile and not decoded_as_rgb


def _apply_to_grey(image: Image.Image, profile: Profile, time_limit: TimeLimit) -> Image.Image:
    """Return a grey image converted as if red, green and blue had the grey value each."""
    rgb = to_srgb(image.convert({"L": "RGB", "LA": "RGBA"}[image.mode]), profile, time_limit)
    return rgb.convert(image.mode)
