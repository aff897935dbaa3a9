"""The documented original: open, thumbnail, save."""

from io import BytesIO

from PIL import Image

from tools.bench.sides.protocol import serve


def transform(data: bytes, width: int, height: int, output_format: str, quality: int) -> bytes:
    """Transform as the published article does, with Pillow's defaults: BICUBIC, reducing_gap 2."""
    image = Image.open(BytesIO(data))
    if (image.width > image.height) != (width > height):
        width, height = height, width  # the article compares the sides as stored and ignores the orientation
    image.thumbnail((width, height))
    body = BytesIO()
    image.save(body, format=output_format, quality=quality)
    return body.getvalue()


serve(transform)
