"""All variants in one state: applied, requested, planned again and destroyed."""

import json
import re
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.local.cases import CASES, TABLE, Case, fault
from tests.local.cloudformation import lint_documents, list_documents
from tests.local.leftovers import count_resources
from tests.local.metric_filters import read_metrics
from tests.local.viewer import Response, Viewer
from tests.running_provider import run_provider
from tests.tools.erase.interruption import InterruptedByTestError, Interruption
from tools.console import ToolError
from tools.deployment import Deployment
from tools.doctor.doctor import examine
from tools.erase.erase import Eraser
from tools.erase.outputs import Outputs
from tools.local import VARIANTS, StackOptions
from tools.local.stack import Stack
from tools.paths import SAMPLES
from tools.terraform import Terraform
from tools.terraform.hcl import read_statements

pytestmark = pytest.mark.xdist_group("all_variants")

# A key that changes if it is encoded or decoded once too often.
NAME = "a+b 100%25 ä😀.jpg"
# Log lines of `tools.local.emulator.terraform_requests`.
CHECKED = re.compile(r"(\w+:\w+) against its model: (.*)")
OPERATIONS = {
    "cloudfront:CreateCachePolicy",
    "cloudfront:CreateDistributionWithTags",
    "cloudfront:CreateFunction",
    "cloudfront:CreateMonitoringSubscription",
    "cloudfront:CreateOriginAccessControl",
    "cloudfront:CreateOriginRequestPolicy",
    "cloudfront:CreateResponseHeadersPolicy",
    "cloudfront:PublishFunction",
    "cloudwatch:PutDashboard",
    "cloudwatch:PutMetricAlarm",
    "events:PutRule",
    "events:PutTargets",
    "iam:CreateRole",
    "iam:PutRolePolicy",
    "lambda:AddPermission",
    "lambda:CreateEventSourceMapping",
    "lambda:CreateFunction",
    "lambda:PutFunctionEventInvokeConfig",
    "logs:CreateLogGroup",
    "logs:PutMetricFilter",
    "logs:PutQueryDefinition",
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
MODULE = "module.edge_images"
ADDRESS = re.compile(r"module\.\w+")
QUERIES = {variant: "" if variant == "s3_trigger" else "size=SS" for variant in VARIANTS}


def get_when_ready(viewer: Viewer, key: str, query: str) -> Response:
    """Return the first response with status 200: an upload's derivative is made after the upload."""
    deadline = time.monotonic() + 60
    while (response := viewer.get(key, query)).status != 200 and time.monotonic() < deadline:
        time.sleep(0.2)
    return response


def judge(case: Case, viewer: Viewer, query: str) -> str:
    """Return "right", or the fault of a derivative."""
    response = get_when_ready(viewer, case.name, query)
    if response.status != 200:
        return f"status {response.status}"
    return fault(case, response.body) or "right"


def plan_over_the_state_before_the_module(terraform: Terraform, folder: Path) -> Counter[tuple[str, ...]]:
    """Count the actions of a plan over the state as it was when the root had the resources itself."""
    copy = shutil.copytree(terraform.folder, folder / "terraform", symlinks=True)
    for name in ("dist", "functions", "libs"):
        (folder / name).symlink_to((terraform.folder / ".." / name).resolve())
    path = copy / "terraform.tfstate"
    state = json.loads(path.read_text())
    moved = {
        statement.value(text)
        for text in [(copy / "moved.tf").read_text()]
        for block in read_statements(text)
        for statement in block.body or ()
        if statement.name == "from"
    }
    for resource in state["resources"]:
        inside = resource["module"].removeprefix(MODULE).removeprefix(".")
        if inside == "module.originals_notification[0]":
            # The trigger module had the notification.
            inside = "module.trigger[0]"
            resource["instances"][0]["index_key"] = "source"
        if (ADDRESS.match(inside) or [f"{resource['type']}.{resource['name']}"])[0] in moved:
            resource["module"] = inside
            if not inside:
                del resource["module"]
    path.write_text(json.dumps(state | {"serial": state["serial"] + 1}))
    # The plan before has just read all resources, and found them as in the state.
    environment = {**(terraform.environment or {}), "TF_CLI_ARGS_plan": "-refresh=false"}
    return Counter(Terraform(copy, environment=environment).plan_changes().values())


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """All variants in versioned buckets. The last test destroys them."""
    folder = tmp_path_factory.mktemp("everything")
    images = folder / "images"
    images.mkdir()
    shutil.copyfile(SAMPLES / "cat.jpg", images / NAME)
    variables = {
        "monitoring": {"alarm_actions": ["arn:aws:sns:us-east-1:000000000000:oncall"]},
        "object_lambda": {"origin": "edge_signer"},
        "regional_resize": {"derivative_expiration_days": 30},
        "s3_trigger": {
            "fit": "inside",
            "restore_on_manual_upload": True,
            "size": {"width": 360, "height": 360},
            "suffixes": [".jpg", ".png", ".gif"],
        },
        "versioning": True,
    }
    options = StackOptions(folder=folder / "stack", variants=VARIANTS, images=images, variables=variables)
    with Stack(options) as stack:
        yield stack


def test_all_variants_side_by_side(everything: Stack, record_property: Callable[[str, object], None]) -> None:
    stack = everything
    viewers = {variant: Viewer(url=url) for variant, url in stack.edge_urls.items()}
    for variant, viewer in viewers.items():
        image = get_when_ready(viewer, NAME, QUERIES[variant]).image()
        assert image.size == (360, 240), variant
    bucket, prefix = stack.outputs["bucket_name"], stack.outputs["s3_trigger"]["source_prefix"]
    for key, case in ((f"{folder}{case.name}", case) for case in TABLE for folder in ("", prefix)):
        stack.s3.put_object(Bucket=bucket, Key=key, Body=(CASES / case.name).read_bytes())
    results = {
        case.name: {variant: judge(case, viewer, QUERIES[variant]) for variant, viewer in viewers.items()}
        for case in TABLE
    }
    for name, by_variant in results.items():
        record_property("measured", f"{name:24} {by_variant}")
    assert results == {case.name: dict.fromkeys(VARIANTS, "right") for case in TABLE}
    for viewer in viewers.values():
        refused = viewer.get(NAME, "size=SS&size=S")
        assert (refused.status, refused.x_cache) == (400, "FunctionGeneratedResponse")
    # S3 reads a literal plus as a space. The function for viewer requests encodes the plus.
    for viewer in viewers.values():
        plus = viewer.request(f"/{quote(NAME, safe='+')}")
        assert (plus.status, plus.body) == (200, viewer.request(f"/{quote(NAME)}").body)
    assert set(stack.outputs["function_arns"]) == {
        "edge_resize",
        "edge_signer",
        "object_lambda",
        "purge",
        "regional_resize",
        "s3_trigger",
    }

    s3 = stack.emulator.session().client("s3", endpoint_url=stack.emulator_url)
    bucket = stack.outputs["regional_resize"]["destination_bucket"]
    rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    s3.close()
    days = {next(iter(rule["Filter"])): rule["Expiration"]["Days"] for rule in rules if "Expiration" in rule}
    # Traces: twice these days, the largest TTL of a year, and a week.
    assert days == {"ObjectSizeGreaterThan": 30, "ObjectSizeLessThan": 2 * 30 + 365 + 7}

    metrics = read_metrics(stack.emulator)
    makers = {function for metric, function in metrics if metric == "Derivatives"}
    assert makers == set(VARIANTS)
    assert {metric for metric, function in metrics if function == "object_lambda"} == {
        "DerivativeBytes",
        "Derivatives",
        "OriginalBytes",
        "TransformTime",
    }


@pytest.fixture(scope="module")
def deployment(everything: Stack) -> Iterator[Deployment[Outputs]]:
    """The deployment, as the commands find it."""
    found = Deployment(
        session=everything.emulator.session(),
        endpoint_url=everything.emulator_url,
        outputs=Outputs.from_terraform(everything.outputs),
        edge_urls=everything.edge_urls,
    )
    yield found
    for client in (found.s3, found.cloudfront, found.functions):
        client.close()


def test_the_doctor_finds_no_fault(
    deployment: Deployment[Outputs], capsys: pytest.CaptureFixture[str]
) -> None:
    examine(deployment)
    assert capsys.readouterr().out.count("  ok      ") == 46
    for bucket in deployment.outputs.buckets:
        assert not [key for key in list_all_keys(deployment, bucket) if "doctor" in key]


def test_the_doctor_finds_a_disabled_rule(
    everything: Stack,
    deployment: Deployment[Outputs],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tools.doctor.checks._PURGE_SECONDS", 5)
    events = everything.emulator.session().client("events", endpoint_url=everything.emulator_url)
    events.disable_rule(Name="edge-images-purge")
    try:
        with pytest.raises(ToolError, match="1 of 46 checks failed"):
            examine(deployment)
    finally:
        events.enable_rule(Name="edge-images-purge")
        events.close()
    [line] = [line for line in capsys.readouterr().out.splitlines() if "FAILED" in line]
    assert "a replaced image is new without a command: the image is still the old one 5 s after" in line


def list_all_keys(deployment: Deployment[Outputs], bucket: str) -> list[str]:
    """Return the keys of all versions, delete markers and unfinished uploads."""
    pages = deployment.s3.get_paginator("list_object_versions").paginate(Bucket=bucket)
    found = [each for page in pages for each in (*page.get("Versions", []), *page.get("DeleteMarkers", []))]
    uploads = deployment.s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
    return [each["Key"] for each in found] + [each["Key"] for each in uploads]


def test_an_erased_image_is_nowhere(everything: Stack, deployment: Deployment[Outputs]) -> None:
    """Interrupted at one step after the other, and repeated."""
    name = "people/per son+é.jpg"
    outputs, s3 = deployment.outputs, deployment.s3
    key = f"{outputs.source_prefix}{name}"
    viewers = {variant: Viewer(url=url) for variant, url in everything.edge_urls.items()}
    widths = (16, 32, 48, 64, 96, 128, 256, 384, 640, 750, 828, 1080, 1200, 1920, 2048, 3840)
    queries = [
        "",
        *(f"width={width}&format={each}" for each in ("webp", "png", "gif", "jpeg") for width in widths),
    ]
    restored = f"{outputs.restore_prefix}{name}"
    on_request = [variant for variant in viewers if variant != "s3_trigger"]
    urls = [(variant, key, query) for variant in on_request for query in queries]
    urls += [(variant, restored, query) for variant in on_request for query in queries[:4]]
    urls.append(("s3_trigger", name, ""))
    assert len(urls) >= 200
    for sample in ("cat.jpg", "sunset.jpg"):
        s3.put_object(Bucket=outputs.originals_bucket, Key=key, Body=(SAMPLES / sample).read_bytes())
    s3.put_object(
        Bucket=outputs.originals_bucket,
        Key=restored,
        Body=(SAMPLES / "sunset.jpg").read_bytes(),
    )
    s3.create_multipart_upload(Bucket=outputs.originals_bucket, Key=key)
    for variant, each, query in urls:
        if query in {"", queries[1]}:
            assert get_when_ready(viewers[variant], each, query).status == 200, (variant, each)
    eraser = Eraser(deployment=deployment, key=key, longest_run_seconds=0)
    assert all(tally.total for _, tally in eraser.count())

    interrupted, step = True, 0
    while interrupted:
        with Interruption(deployment=deployment, step=step, after=step % 2 == 0, seen=[]):
            try:
                eraser.run()
                interrupted = False
            except InterruptedByTestError:
                step += 1
    assert step > 15

    for bucket in outputs.buckets:
        assert not [
            each for each in list_all_keys(deployment, bucket) if "per son" in each or "per_20son" in each
        ]
    found = Counter(viewers[variant].get(each, query).status for variant, each, query in urls)
    assert found == {404: len(urls)}


def test_all_variants_are_planned_again_and_destroyed(everything: Stack, tmp_path: Path) -> None:
    stack = everything
    created = list_documents(stack.emulator)
    assert lint_documents(created) == []
    created["CachePolicy"][0]["MinTTL"] = -1
    assert len(lint_documents(created)) == 1

    folder = stack.terraform.folder
    with run_provider(folder, stack.terraform.environment or {}) as environment:
        terraform = Terraform(folder, environment=environment)
        assert not terraform.plan()
        actions = plan_over_the_state_before_the_module(terraform, tmp_path / "before")
        assert actions.keys() <= {("move",), ("no-op",)}
        assert actions["move",] >= 60

        terraform.destroy()
        assert terraform.read_state_resources() == {}
    assert count_resources(stack.emulator) == {}

    checked = CHECKED.findall(stack.state.emulator_log.read_text())
    assert {result for _, result in checked} == {"valid"}
    assert {operation for operation, _ in checked} >= OPERATIONS
