"""All variants in one state: applied together, each answers, planned again, destroyed."""

import re
import shutil
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.local.cloudformation import complaints, documents
from tests.local.leftovers import count_resources
from tests.local.viewer import Viewer
from tools.local import VARIANTS, StackOptions
from tools.local.stack import Stack
from tools.paths import SAMPLES

pytestmark = pytest.mark.xdist_group("all_variants")

# A key that is not the same when it is encoded, or decoded, once too often.
NAME = "a+b 100%25 ä😀.jpg"
# What the emulator held against AWS's models; `tools.local.emulator_models` refuses what is not right.
CHECKED = re.compile(r"(\w+:\w+) held against its model: (.*)")
OPERATIONS = {
    "cloudfront:CreateCachePolicy",
    "cloudfront:CreateDistributionWithTags",
    "cloudfront:CreateOriginAccessControl",
    "cloudfront:CreateResponseHeadersPolicy",
    "cloudwatch:PutMetricAlarm",
    "iam:CreateRole",
    "iam:PutRolePolicy",
    "lambda:AddPermission",
    "lambda:CreateFunction",
    "lambda:PutFunctionEventInvokeConfig",
    "logs:CreateLogGroup",
    "logs:PutRetentionPolicy",
    "s3:CreateBucket",
    "s3:PutBucketEncryption",
    "s3:PutBucketLifecycleConfiguration",
    "s3:PutBucketNotificationConfiguration",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPolicy",
    "s3:PutBucketVersioning",
    "s3:PutPublicAccessBlock",
    "sqs:CreateQueue",
}
SIZES = {"edge_resize": (360, 240), "object_lambda": (360, 240), "s3_trigger": (300, 300)}


def answered(viewer: Viewer, query: str) -> tuple[int, int]:
    """Size of the picture, as soon as there is one: that of an upload is made after it."""
    deadline = time.monotonic() + 60
    while (reply := viewer.get(NAME, query)).status != 200 and time.monotonic() < deadline:
        time.sleep(0.2)
    return reply.picture().size


def test_all_variants_side_by_side(tmp_path: Path) -> None:
    images = tmp_path / "images"
    images.mkdir()
    shutil.copyfile(SAMPLES / "cat.jpg", images / NAME)
    variables = {"object_lambda_origin": "edge_signer", "restore_on_manual_upload": True, "versioning": True}
    options = StackOptions(folder=tmp_path / "stack", variants=VARIANTS, images=images, variables=variables)
    with Stack(options) as stack:
        viewers = {variant: Viewer(url=url) for variant, url in stack.edge_urls.items()}
        sizes = {
            variant: answered(viewer, "" if variant == "s3_trigger" else "size=SS")
            for variant, viewer in viewers.items()
        }
        assert sizes == SIZES
        # S3 reads a literal plus as a space, and no function stands before it: there is no such key.
        assert viewers["s3_trigger"].request(f"/{quote(NAME, safe='+')}").status == 404
        assert set(stack.outputs["function_arns"]) == {
            "edge_resize",
            "edge_signer",
            "object_lambda",
            "s3_trigger",
        }

        created = documents(stack.emulator)
        assert complaints(created) == []
        created["CachePolicy"][0]["MinTTL"] = -1
        assert len(complaints(created)) == 1

        assert not stack.terraform.plan()

        stack.terraform.destroy()
        assert stack.terraform.read_state_resources() == {}
        assert count_resources(stack.emulator) == {}

    checked = CHECKED.findall(stack.state.emulator_log.read_text())
    assert {verdict for _, verdict in checked} == {"right"}
    assert {operation for operation, _ in checked} >= OPERATIONS
