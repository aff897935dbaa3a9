"""The report of S3 Batch Operations."""

import json
import uuid

import pytest

from tests.tools.backfill.conftest import FakeAccount
from tools.backfill.report import TaskResult, read_report, write_report

# Examples of the S3 user guide, "Completion reports".
AWS_FAILED = (
    "awsexamplebucket1,image_14975,,failed,200,PermanentFailure,"
    '"Lambda returned function error: {""errorMessage"":""Task timed out after 3.00 seconds""}"\n'
)
AWS_SUCCEEDED = 'awsexamplebucket1,image_17775,,succeeded,200,,"made"\n'


def put_report(account: FakeAccount, *files: str) -> str:
    """Put a report of some files into the bucket of the jobs and return its folder."""
    bucket, folder = account.outputs.jobs_bucket, f"backfill/reports/job-{uuid.uuid4()}"
    s3 = account.deployment.s3
    results = []
    for number, text in enumerate(files):
        key = f"{folder}/results/{number}.csv"
        s3.put_object(Bucket=bucket, Key=key, Body=text.encode())
        results.append({"TaskExecutionStatus": "failed", "Bucket": bucket, "MD5Checksum": "x", "Key": key})
    manifest = {"Format": "Report_CSV_20180820", "Results": results}
    s3.put_object(Bucket=bucket, Key=f"{folder}/manifest.json", Body=json.dumps(manifest).encode())
    return folder


@pytest.mark.parametrize(
    ("line", "key", "reason"),
    [
        (AWS_FAILED, "image_14975", "timed out after 3.00 seconds"),
        ("b,a%2Bb%20c.jpg,,failed,200,PermanentFailure,no image\n", "a+b c.jpg", "no image"),
        ("b,a+b.jpg,,failed,200,PermanentFailure,no image\n", "a b.jpg", "no image"),
        ("b,a%1B%5D0%3Bx%07%0A.jpg,,failed,200,PermanentFailure,x\n", "a\x1b]0;x\x07\n.jpg", "x"),
        ("b,a.jpg,,failed,200,PermanentFailure,no \x1b[2J\u202egnp\n", "a.jpg", "no \x1b[2J\u202egnp"),
        ("b,a.jpg,,failed,200,PermanentFailure,\n", "a.jpg", "PermanentFailure"),
        ("b,a.jpg,,failed,PermanentFailure,200,\n", "a.jpg", "PermanentFailure"),
        ("b,a.jpg,,failed,403,AccessDenied,Access Denied\n", "a.jpg", "Access Denied"),
        ('b,a.jpg,,failed,200,PermanentFailure,"two\nlines, "", and a comma"\n', "a.jpg", 'lines, ", and'),
    ],
)
def test_a_line_of_aws(account: FakeAccount, line: str, key: str, reason: str) -> None:
    report = read_report(account.deployment.s3, account.outputs.jobs_bucket, put_report(account, line))

    assert report
    assert (report.failed, report.total, list(report.reasons)) == (1, 1, [key])
    assert reason in report.reasons[key]
    assert len(str(report).splitlines()) == 2
    assert str(report).replace("\n", "").isprintable()


def test_several_files(account: FakeAccount) -> None:
    folder = put_report(account, AWS_SUCCEEDED * 3, AWS_FAILED, AWS_SUCCEEDED.replace("made", "current"))
    report = read_report(account.deployment.s3, account.outputs.jobs_bucket, folder)
    assert report
    assert report.outcomes == {"made": 3, "current": 1}
    assert str(report).startswith("5 objects: 3 made, 1 current, 1 failed.\n  image_14975: ")


def test_an_outcome_with_control_characters(account: FakeAccount) -> None:
    line = 'b,a.jpg,,succeeded,200,,"made \x1b[31m\u202ered"\n'
    report = read_report(account.deployment.s3, account.outputs.jobs_bucket, put_report(account, line))
    assert str(report) == r"1 objects: 1 made \x1b[31m\u202ered, 0 failed."


def test_long_lists_are_cut(account: FakeAccount) -> None:
    lines = "".join(f"b,{number}.jpg,,failed,200,PermanentFailure,no image\n" for number in range(1_200))
    report = read_report(account.deployment.s3, account.outputs.jobs_bucket, put_report(account, lines))
    assert report
    assert report.failed == 1_200
    assert len(report.reasons) == 50
    assert str(report).endswith("and 1,150 more, which the report lists")


def test_a_missing_report(account: FakeAccount) -> None:
    assert read_report(account.deployment.s3, account.outputs.jobs_bucket, "backfill/reports/job-x") is None


def test_round_trip(account: FakeAccount) -> None:
    bucket = account.outputs.jobs_bucket
    lines = [
        TaskResult(bucket="b", key="a%20b.jpg", succeeded=True, code="", message="made"),
        TaskResult(
            bucket="b", key="c.jpg", succeeded=False, code="PermanentFailure", message='no "image", é'
        ),
    ]
    write_report(account.deployment.s3, bucket, "backfill/reports/job-1", lines)
    report = read_report(account.deployment.s3, bucket, "backfill/reports/job-1")
    assert report
    assert (report.outcomes, report.reasons) == ({"made": 1}, {"c.jpg": 'no "image", é'})
