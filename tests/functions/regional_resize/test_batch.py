"""Derivatives that a task of S3 Batch Operations makes ahead."""

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

import pytest
from batch_operations import BatchEventError
from image_core import OUTPUT_VERSION
from regional_resize.handler import lambda_handler

from tests.functions.context import LambdaContext
from tests.functions.regional_resize.conftest import path_of
from tests.libs.s3_http.fault_proxy import status

if TYPE_CHECKING:
    from tests.functions.regional_resize.conftest import Region

BROKEN = Path(__file__).parents[2] / "images/broken"
SMALL, CLEAN = f"v{OUTPUT_VERSION}_w64_q80", f"v{OUTPUT_VERSION}_clean"


def run(
    region: "Region", key: str, names: str = SMALL, bucket: str | None = None, limit_seconds: float = 30
) -> tuple[str, str]:
    """Return the code and the text of the result of a task."""
    event = {
        "invocationSchemaVersion": "2.0",
        "invocationId": "i",
        "job": {"id": "j", "userArguments": {"derivatives": names}},
        "tasks": [{"taskId": "t", "s3Bucket": bucket or region.originals, "s3Key": quote_plus(key)}],
    }
    [result] = lambda_handler(event, LambdaContext(limit_seconds))["results"]
    assert result["taskId"] == "t"
    return result["resultCode"], result["resultString"]


@pytest.mark.parametrize("key", ["cat.jpg", "a b+ü.jpg"])
def test_one_derivative(region: "Region", cat: bytes, key: str) -> None:
    region.upload(key, cat)
    assert run(region, key) == ("Succeeded", "made")
    assert region.listing() == [path_of(key, "width=64")]
    assert run(region, key) == ("Succeeded", "found")
    assert [(line["outcome"], line["key"], line["derivative"]) for line in region.log()] == [
        ("made", key, SMALL),
        ("found", key, SMALL),
    ]


def test_several_derivatives(region: "Region", cat: bytes) -> None:
    region.upload("cat.jpg", cat)
    run(region, "cat.jpg")
    assert run(region, "cat.jpg", f"{CLEAN} {SMALL}") == ("Succeeded", "made")
    assert region.listing() == [f"cat.jpg/{CLEAN}", f"cat.jpg/{SMALL}"]
    assert [line["outcome"] for line in region.log()] == ["made", "made", "found"]
    assert run(region, "cat.jpg", f"{CLEAN} {SMALL}") == ("Succeeded", "found")


@pytest.mark.parametrize(
    ("key", "names", "reason"),
    [
        ("broken.jpg", SMALL, "This is not a JPEG"),
        ("missing.jpg", SMALL, "404"),
        ("broken.jpg", "v1_clean", "404 NoSuchKey"),
        ("broken.jpg", "width=64", "404 NoSuchKey"),
        ("broken.txt", SMALL, "404 NoSuchKey"),
        ("broken.jpg", "", "the job has no argument derivatives"),
        (f"{'a' * 1020}.jpg", SMALL, "too long"),
    ],
)
def test_permanent_failures(region: "Region", key: str, names: str, reason: str) -> None:
    region.upload("broken.jpg", (BROKEN / "text.jpg").read_bytes())
    code, text = run(region, key, names)
    assert code == "PermanentFailure"
    assert reason in text
    assert region.listing() == []
    assert [line["key"] for line in region.log()] == [key]


def test_another_bucket(region: "Region") -> None:
    assert run(region, "cat.jpg", bucket="other") == (
        "PermanentFailure",
        f"the originals are in {region.originals}, not in other",
    )


@pytest.mark.parametrize(
    ("fault", "method", "expected"),
    [(500, "GET", "TemporaryFailure"), (503, "PUT", "TemporaryFailure"), (403, "PUT", "PermanentFailure")],
)
def test_faults_of_s3(region: "Region", cat: bytes, fault: int, method: str, expected: str) -> None:
    region.upload("cat.jpg", cat)
    region.proxy.inject(status(fault), method=method)
    code, text = run(region, "cat.jpg")
    assert code == expected
    assert str(fault) in text


@pytest.mark.usefixtures("patient_parent")
def test_a_missed_deadline_is_temporary(region: "Region", cat: bytes) -> None:
    region.upload("cat.jpg", cat)
    code, text = run(region, "cat.jpg", limit_seconds=3)
    assert (code, text) == ("TemporaryFailure", "The image takes too long to be made.")


def test_an_event_with_another_format() -> None:
    event: dict[str, Any] = {"invocationSchemaVersion": "2.0", "tasks": []}
    with pytest.raises(BatchEventError):
        lambda_handler(event, LambdaContext())
