"""Distributions, requests and images of the tests of image URLs."""

import mimetypes

import pytest

from tests.local.object_lambda_stack import ORIGINS, Served
from tests.local.viewer import Response
from tools.paths import SAMPLES

# The origins have the same positions as in the fixture, by which pytest groups tests.
everywhere = pytest.mark.parametrize("served", [*ORIGINS, "edge_resize"], indirect=True)
"""Mark of tests that run with each origin of object_lambda and in edge_resize."""

JPEG, PNG, GIF, WEBP, AVIF = "image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"
COFFEE = "coffee-progressive.jpg"
"""A sample of 600 x 400 pixels that is smaller as AVIF than as WebP, also at 128 pixels."""
CHROME = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
SAFARI_15 = "image/webp,image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5"


def upload(served: Served, folder: str, image: str) -> str:
    """Upload an image below a folder, and return the key."""
    key = f"{folder}/{image}"
    served.stack.s3.put_object(
        Bucket=served.outputs["bucket_name"],
        Key=key,
        Body=(SAMPLES / image).read_bytes(),
        ContentType=str(mimetypes.guess_file_type(image)[0]),
    )
    return key


def request(served: Served, key: str, query: str, accept: str | None = None) -> Response:
    """Request an object, without Accept by default."""
    return served.viewer.get(key, query, **({} if accept is None else {"Accept": accept}))


def list_derivatives(served: Served, key: str) -> set[str]:
    """Return the names of all derivatives of an original."""
    prefix = f"resized/{key}/"
    listed = served.stack.s3.list_objects_v2(Bucket=served.outputs["bucket_name"], Prefix=prefix)
    return {entry["Key"].removeprefix(prefix) for entry in listed.get("Contents", [])}
