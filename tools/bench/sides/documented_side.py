"""The documented original: open, thumbnail, save."""

from io import BytesIO

from PIL import Image

from tools.bench.sides.protocol import Options, serve


def transform(data: bytes, options: Options) -> bytes:
    """Transform as the published article does, with Pillow's defaults: BICUBIC, reducing_gap 2."""
    image = Image.open(BytesIO(data))
    width, height = options.width, options.height
    if (image.width > image.height) != (width > height):
        width, height = height, width  # the article compares the sides as stored and ignores the orientation
    image.thumbnail((width, height))
    body = BytesIO()
    image.save(body, format=options.format, quality=options.quality)
    return body.getvalue()


serve(transform)
