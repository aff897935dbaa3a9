"""`invoke backfill`: output, derivatives, and no work done twice."""

from typing import Any

import pytest

from tests.tools.backfill.conftest import FUNCTION_ARN, JOB, PREFIX, Control, FakeAccount, job_response
from tools.backfill import backfill
from tools.backfill.report import TaskResult, write_report
from tools.console import ToolError

NONE_RUNS: dict[str, Any] = {"Jobs": []}
ONE_RUNS = {"Jobs": [{"JobId": JOB, "Description": f"backfill by {FUNCTION_ARN}", "Status": "Active"}]}


def put_originals(account: FakeAccount) -> None:
    for number in range(10):
        account.put(f"{number} é+.png")
    for name in ("broken, 1.jpg", "broken 2.png"):
        account.put(name, b"no image")


def test_the_default_prints_the_cost_and_does_nothing(
    account: FakeAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    put_originals(account)
    account.works_on(account.deployment)

    backfill(local=True)

    output = capsys.readouterr().out
    assert "12 originals with 0.00 GB below" in output
    assert "about 0.25 US dollars" in output
    assert "Nothing was done. Run it with: ./invokew backfill --local --yes" in output
    assert account.keys(account.outputs.destination_bucket) == set()
    assert account.keys(account.outputs.jobs_bucket) == set()


def test_an_empty_bucket(account: FakeAccount, capsys: pytest.CaptureFixture[str]) -> None:
    account.works_on(account.deployment)
    backfill(local=True, yes=True)
    assert "There is nothing to do." in capsys.readouterr().out
    assert account.keys(account.outputs.jobs_bucket) == set()


def test_once_and_again(account: FakeAccount, capsys: pytest.CaptureFixture[str]) -> None:
    put_originals(account)
    account.works_on(account.deployment)

    with pytest.raises(ToolError, match=r"^2 of 12 objects failed\. .* run the command again") as raised:
        backfill(local=True, yes=True)

    assert raised.value.code == 1
    output = capsys.readouterr().out
    assert "12 objects: 10 made, 2 failed." in output
    for name in ("broken, 1.jpg", "broken 2.png"):
        assert f"  {PREFIX}{name}: This is not a JPEG" in output
    destination = account.outputs.destination_bucket
    assert account.keys(destination) == {f"{number} é+.png" for number in range(10)}
    before = account.deployment.s3.list_objects_v2(Bucket=destination)["Contents"]

    for name in ("broken, 1.jpg", "broken 2.png"):
        account.put(name)
    backfill(local=True, yes=True)

    assert "12 objects: 10 current, 2 made, 0 failed." in capsys.readouterr().out
    after = account.deployment.s3.list_objects_v2(Bucket=destination)["Contents"]
    assert [found for found in after if not found["Key"].startswith("broken")] == before


def test_a_key_with_control_characters(account: FakeAccount, capsys: pytest.CaptureFixture[str]) -> None:
    """A terminal must not interpret control characters in keys, which uploaders choose."""
    account.put("a\x1b]0;title\x07\r\u202egnp.png", b"no image")
    account.works_on(account.deployment)

    with pytest.raises(ToolError, match=r"1 of 1 objects failed\. .* run the command again"):
        backfill(local=True, yes=True)

    output = capsys.readouterr().out
    assert rf"  {PREFIX}a\x1b]0;title\x07\r\u202egnp.png: This is not a JPEG" in output
    assert output.replace("\n", "").isprintable()


def test_a_temporary_failure_is_retried(account: FakeAccount) -> None:
    account.put("a.png")
    codes = iter(["TemporaryFailure", "TemporaryFailure", "Succeeded"])
    seen = []

    def function(event: Any) -> Any:
        seen.append(event)
        return {"results": [{"taskId": "1", "resultCode": next(codes), "resultString": "made"}]}

    account.server.function = function
    account.works_on(account.deployment)
    backfill(local=True, yes=True)
    assert len(seen) == 3


def test_a_function_that_raises(account: FakeAccount, capsys: pytest.CaptureFixture[str]) -> None:
    def function(_: Any) -> Any:
        raise RuntimeError("Task timed out")

    account.put("a.png")
    account.server.function = function
    account.works_on(account.deployment)
    with pytest.raises(ToolError, match="1 of 1 objects failed"):
        backfill(local=True, yes=True)
    assert f"{PREFIX}a.png: Task timed out" in capsys.readouterr().out


def put_report(account: FakeAccount, *, failed: int = 0) -> None:
    """Write the report of S3 Batch Operations."""
    lines = [TaskResult(bucket="b", key="a.png", succeeded=True, code="", message="made")]
    broken = TaskResult(bucket="b", key="b.png", succeeded=False, code="PermanentFailure", message="no image")
    write_report(
        account.deployment.s3,
        account.outputs.jobs_bucket,
        f"backfill/reports/job-{JOB}",
        lines + [broken] * failed,
    )


def test_a_job_from_its_start_to_its_report(
    account: FakeAccount, control: Control, capsys: pytest.CaptureFixture[str]
) -> None:
    jobs, stubber, _ = control
    account.put("a.png")
    stubber.add_response("list_jobs", NONE_RUNS)
    stubber.add_response("create_job", {"JobId": JOB})
    stubber.add_response("describe_job", job_response("Complete", 1))
    put_report(account)
    account.works_on(account.in_aws(jobs))

    backfill(yes=True)

    output = capsys.readouterr().out
    assert f"S3 Batch Operations runs the job {JOB}." in output
    report = f"s3://{account.outputs.jobs_bucket}/backfill/reports/job-{JOB}/"
    assert f"Report: {report}\n1 objects: 1 made, 0 failed." in output


def test_some_failed(account: FakeAccount, control: Control, capsys: pytest.CaptureFixture[str]) -> None:
    jobs, stubber, _ = control
    stubber.add_response("describe_job", job_response("Complete", 1, 1))
    put_report(account, failed=1)
    account.works_on(account.in_aws(jobs))
    with pytest.raises(ToolError, match="1 of 2 objects failed"):
        backfill(job=JOB)
    assert "b.png: no image" in capsys.readouterr().out


@pytest.mark.parametrize("status", ["Failed", "Cancelled"])
@pytest.mark.parametrize("reported", [False, True])
def test_a_job_that_fails_or_is_cancelled(
    account: FakeAccount,
    control: Control,
    capsys: pytest.CaptureFixture[str],
    status: str,
    *,
    reported: bool,
) -> None:
    jobs, stubber, _ = control
    why = [{"FailureCode": "X", "FailureReason": "the role may not be assumed"}]
    stubber.add_response("describe_job", job_response(status, FailureReasons=why))
    if reported:
        put_report(account, failed=3)
    account.works_on(account.in_aws(jobs))
    with pytest.raises(
        ToolError, match=rf"ended as {status} \(the role may not.*run ./invokew backfill --yes again"
    ):
        backfill(job=JOB)
    assert ("4 objects: 1 made, 3 failed." in capsys.readouterr().out) == reported


def test_a_job_without_a_report(account: FakeAccount, control: Control) -> None:
    jobs, stubber, _ = control
    stubber.add_response("describe_job", job_response("Complete"))
    account.works_on(account.in_aws(jobs))
    with pytest.raises(ToolError, match="left no report: open it in the console"):
        backfill(job=JOB)


def test_no_second_job_beside_one_that_runs(
    account: FakeAccount, control: Control, capsys: pytest.CaptureFixture[str]
) -> None:
    jobs, stubber, calls = control
    account.put("a.png")
    account.works_on(account.in_aws(jobs))

    stubber.add_response("list_jobs", ONE_RUNS)
    backfill()
    output = capsys.readouterr().out
    assert f"already running: job {JOB}.\nFollow it: ./invokew backfill --job {JOB}" in output
    assert "1 originals" in output

    stubber.add_response("list_jobs", ONE_RUNS)
    stubber.add_response("describe_job", job_response("Complete", 1))
    put_report(account)
    backfill(yes=True)
    assert "1 objects: 1 made" in capsys.readouterr().out
    assert not [asked for asked in calls if "ClientRequestToken" in asked]


@pytest.mark.parametrize(
    ("code", "output"),
    [("AccessDenied", "do not allow that .*CreateJob"), ("InternalServiceException", "refused the request")],
)
def test_a_job_that_cannot_be_started(account: FakeAccount, control: Control, code: str, output: str) -> None:
    jobs, stubber, _ = control
    account.put("a.png")
    stubber.add_response("list_jobs", NONE_RUNS)
    stubber.add_client_error("create_job", code)
    account.works_on(account.in_aws(jobs))
    with pytest.raises(ToolError, match=output):
        backfill(yes=True)


def test_the_local_stack_has_no_jobs(account: FakeAccount) -> None:
    account.works_on(account.deployment)
    with pytest.raises(ToolError, match=r"has no jobs: run \./invokew backfill --local --yes"):
        backfill(local=True, job=JOB)
