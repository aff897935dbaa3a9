"""The end of the stack: a second plan is empty, destroy leaves nothing."""

import pytest

from tests.local.trigger.conftest import Uploads

pytestmark = pytest.mark.xdist_group("trigger")


def take_away_plus_signs(uploads: Uploads, bucket: str) -> None:
    """Where a list is to be URL-encoded, MiniStack leaves a plus sign as it is, and Terraform reads a space.

    S3 encodes it. Terraform would try to empty the bucket for ever.
    """
    for found in uploads.stack.s3.list_objects_v2(Bucket=bucket).get("Contents", []):
        if "+" in found["Key"]:
            uploads.stack.s3.delete_object(Bucket=bucket, Key=found["Key"])


def test_the_second_plan_is_empty_and_destroy_leaves_nothing(uploads: Uploads) -> None:
    terraform = uploads.stack.terraform
    assert len(terraform.show_state_resources()) >= 20
    assert not uploads.second_plan_changes
    for bucket in (uploads.source, uploads.destination):
        take_away_plus_signs(uploads, bucket)
    terraform.destroy()
    assert terraform.show_state_resources() == {}
    assert uploads.stack.s3.list_buckets()["Buckets"] == []
