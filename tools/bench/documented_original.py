"""The function that the published articles describe, as the baseline: boto3, LIST, open, thumbnail, save.

The code follows the description in the articles. A LIST checks for the existence of a key. The function is
only run in a process of its own.
"""

import os
from io import BytesIO
from typing import Any

import boto3
from PIL import Image

BOXES = {"XS": (427, 240), "S": (854, 480), "M": (1200, 628), "L": (1280, 720)}

s3 = boto3.client("s3")


def exists(bucket: str, key: str) -> bool:
    """Return True if the bucket has exactly this key."""
    listing = s3.list_objects_v2(Bucket=bucket, Prefix=key)
    return any(entry["Key"] == key for entry in listing.get("Contents", []))


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Return the origin request with the URI of the derivative, which is made if missing."""
    request: dict[str, Any] = event["Records"][0]["cf"]["request"]
    headers = request["origin"]["s3"]["customHeaders"]
    bucket = headers["x-env-bucket-name"][0]["value"]
    key = request["uri"].lstrip("/")
    parameters = dict(pair.split("=") for pair in request["querystring"].split("&"))
    to_webp = parameters.get("to_webp") == "1"
    stem, extension = os.path.splitext(key)  # noqa: PTH122  # a key is not a path of this machine
    folder = headers["x-env-resized-path"][0]["value"]
    derivative = f"{folder}/{parameters['size']}/{stem}{'.webp' if to_webp else extension}"
    if not exists(bucket, derivative) and exists(bucket, key):
        image = Image.open(BytesIO(s3.get_object(Bucket=bucket, Key=key)["Body"].read()))
        name = image.format
        width, height = BOXES[parameters["size"]]
        image.thumbnail((width, height) if image.width > image.height else (height, width))
        body = BytesIO()
        quality = int(headers["x-env-quality"][0]["value"])
        image.save(body, format="webp" if to_webp else name, quality=quality)
        body.seek(0)
        s3.upload_fileobj(body, bucket, derivative, ExtraArgs={"ContentType": "image/jpeg"})
    request["uri"] = "/" + derivative
    return request
