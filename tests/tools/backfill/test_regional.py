"""`invoke backfill --variant regional_resize`: options, names, and derivatives made ahead."""

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import pytest
from image_core import OUTPUT_VERSION
from regional_resize.handler import lambda_handler
from s3_http import bucket_address, shared_connections

from tests.functions.context import LambdaContext
from tests.tools.backfill.conftest import FUNCTION_ARN, JOB, REGION, Control, FakeAccount, job_response
from tools.backfill import backfill
from tools.backfill.options import name_derivatives
from tools.backfill.outputs import RegionalOutputs
from tools.console import ToolError
from tools.deployment import Deployment
from tools.paths import TERRAFORM

OUTPUTS = RegionalOutputs(
    region=REGION,
    account_id="123456789012",
    source_bucket="images",
    destination_bucket="derivatives",
    jobs_bucket="jobs",
    batch_role_arn="arn:aws:iam::123456789012:role/edge-images-backfill",
    function_arn=FUNCTION_ARN,
    excluded_prefix="resized/",
    quality=80,
    qualities=[40, 60, 80],
    sizes='{"S":[854,480],"hero":{"width":1000,"height":600,"fit":"cover","format":"auto"}}',
    widths=[64, 640, 1080],
)
V = f"v{OUTPUT_VERSION}"


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("width=640&format=auto-avif", f"{V}_w640_q80.auto-avif"),
        ("format=auto-avif&width=640", f"{V}_w640_q80.auto-avif"),
        ("height=64&quality=40", f"{V}_h64_q40"),
        ("fit=cover&gravity=0.3,0.7&height=401&width=640", f"{V}_w640_h401_cover_g30x70_q80"),
        ("size=S&format=webp", f"{V}_w854_h480_box_q80.webp"),
        ("size=hero", f"{V}_w1000_h600_cover_q80.auto"),
        ("format=json", f"{V}_info.json"),
        ("", f"{V}_clean"),
    ],
)
def test_the_name_of_canonical_options(query: str, name: str) -> None:
    assert name_derivatives([query], OUTPUTS) == name


def test_the_built_in_sizes() -> None:
    outputs = replace(OUTPUTS, sizes=None)
    assert name_derivatives(["size=M"], outputs) == f"{V}_w1200_h628_box_q80"


def test_several_options() -> None:
    assert name_derivatives(["width=64", "", "width=64"], OUTPUTS) == f"{V}_w64_q80 {V}_clean"


@pytest.mark.parametrize(
    ("queries", "sentence"),
    [
        ([], "Name the options of the derivatives, for instance --options 'width=640&format=auto-avif'."),
        (["w=640"], "'w=640' is not in canonical form: w is none of its parameters, which are fit, format, "),
        (["width=641"], "'width=641' .* CloudFront rounds the width of a request to one of 64, 640, 1080."),
        (["height=65"], "rounds the height of a request to one of 64, 640, 1080."),
        (["width=640&height=9&quality=81"], "rounds the quality of a request to one of 40, 60, 80."),
        (["width=064"], "rounds the width"),
        (["width=640&width=64"], "The parameter width has two different values."),
        (["size=XXL"], "The parameter size must be one of: S, hero."),
        (["fit=crop&width=64&height=64"], "The parameter fit must be one of: inside, cover, contain, fill."),
        (["format=jpg"], "The parameter format must be one of: auto, "),
        (["to_webp=1"], "to_webp is none of its parameters"),
        (["showExif=true"], "showExif is none of its parameters"),
        (["size=S&width=64"], "The parameters size and width cannot be combined."),
        ([f"width=64&height={height}" for height in range(1, 90)], "too many options for one job"),
    ],
)
def test_options_that_no_viewer_requests(queries: list[str], sentence: str) -> None:
    with pytest.raises(ToolError, match=sentence):
        name_derivatives(queries, OUTPUTS)


def test_the_keys_of_originals() -> None:
    keys = ["a.jpg", "a/b.AVIF", "a.txt", "resized/a.jpg/v4_clean.jpg", "a/../b.jpg", "resized.jpg"]
    assert [key for key in keys if OUTPUTS.is_original(key)] == ["a.jpg", "a/b.AVIF", "resized.jpg"]


def test_terraform_has_what_is_read() -> None:
    written = (TERRAFORM / "modules/edge_images/outputs.tf").read_text("utf-8")
    output = written.partition('output "regional_resize" {')[2].partition("\n}")[0]
    named = {line.split(" = ")[0].strip() for line in output.splitlines() if " = " in line}
    assert {field.name for field in fields(RegionalOutputs)} <= named


@pytest.fixture
def regional(account: FakeAccount, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment[RegionalOutputs]]:
    """The buckets of the account as a deployment of regional_resize, with the real function."""
    common = ("source_bucket", "destination_bucket", "jobs_bucket", "account_id", "region")
    outputs = replace(OUTPUTS, **{name: getattr(account.outputs, name) for name in common})
    deployment = Deployment(
        session=account.deployment.session, endpoint_url=account.deployment.endpoint_url, outputs=outputs
    )
    vars(deployment).update(s3=account.deployment.s3, functions=account.deployment.functions)
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("BUCKET_NAME", outputs.source_bucket)
    monkeypatch.setenv("DERIVATIVES_BUCKET_NAME", outputs.destination_bucket)
    account.server.function = lambda event: lambda_handler(event, LambdaContext())
    account.works_on(deployment)
    # The function runs in threads here: the pools are opened once, as in a sandbox of Lambda.
    url = account.deployment.endpoint_url
    pools = [
        shared_connections(bucket_address(name, region=REGION, endpoint_url=url), None)
        for name in (outputs.source_bucket, outputs.destination_bucket)
    ]
    yield deployment
    for pool in pools:
        pool.close()


def test_the_default_prints_names_and_cost(
    account: FakeAccount, regional: Deployment[RegionalOutputs], capsys: pytest.CaptureFixture[str]
) -> None:
    account.put("a.png")
    backfill(variant="regional_resize", options=["width=64", ""], local=True)
    output = capsys.readouterr().out
    assert "1 originals with" in output
    assert f"Derivatives of each: {V}_w64_q80 {V}_clean." in output
    command = "./invokew backfill --local --variant regional_resize --options width=64 --options '' --yes"
    assert f"Nothing was done. Run it with: {command}" in output
    assert account.keys(regional.outputs.destination_bucket) == set()


def test_once_and_again(
    account: FakeAccount, regional: Deployment[RegionalOutputs], capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(5):
        account.put(f"{number} é+.png", prefix="")
    for name in ("resized/a.png", "notes.txt"):
        account.put(name, prefix="")
    account.put("broken.png", b"no image", prefix="")
    options = {"variant": "regional_resize", "options": ["width=64&format=auto-avif", ""], "local": True}
    with pytest.raises(ToolError, match=r"^1 of 6 objects failed\."):
        backfill(yes=True, **options)  # type: ignore[arg-type]
    assert "6 objects: 5 made, 1 failed." in capsys.readouterr().out
    paths = account.keys(regional.outputs.destination_bucket)
    assert paths == {
        f"{number}_20_C3_A9_2B.png/{V}_{name}"
        for number in range(5)
        for name in ("clean", "w64_q80.auto-avif")
    }
    account.put("broken.png", prefix="")
    backfill(yes=True, **options)  # type: ignore[arg-type]
    assert "6 objects: 5 found, 1 made, 0 failed." in capsys.readouterr().out


def test_a_job_with_arguments(
    account: FakeAccount, regional: Deployment[RegionalOutputs], control: Control
) -> None:
    jobs, stubber, calls = control
    account.put("a.png")
    in_aws = replace(regional, endpoint_url=None)
    vars(in_aws).update(s3=account.deployment.s3, jobs=jobs)
    account.works_on(in_aws)
    other = {"JobId": "other-job", "Description": f"backfill by {FUNCTION_ARN} {V}_clean", "Status": "Active"}
    stubber.add_response("list_jobs", {"Jobs": [other]})
    stubber.add_response("create_job", {"JobId": JOB})
    stubber.add_response("describe_job", job_response("Complete", 1))
    with pytest.raises(ToolError, match="left no report"):
        backfill(variant="regional_resize", options=["width=64"], yes=True)
    created: Any = next(call for call in calls if "ClientRequestToken" in call)
    assert created["Operation"]["LambdaInvoke"]["UserArguments"] == {"derivatives": f"{V}_w64_q80"}
    assert created["Description"] == f"backfill by {FUNCTION_ARN} {V}_w64_q80"


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (
            {"options": ["width=64"]},
            "Options are for --variant regional_resize: s3_trigger has one derivative.",
        ),
        ({"variant": "edge_resize"}, "The variant is s3_trigger or regional_resize, not edge_resize."),
    ],
)
def test_wrong_arguments(more: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ToolError, match=sentence):
        backfill(**more)
