"""At most 256 colours, one of them clear: what a GIF can hold."""

from PIL import Image

_CLEAR = 255
_OPAQUE_FROM = 128


def paletted(image: Image.Image) -> Image.Image:
    """The picture with a palette of its own.

    Args:
        image: L, LA, RGB or RGBA.

    Returns:
        L unchanged, or P; where there was alpha, `info["transparency"]` names the colour that is clear.
    """
    if image.mode == "L":
        return image
    if image.mode == "RGB":
        # One place is left free: Pillow's writer takes it for the pixels that stay as they were.
        return image.quantize(255)
    clear = image.getchannel("A").point([255 * (value < _OPAQUE_FROM) for value in range(256)], "1")
    indexed = image.convert("RGB").quantize(255)
    colours = indexed.getpalette() or []
    indexed.putpalette(colours + [0] * (768 - len(colours)))
    indexed.paste(_CLEAR, mask=clear)
    indexed.info["transparency"] = _CLEAR
    return indexed
