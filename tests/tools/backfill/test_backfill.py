"""`invoke backfill`: what it says, what it does, and that it does nothing twice."""

from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber

from tests.tools.backfill.conftest import FUNCTION_ARN, PREFIX, Library
from tests.tools.backfill.test_jobs import JOB, described
from tools.backfill import backfill
from tools.backfill.report import Line, write_report
from tools.console import ToolError

if TYPE_CHECKING:
    from mypy_boto3_s3control import S3ControlClient

type Control = tuple["S3ControlClient", Stubber, list[Any]]

NONE_RUNS: dict[str, Any] = {"Jobs": []}
ONE_RUNS = {"Jobs": [{"JobId": JOB, "Description": f"backfill by {FUNCTION_ARN}", "Status": "Active"}]}


def fill(library: Library) -> None:
    for number in range(10):
        library.put(f"{number} é+.png")
    for name in ("broken, 1.jpg", "broken 2.png"):
        library.put(name, b"no picture")


def test_by_default_it_only_says(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    fill(library)
    library.works_on(library.target)

    backfill(local=True)

    said = capsys.readouterr().out
    assert "12 originals with 0.00 GB below" in said
    assert "about 0.25 US dollars" in said
    assert "Nothing was done. Do it with: invoke backfill --local --yes" in said
    assert library.keys(library.deployment.destination_bucket) == set()
    assert library.keys(library.deployment.jobs_bucket) == set()


def test_an_empty_library(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    library.works_on(library.target)
    backfill(local=True, yes=True)
    assert "There is nothing to do." in capsys.readouterr().out
    assert library.keys(library.deployment.jobs_bucket) == set()


def test_once_and_again(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    fill(library)
    library.works_on(library.target)

    with pytest.raises(ToolError, match=r"^2 of 12 objects failed\. .* run it again") as raised:
        backfill(local=True, yes=True)

    assert raised.value.code == 1
    said = capsys.readouterr().out
    assert "12 objects: 10 made, 2 failed." in said
    for name in ("broken, 1.jpg", "broken 2.png"):
        assert f"  {PREFIX}{name}: This is not a JPEG" in said
    destination = library.deployment.destination_bucket
    assert library.keys(destination) == {f"{number} é+.png" for number in range(10)}
    before = library.target.s3.list_objects_v2(Bucket=destination)["Contents"]

    for name in ("broken, 1.jpg", "broken 2.png"):
        library.put(name)
    backfill(local=True, yes=True)

    assert "12 objects: 10 current, 2 made, 0 failed." in capsys.readouterr().out
    after = library.target.s3.list_objects_v2(Bucket=destination)["Contents"]
    assert [found for found in after if not found["Key"].startswith("broken")] == before


def test_a_key_with_control_characters(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    """Keys come from whoever may upload: a terminal must not interpret them."""
    library.put("a\x1b]0;title\x07\r\u202egnp.png", b"no image")
    library.works_on(library.target)

    with pytest.raises(ToolError, match=r"1 of 1 objects failed\. .* run it again"):
        backfill(local=True, yes=True)

    said = capsys.readouterr().out
    assert rf"  {PREFIX}a\x1b]0;title\x07\r\u202egnp.png: This is not a JPEG" in said
    assert said.replace("\n", "").isprintable()


def test_a_passing_fault_is_tried_again(library: Library) -> None:
    library.put("a.png")
    answers = iter(["TemporaryFailure", "TemporaryFailure", "Succeeded"])
    seen = []

    def function(event: Any) -> Any:
        seen.append(event)
        return {"results": [{"taskId": "1", "resultCode": next(answers), "resultString": "made"}]}

    library.server.function = function
    library.works_on(library.target)
    backfill(local=True, yes=True)
    assert len(seen) == 3


def test_a_function_that_breaks_down(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    def function(_: Any) -> Any:
        raise RuntimeError("Task timed out")

    library.put("a.png")
    library.server.function = function
    library.works_on(library.target)
    with pytest.raises(ToolError, match="1 of 1 objects failed"):
        backfill(local=True, yes=True)
    assert f"{PREFIX}a.png: Task timed out" in capsys.readouterr().out


def report_of(library: Library, *, failed: int = 0) -> None:
    """What S3 Batch Operations leaves."""
    lines = [Line(bucket="b", key="a.png", succeeded=True, code="", message="made")]
    broken = Line(bucket="b", key="b.png", succeeded=False, code="PermanentFailure", message="no picture")
    write_report(
        library.target.s3,
        library.deployment.jobs_bucket,
        f"backfill/reports/job-{JOB}",
        lines + [broken] * failed,
    )


def test_a_job_from_its_start_to_its_report(
    library: Library, control: Control, capsys: pytest.CaptureFixture[str]
) -> None:
    jobs, stubber, _ = control
    library.put("a.png")
    stubber.add_response("list_jobs", NONE_RUNS)
    stubber.add_response("create_job", {"JobId": JOB})
    stubber.add_response("describe_job", described("Complete", 1))
    report_of(library)
    library.works_on(library.in_aws(jobs))

    backfill(yes=True)

    said = capsys.readouterr().out
    assert f"S3 Batch Operations runs the job {JOB}." in said
    report = f"s3://{library.deployment.jobs_bucket}/backfill/reports/job-{JOB}/"
    assert f"Report: {report}\n1 objects: 1 made, 0 failed." in said


def test_some_failed(library: Library, control: Control, capsys: pytest.CaptureFixture[str]) -> None:
    jobs, stubber, _ = control
    stubber.add_response("describe_job", described("Complete", 1, 1))
    report_of(library, failed=1)
    library.works_on(library.in_aws(jobs))
    with pytest.raises(ToolError, match="1 of 2 objects failed"):
        backfill(job=JOB)
    assert "b.png: no picture" in capsys.readouterr().out


@pytest.mark.parametrize("status", ["Failed", "Cancelled"])
@pytest.mark.parametrize("reported", [False, True])
def test_a_job_that_was_broken_off(
    library: Library,
    control: Control,
    capsys: pytest.CaptureFixture[str],
    status: str,
    *,
    reported: bool,
) -> None:
    jobs, stubber, _ = control
    why = [{"FailureCode": "X", "FailureReason": "the role may not be assumed"}]
    stubber.add_response("describe_job", described(status, FailureReasons=why))
    if reported:
        report_of(library, failed=3)
    library.works_on(library.in_aws(jobs))
    with pytest.raises(
        ToolError, match=rf"ended as {status} \(the role may not.*run invoke backfill --yes again"
    ):
        backfill(job=JOB)
    assert ("4 objects: 1 made, 3 failed." in capsys.readouterr().out) == reported


def test_a_job_without_a_report(library: Library, control: Control) -> None:
    jobs, stubber, _ = control
    stubber.add_response("describe_job", described("Complete"))
    library.works_on(library.in_aws(jobs))
    with pytest.raises(ToolError, match="left no report: see it in the console"):
        backfill(job=JOB)


def test_no_second_job_beside_one_that_runs(
    library: Library, control: Control, capsys: pytest.CaptureFixture[str]
) -> None:
    jobs, stubber, calls = control
    library.put("a.png")
    library.works_on(library.in_aws(jobs))

    stubber.add_response("list_jobs", ONE_RUNS)
    backfill()
    said = capsys.readouterr().out
    assert f"at work already: job {JOB}.\nSee how it is: invoke backfill --job {JOB}" in said
    assert "1 originals" in said

    stubber.add_response("list_jobs", ONE_RUNS)
    stubber.add_response("describe_job", described("Complete", 1))
    report_of(library)
    backfill(yes=True)
    assert "1 objects: 1 made" in capsys.readouterr().out
    assert not [asked for asked in calls if "ClientRequestToken" in asked]


@pytest.mark.parametrize(
    ("code", "said"),
    [("AccessDenied", "may not do that .*CreateJob"), ("InternalServiceException", "refused it")],
)
def test_no_job_is_to_be_had(library: Library, control: Control, code: str, said: str) -> None:
    jobs, stubber, _ = control
    library.put("a.png")
    stubber.add_response("list_jobs", NONE_RUNS)
    stubber.add_client_error("create_job", code)
    library.works_on(library.in_aws(jobs))
    with pytest.raises(ToolError, match=said):
        backfill(yes=True)


def test_the_local_stack_has_no_jobs(library: Library) -> None:
    library.works_on(library.target)
    with pytest.raises(ToolError, match="has no jobs: run invoke backfill --local --yes"):
        backfill(local=True, job=JOB)
