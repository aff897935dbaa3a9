"""Jobs of S3 Batch Operations, by the service model of botocore."""

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.model import Shape, StringShape

from tests.tools.backfill.conftest import (
    ACCOUNT_ID,
    FUNCTION_ARN,
    JOB,
    REGION,
    Control,
    FakeAccount,
    job_response,
)
from tools.backfill.aws_errors import explain_aws_errors
from tools.backfill.jobs import find_running_job, start_job, wait_for_job
from tools.backfill.manifest import write_manifest
from tools.console import ToolError

COMMAND = "./invokew backfill --option"


def find_violations(shape: Any, value: Any, name: str = "") -> Iterator[str]:
    """Yield strings that break a pattern, a length or an enumeration, which botocore does not check."""
    match shape.type_name:
        case "structure":
            for member, found in value.items():
                yield from find_violations(shape.members[member], found, f"{name}.{member}")
        case "list":
            for found in value:
                yield from find_violations(shape.member, found, name)
        case "string":
            assert isinstance(shape, StringShape)
            minimum, maximum = shape.metadata.get("min", 0), shape.metadata.get("max", 1_024)
            fits = re.fullmatch(shape.metadata.get("pattern", ".*"), value)
            if not fits or not minimum <= len(value) <= maximum or value not in (shape.enum or [value]):
                yield f"{name}: {value}"
        case _:
            assert isinstance(shape, Shape)


@pytest.mark.parametrize("partition", ["aws", "aws-cn"])
@pytest.mark.parametrize("lines", [2, 150_000])
def test_a_job_is_started(
    account: FakeAccount, control: Control, tmp_path: Path, partition: str, lines: int
) -> None:
    jobs, stubber, calls = control
    stubber.add_response("create_job", {"JobId": JOB})
    manifest = tmp_path / "manifest.csv"
    write_manifest(
        manifest, account.outputs.source_bucket, (f"source-folder/a b {n:020}.jpg" for n in range(lines))
    )
    arn = FUNCTION_ARN.replace("arn:aws:", f"arn:{partition}:")

    found = start_job(jobs, account.deployment.s3, replace(account.outputs, function_arn=arn), manifest, {})

    assert found == JOB
    [parameters] = calls
    assert not list(
        find_violations(jobs.meta.service_model.operation_model("CreateJob").input_shape, parameters)
    )
    location = parameters["Manifest"]["Location"]
    bucket, _, key = location["ObjectArn"].removeprefix(f"arn:{partition}:s3:::").partition("/")
    stored = account.deployment.s3.get_object(Bucket=bucket, Key=key)
    assert bucket == account.outputs.jobs_bucket
    # The ETag of a file that is uploaded in parts ends with their number.
    assert stored["ETag"].strip('"') == location["ETag"]
    assert ("-" in location["ETag"]) == (lines > 100_000)
    rows = list(csv.reader(stored["Body"].read().decode().splitlines()))
    assert (len(rows), parameters["Manifest"]["Spec"]["Fields"]) == (lines, ["Bucket", "Key"])
    assert rows[1] == [account.outputs.source_bucket, f"source-folder/a%20b%20{1:020}.jpg"]
    assert parameters["Operation"] == {"LambdaInvoke": {"FunctionArn": arn, "InvocationSchemaVersion": "2.0"}}
    assert parameters["Report"] == {
        "Enabled": True,
        "Bucket": f"arn:{partition}:s3:::{account.outputs.jobs_bucket}",
        "Prefix": "backfill/reports",
        "Format": "Report_CSV_20180820",
        "ReportScope": "AllTasks",
    }
    assert parameters["RoleArn"] == account.outputs.batch_role_arn
    assert parameters["ConfirmationRequired"] is False
    assert key == f"backfill/manifests/{parameters['ClientRequestToken']}.csv"


def test_the_bucket_of_the_jobs_is_missing(account: FakeAccount, control: Control, tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.csv"
    write_manifest(manifest, "b", ["a"])
    outputs = replace(account.outputs, jobs_bucket="nowhere-to-be-found")
    with (
        pytest.raises(
            ToolError, match=r"is missing \(PutObject: NoSuchBucket.*: apply the configuration again"
        ),
        explain_aws_errors(),
    ):
        start_job(control[0], account.deployment.s3, outputs, manifest, {})


def test_each_start_has_a_token_of_its_own(account: FakeAccount, control: Control, tmp_path: Path) -> None:
    jobs, stubber, calls = control
    manifest = tmp_path / "manifest.csv"
    write_manifest(manifest, "b", ["a"])
    for _ in range(2):
        stubber.add_response("create_job", {"JobId": JOB})
        start_job(jobs, account.deployment.s3, account.outputs, manifest, {})
    assert len({parameters["ClientRequestToken"] for parameters in calls}) == 2


@pytest.mark.parametrize(
    ("descriptions", "found"),
    [
        ([[]], None),
        ([["x"], ["backfill by another"]], None),
        ([["x", f"backfill by {FUNCTION_ARN}"]], "job-0-1"),
        ([["x"], [], [f"backfill by {FUNCTION_ARN}"]], "job-2-0"),
    ],
)
def test_a_running_job_is_found(
    account: FakeAccount, control: Control, descriptions: list[list[str]], found: str | None
) -> None:
    jobs, stubber, calls = control
    for number, page in enumerate(descriptions):
        listed = [{"JobId": f"job-{number}-{n}", "Description": text} for n, text in enumerate(page)]
        more = {"NextToken": f"t{number}"} if number + 1 < len(descriptions) else {}
        stubber.add_response("list_jobs", {"Jobs": listed, **more})

    assert find_running_job(jobs, account.outputs, {}) == found

    assert [parameters.get("NextToken") for parameters in calls] == [None, "t0", "t1"][: len(descriptions)]
    shape = jobs.meta.service_model.operation_model("ListJobs").input_shape
    assert not [problem for parameters in calls for problem in find_violations(shape, parameters)]
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
    account: FakeAccount,
    control: Control,
    capsys: pytest.CaptureFixture[str],
    course: tuple[list[str], str, str],
) -> None:
    jobs, stubber, calls = control
    statuses, status, reasons = course
    for number, current in enumerate(statuses):
        why = (
            [{"FailureCode": "X", "FailureReason": "Too many tasks failed\x1b[2J\u202e"}]
            if current == "Failed"
            else []
        )
        stubber.add_response("describe_job", job_response(current, number, 1, FailureReasons=why))

    ended = wait_for_job(jobs, account.outputs, JOB, command=COMMAND, poll_seconds=0)

    assert (ended.status, ended.folder) == (status, f"backfill/reports/job-{JOB}")
    assert reasons in ended.reasons
    assert all(parameters == {"AccountId": ACCOUNT_ID, "JobId": JOB} for parameters in calls)
    shown = capsys.readouterr().err
    assert f"{len(statuses)}/10" in shown
    assert f"{statuses[-1]}: " in shown
    assert "1 failed" in shown


def test_a_new_job_is_not_found_at_once(account: FakeAccount, control: Control) -> None:
    jobs, stubber, _ = control
    for _ in range(3):
        stubber.add_client_error("describe_job", "NotFoundException")
    stubber.add_response("describe_job", job_response("Complete", 10))
    assert (
        wait_for_job(jobs, account.outputs, JOB, command=COMMAND, is_new=True, poll_seconds=0).status
        == "Complete"
    )


@pytest.mark.parametrize(("is_new", "requests"), [(False, 1), (True, 13)])
def test_there_is_no_such_job(account: FakeAccount, control: Control, requests: int, *, is_new: bool) -> None:
    jobs, stubber, _ = control
    for _ in range(requests):
        stubber.add_client_error("describe_job", "NotFoundException")
    with pytest.raises(ToolError, match=f"There is no job {JOB} in {REGION} of {ACCOUNT_ID}: .*90 days"):
        wait_for_job(jobs, account.outputs, JOB, command=COMMAND, is_new=is_new, poll_seconds=0)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("AccessDenied", "do not allow that"),
        ("ExpiredToken", "does not accept the credentials"),
        (None, "^\nThe job continues"),
    ],
)
def test_a_job_continues_when_the_wait_ends(
    account: FakeAccount, control: Control, code: str | None, sentence: str
) -> None:
    jobs, stubber, _ = control
    stubber.add_response("describe_job", job_response("Active", 1))
    if code:
        stubber.add_client_error("describe_job", code)
    else:
        # Ctrl-C before the second request.
        def press(**_: object) -> None:
            if len(control[2]) == 2:
                raise KeyboardInterrupt

        jobs.meta.events.register("provide-client-params.s3-control.DescribeJob", press)
    with pytest.raises(ToolError, match=sentence) as raised:
        wait_for_job(jobs, account.outputs, JOB, command=COMMAND, poll_seconds=0)
    assert "The job continues without this command" in str(raised.value.message)
    assert f"Follow it: {COMMAND} --job {JOB}\n" in str(raised.value.message)
    assert f"--account-id {ACCOUNT_ID} --job-id {JOB} --requested-job-status Cancelled" in str(
        raised.value.message
    )
