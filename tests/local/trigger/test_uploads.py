"""Images that are uploaded into the source bucket appear resized in the destination."""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from boto3.s3.transfer import TransferConfig
from PIL import Image, ImageOps

from tests.local.trigger.conftest import PREFIX, Uploads, make_image, wait_until
from tools.paths import SAMPLES

pytestmark = pytest.mark.xdist_group("trigger")

SHAPES = [(640, 400), (300, 900)]


@pytest.mark.parametrize(
    ("name", "content_type"),
    [("cat.jpg", "image/jpeg"), ("cat.png", "image/png"), ("cat.webp", "image/webp")],
)
def test_a_photograph(uploads: Uploads, name: str, content_type: str) -> None:
    etag = uploads.put(f"folder/{name}", (SAMPLES / name).read_bytes())
    image, stored = uploads.wait_for_derivative(f"folder/{name}")
    assert (image.size, stored["ContentType"]) == ((300, 300), content_type)
    assert stored["Metadata"]["resized"] == "true"
    assert stored["Metadata"]["source-etag"] == etag


def test_the_distribution_delivers_it(uploads: Uploads) -> None:
    uploads.put("delivered.jpg", (SAMPLES / "cat.jpg").read_bytes())
    uploads.wait_for_derivative("delivered.jpg")
    with urllib.request.urlopen(f"{uploads.stack.edge_url}/delivered.jpg") as response:  # noqa: S310  # http, on this machine
        assert Image.open(BytesIO(response.read())).size == (300, 300)
        assert not [name for name in response.headers if name.lower().startswith("x-amz-meta")]


def test_a_multipart_upload(uploads: Uploads) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (1500, 1500, 3), dtype=np.uint8)
    buffer = BytesIO()
    Image.fromarray(noise).save(buffer, format="PNG", compress_level=0)
    part = 5 * 1024 * 1024
    assert len(buffer.getvalue()) > part
    buffer.seek(0)
    config = TransferConfig(multipart_threshold=part, multipart_chunksize=part)
    uploads.stack.s3.upload_fileobj(buffer, uploads.source, f"{PREFIX}parts.png", Config=config)
    image, stored = uploads.wait_for_derivative("parts.png")
    assert image.size == (300, 300)
    assert "-" in stored["Metadata"]["source-etag"]


def test_a_size_of_its_own_and_a_difficult_key(uploads: Uploads) -> None:
    name = "ä b/100% + more & 日本.png"
    uploads.put(name, make_image(), Metadata={"width": "640", "height": "400"})
    assert uploads.wait_for_derivative(name)[0].size == (640, 400)


@contextmanager
def with_fit(uploads: Uploads, fit: str) -> Iterator[None]:
    functions, arn = uploads.deployment.functions, uploads.deployment.outputs.function_arn
    before = functions.get_function_configuration(FunctionName=arn)["Environment"]["Variables"]

    def update(variables: dict[str, str]) -> None:
        functions.update_function_configuration(FunctionName=arn, Environment={"Variables": variables})
        # Events may run with the old settings meanwhile. The waiter of boto3 takes seconds.
        wait_until(
            lambda: functions.get_function_configuration(FunctionName=arn)["LastUpdateStatus"] == "Successful"
        )

    update(before | {"FIT": fit})
    try:
        yield
    finally:
        update(before)


def transform_with_pillow(fit: str, image: Image.Image) -> Image.Image:
    kernel, size = Image.Resampling.LANCZOS, (300, 300)
    match fit:
        case "cover":
            return ImageOps.fit(image, size, kernel)
        case "contain":
            return ImageOps.pad(image, size, kernel, "white")
        case "fill":
            return image.resize(size, kernel)
        case _:
            return ImageOps.contain(image, size, kernel)


@pytest.mark.parametrize("fit", ["cover", "contain", "fill", "inside"])
def test_fits(uploads: Uploads, fit: str) -> None:
    """Compare with Pillow's results for a wide and a tall image."""
    originals = {f"{fit}/{width}x{height}.png": make_image(width, height) for width, height in SHAPES}
    with with_fit(uploads, fit):
        made = {
            name: uploads.wait_for_derivative(name, uploads.put(name, body))[0]
            for name, body in originals.items()
        }
    for name, body in originals.items():
        wanted = transform_with_pillow(fit, Image.open(BytesIO(body)))
        page = Image.new("RGBA", made[name].size, "white")
        page.alpha_composite(made[name].convert("RGBA"))
        assert page.size == wanted.size
        difference = np.asarray(page.convert("RGB"), float) - np.asarray(wanted.convert("RGB"), float)
        assert np.abs(difference).mean() < 2


def test_other_keys_do_not_invoke_the_function(uploads: Uploads) -> None:
    others = ["elsewhere/a.jpg", f"{PREFIX}notes.txt", "restore-folder/b.jpg"]
    for key in others:
        uploads.stack.s3.put_object(Bucket=uploads.source, Key=key, Body=make_image(file_format="JPEG"))
    uploads.put("last.png", make_image())
    uploads.wait_for_derivative("last.png")
    assert [uploads.find_derivative(name) for name in ("elsewhere/a.jpg", "a.jpg", "notes.txt", "b.jpg")] == [
        None
    ] * 4
    assert [uploads.count_outcomes(key).total() for key in others] == [0, 0, 0]


def wait_for_later_upload(uploads: Uploads, name: str) -> None:
    """Wait until an image that is uploaded now has been processed."""
    uploads.put(f"after/{name}", make_image())
    uploads.wait_for_outcomes(f"after/{name}", 1)


def test_both_triggers_and_no_loop(uploads: Uploads) -> None:
    """An upload invokes the function twice: for the original, and for the derivative, which is skipped."""
    uploads.put("loop.png", make_image())
    uploads.wait_for_outcomes("loop.png", 1)
    wait_for_later_upload(uploads, "loop.png")
    assert uploads.count_outcomes(f"{PREFIX}loop.png") == {"made": 1}
    assert uploads.count_outcomes("loop.png") == {"marked": 1}


def test_a_manual_upload_restores_the_original(uploads: Uploads) -> None:
    uploads.put("hand.png", make_image())
    uploads.wait_for_outcomes("hand.png", 1)
    uploads.stack.s3.put_object(Bucket=uploads.destination, Key="hand.png", Body=b"mine")
    uploads.stack.s3.put_object(Bucket=uploads.destination, Key="stranger.png", Body=b"mine")
    assert uploads.wait_for_outcomes("hand.png", 2) == {"marked": 1, "restored": 1}
    assert uploads.wait_for_outcomes("stranger.png", 1) == {"no original": 1}

    restored = uploads.stack.s3.get_object(Bucket=uploads.source, Key="restore-folder/hand.png")
    assert restored["Body"].read() == make_image()
    manual = uploads.find_derivative("hand.png")
    assert manual
    assert manual["Body"].read() == b"mine"
    wait_for_later_upload(uploads, "hand.png")
    assert uploads.count_outcomes("hand.png").total() == 2
    assert not uploads.count_outcomes("restore-folder/hand.png")


@pytest.mark.parametrize("event", [{"Service": "Amazon S3", "Event": "s3:TestEvent"}, {"Records": []}])
def test_an_event_with_nothing_to_do(uploads: Uploads, event: dict[str, Any]) -> None:
    response = uploads.deployment.functions.invoke(
        FunctionName=uploads.deployment.outputs.function_arn, Payload=json.dumps(event).encode()
    )
    assert json.load(response["Payload"]) == {"outcomes": {}}
