"""The distribution of the derivatives, which has no function."""

import json

import pytest

from tests.local.trigger.conftest import PREFIX, Uploads, make_image, wait_until
from tests.local.viewer import Viewer

pytestmark = pytest.mark.xdist_group("trigger")


@pytest.fixture
def viewer(uploads: Uploads) -> Viewer:
    return Viewer(url=uploads.stack.edge_urls["s3_trigger"])


def test_a_missing_derivative_gives_404_until_it_exists(uploads: Uploads, viewer: Viewer) -> None:
    early = viewer.get("delivered/early.png")
    assert (early.status, early.body) == (404, b"The image does not exist.\n")
    uploads.put("delivered/early.png", make_image())
    wait_until(lambda: viewer.get("delivered/early.png").status == 200)
    lifetimes = viewer.get("delivered/early.png").headers["Cache-Control"]
    assert lifetimes == "public, max-age=86400, s-maxage=86400"


@pytest.mark.parametrize("target", ["/", "//", "/?list-type=2", "/?acl", "/delivered/"])
def test_the_derivatives_cannot_be_listed(uploads: Uploads, viewer: Viewer, target: str) -> None:
    uploads.put("delivered/listed.png", make_image())
    wait_until(lambda: uploads.find_derivative("delivered/listed.png"))
    response = viewer.request(target)
    assert (response.status, b"listed.png" in response.body) == (404, False)
    policy = json.loads(uploads.stack.s3.get_bucket_policy(Bucket=uploads.destination)["Policy"])
    allowed = [statement for statement in policy["Statement"] if statement["Effect"] == "Allow"]
    assert [statement["Action"] for statement in allowed] == ["s3:GetObject"]


def test_requests_for_failed_derivatives_run_no_function(uploads: Uploads, viewer: Viewer) -> None:
    with uploads.without_retries():
        uploads.put("delivered/torn.png", b"no image")
        uploads.wait_for_outcomes(f"{PREFIX}delivered/torn.png", 1)
        for name in ("delivered/torn.png", "delivered/absent.png"):
            assert {viewer.get(name).status for _ in range(50)} == {404}
        assert uploads.count_outcomes(f"{PREFIX}delivered/torn.png").total() == 1
        assert uploads.count_outcomes(f"{PREFIX}delivered/absent.png").total() == 0


def test_a_missing_permission_gives_403(uploads: Uploads, viewer: Viewer) -> None:
    s3, bucket = uploads.stack.s3, uploads.destination
    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    assert viewer.get("delivered/absent-1.png").status == 404
    s3.put_bucket_policy(Bucket=bucket, Policy=policy.replace("s3:GetObject", "s3:GetObjectTagging"))
    try:
        assert viewer.get("delivered/absent-2.png").status == 403
    finally:
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    assert viewer.get("delivered/absent-3.png").status == 404
