"""A lower bound of the time: libjpeg decodes at the nearest fraction, libjpeg or libwebp encodes."""

from io import BytesIO

from PIL import Image

from tools.bench.sides.protocol import Options, serve


def transform(data: bytes, options: Options) -> bytes:
    """Decode, resize by NEAREST, which takes hardly any time, and encode."""
    image = Image.open(BytesIO(data))
    width, height = options.width, options.height
    if (image.width > image.height) != (width > height):
        width, height = height, width
    scale = min(1, width / image.width, height / image.height)
    size = round(image.width * scale), round(image.height * scale)
    image.draft(None, size)
    body = BytesIO()
    progressive = options.format == "JPEG" and "progressive" in image.info
    resized = image.resize(size, Image.Resampling.NEAREST)
    resized.save(body, format=options.format, quality=options.quality, progressive=progressive)
    return body.getvalue()


serve(transform)
