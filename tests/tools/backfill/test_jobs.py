"""Jobs of S3 Batch Operations, by the service model of botocore."""

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.model import Shape, StringShape
from botocore.stub import Stubber

from tests.tools.backfill.conftest import ACCOUNT, FUNCTION_ARN, REGION, Library
from tools.backfill.aws_errors import explained
from tools.backfill.jobs import running_job, start_job, wait_for
from tools.backfill.manifest import write_manifest
from tools.console import ToolError

if TYPE_CHECKING:
    from mypy_boto3_s3control import S3ControlClient

type Control = tuple["S3ControlClient", Stubber, list[Any]]

JOB = "00e123a4-c0d8-41f4-a0eb-b46f9ba5b07c"


def outside(shape: Any, value: Any, name: str = "") -> Iterator[str]:
    """Strings that break a pattern, a length or a choice of the service model; botocore lets them pass."""
    match shape.type_name:
        case "structure":
            for member, found in value.items():
                yield from outside(shape.members[member], found, f"{name}.{member}")
        case "list":
            for found in value:
                yield from outside(shape.member, found, name)
        case "string":
            assert isinstance(shape, StringShape)
            shortest, longest = shape.metadata.get("min", 0), shape.metadata.get("max", 1_024)
            fits = re.fullmatch(shape.metadata.get("pattern", ".*"), value)
            if not fits or not shortest <= len(value) <= longest or value not in (shape.enum or [value]):
                yield f"{name}: {value}"
        case _:
            assert isinstance(shape, Shape)


def described(status: str, succeeded: int = 0, failed: int = 0, **more: Any) -> dict[str, Any]:
    """An answer of DescribeJob."""
    progress = {
        "TotalNumberOfTasks": 10,
        "NumberOfTasksSucceeded": succeeded,
        "NumberOfTasksFailed": failed,
    }
    return {"Job": {"JobId": JOB, "Status": status, "ProgressSummary": progress, **more}}


@pytest.mark.parametrize("partition", ["aws", "aws-cn"])
@pytest.mark.parametrize("lines", [2, 150_000])
def test_a_job_is_started(
    library: Library, control: Control, tmp_path: Path, partition: str, lines: int
) -> None:
    jobs, stubber, calls = control
    stubber.add_response("create_job", {"JobId": JOB})
    manifest = tmp_path / "manifest.csv"
    write_manifest(
        manifest, library.deployment.source_bucket, (f"source-folder/a b {n:020}.jpg" for n in range(lines))
    )
    arn = FUNCTION_ARN.replace("arn:aws:", f"arn:{partition}:")

    found = start_job(jobs, library.target.s3, replace(library.deployment, function_arn=arn), manifest)

    assert found == JOB
    [asked] = calls
    assert not list(outside(jobs.meta.service_model.operation_model("CreateJob").input_shape, asked))
    location = asked["Manifest"]["Location"]
    bucket, _, key = location["ObjectArn"].removeprefix(f"arn:{partition}:s3:::").partition("/")
    stored = library.target.s3.get_object(Bucket=bucket, Key=key)
    assert bucket == library.deployment.jobs_bucket
    # In parts, where it is large: such an ETag ends with their number.
    assert stored["ETag"].strip('"') == location["ETag"]
    assert ("-" in location["ETag"]) == (lines > 100_000)
    rows = list(csv.reader(stored["Body"].read().decode().splitlines()))
    assert (len(rows), asked["Manifest"]["Spec"]["Fields"]) == (lines, ["Bucket", "Key"])
    assert rows[1] == [library.deployment.source_bucket, f"source-folder/a%20b%20{1:020}.jpg"]
    assert asked["Operation"] == {"LambdaInvoke": {"FunctionArn": arn, "InvocationSchemaVersion": "2.0"}}
    assert asked["Report"] == {
        "Enabled": True,
        "Bucket": f"arn:{partition}:s3:::{library.deployment.jobs_bucket}",
        "Prefix": "backfill/reports",
        "Format": "Report_CSV_20180820",
        "ReportScope": "AllTasks",
    }
    assert asked["RoleArn"] == library.deployment.batch_role_arn
    assert asked["ConfirmationRequired"] is False
    assert key == f"backfill/manifests/{asked['ClientRequestToken']}.csv"


def test_the_bucket_of_the_jobs_is_gone(library: Library, control: Control, tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.csv"
    write_manifest(manifest, "b", ["a"])
    deployment = replace(library.deployment, jobs_bucket="nowhere-to-be-found")
    with (
        pytest.raises(ToolError, match=r"not there any more \(PutObject: NoSuchBucket.*: run invoke apply"),
        explained(),
    ):
        start_job(control[0], library.target.s3, deployment, manifest)


def test_each_start_has_a_token_of_its_own(library: Library, control: Control, tmp_path: Path) -> None:
    jobs, stubber, calls = control
    manifest = tmp_path / "manifest.csv"
    write_manifest(manifest, "b", ["a"])
    for _ in range(2):
        stubber.add_response("create_job", {"JobId": JOB})
        start_job(jobs, library.target.s3, library.deployment, manifest)
    assert len({asked["ClientRequestToken"] for asked in calls}) == 2


@pytest.mark.parametrize(
    ("descriptions", "found"),
    [
        ([[]], None),
        ([["x"], ["backfill by another"]], None),
        ([["x", f"backfill by {FUNCTION_ARN}"]], "job-0-1"),
        ([["x"], [], [f"backfill by {FUNCTION_ARN}"]], "job-2-0"),
    ],
)
def test_a_job_that_runs_is_found(
    library: Library, control: Control, descriptions: list[list[str]], found: str | None
) -> None:
    jobs, stubber, calls = control
    for number, page in enumerate(descriptions):
        listed = [{"JobId": f"job-{number}-{n}", "Description": text} for n, text in enumerate(page)]
        more = {"NextToken": f"t{number}"} if number + 1 < len(descriptions) else {}
        stubber.add_response("list_jobs", {"Jobs": listed, **more})

    assert running_job(jobs, library.deployment) == found

    assert [asked.get("NextToken") for asked in calls] == [None, "t0", "t1"][: len(descriptions)]
    shape = jobs.meta.service_model.operation_model("ListJobs").input_shape
    assert not [problem for asked in calls for problem in outside(shape, asked)]
    ended = {"Complete", "Failed", "Cancelled", "Failing", "Cancelling"}
    every = set(shape.members["JobStatuses"].member.enum)  # type: ignore[union-attr]
    assert set(calls[0]["JobStatuses"]) == every - ended


@pytest.mark.parametrize(
    "course",
    [
        (["New", "Preparing", "Ready", "Active", "Completing", "Complete"], "Complete", ""),
        (["Active", "Pausing", "Paused", "Active", "Complete"], "Complete", ""),
        (["Active", "Failing", "Failed"], "Failed", r"Too many tasks failed\x1b[2J\u202e"),
        (["Active", "Cancelling", "Cancelled"], "Cancelled", "AWS gives no reason"),
    ],
)
def test_until_it_ends(
    library: Library,
    control: Control,
    capsys: pytest.CaptureFixture[str],
    course: tuple[list[str], str, str],
) -> None:
    jobs, stubber, calls = control
    answers, status, reasons = course
    for number, answer in enumerate(answers):
        why = (
            [{"FailureCode": "X", "FailureReason": "Too many tasks failed\x1b[2J\u202e"}]
            if answer == "Failed"
            else []
        )
        stubber.add_response("describe_job", described(answer, number, 1, FailureReasons=why))

    ended = wait_for(jobs, library.deployment, JOB, poll_seconds=0)

    assert (ended.status, ended.folder) == (status, f"backfill/reports/job-{JOB}")
    assert reasons in ended.reasons
    assert all(asked == {"AccountId": ACCOUNT, "JobId": JOB} for asked in calls)
    shown = capsys.readouterr().err
    assert f"{len(answers)}/10" in shown
    assert f"{answers[-1]}: " in shown
    assert "1 failed" in shown


def test_a_new_job_is_not_known_at_once(library: Library, control: Control) -> None:
    jobs, stubber, _ = control
    for _ in range(3):
        stubber.add_client_error("describe_job", "NotFoundException")
    stubber.add_response("describe_job", described("Complete", 10))
    assert wait_for(jobs, library.deployment, JOB, is_new=True, poll_seconds=0).status == "Complete"


@pytest.mark.parametrize(("is_new", "looks"), [(False, 1), (True, 13)])
def test_there_is_no_such_job(library: Library, control: Control, looks: int, *, is_new: bool) -> None:
    jobs, stubber, _ = control
    for _ in range(looks):
        stubber.add_client_error("describe_job", "NotFoundException")
    with pytest.raises(ToolError, match=f"There is no job {JOB} in {REGION} of {ACCOUNT}: .*90 days"):
        wait_for(jobs, library.deployment, JOB, is_new=is_new, poll_seconds=0)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("AccessDenied", "may not do that"),
        ("ExpiredToken", "does not accept the credentials"),
        (None, "^\nThe job goes on"),
    ],
)
def test_it_goes_on_when_nobody_looks(
    library: Library, control: Control, code: str | None, said: str
) -> None:
    jobs, stubber, _ = control
    stubber.add_response("describe_job", described("Active", 1))
    if code:
        stubber.add_client_error("describe_job", code)
    else:
        # Ctrl-C while it waits for the second look.
        def press(**_: object) -> None:
            if len(control[2]) == 2:
                raise KeyboardInterrupt

        jobs.meta.events.register("provide-client-params.s3-control.DescribeJob", press)
    with pytest.raises(ToolError, match=said) as raised:
        wait_for(jobs, library.deployment, JOB, poll_seconds=0)
    assert "The job goes on without this command" in str(raised.value.message)
    assert f"invoke backfill --job {JOB}" in str(raised.value.message)
    assert f"--account-id {ACCOUNT} --job-id {JOB} --requested-job-status Cancelled" in str(
        raised.value.message
    )
