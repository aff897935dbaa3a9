"""A lower bound of the time: libjpeg decodes at the nearest fraction, libjpeg or libwebp encodes."""

from io import BytesIO

from PIL import Image

from tools.bench.sides.protocol import serve


def transform(data: bytes, width: int, height: int, output_format: str, quality: int) -> bytes:
    """Decode, resize by NEAREST, which takes hardly any time, and encode."""
    image = Image.open(BytesIO(data))
    if (image.width > image.height) != (width > height):
        width, height = height, width
    scale = min(1, width / image.width, height / image.height)
    size = round(image.width * scale), round(image.height * scale)
    image.draft(None, size)
    body = BytesIO()
    progressive = output_format == "JPEG" and "progressive" in image.info
    resized = image.resize(size, Image.Resampling.NEAREST)
    resized.save(body, format=output_format, quality=quality, progressive=progressive)
    return body.getvalue()


serve(transform)
