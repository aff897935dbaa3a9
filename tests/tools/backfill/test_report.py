"""The report of S3 Batch Operations."""

import json
import uuid

import pytest

from tests.tools.backfill.conftest import Library
from tools.backfill.report import Line, read_report, write_report

# Of the S3 user guide, "Completion reports".
AWS_FAILED = (
    "awsexamplebucket1,image_14975,,failed,200,PermanentFailure,"
    '"Lambda returned function error: {""errorMessage"":""Task timed out after 3.00 seconds""}"\n'
)
AWS_SUCCEEDED = 'awsexamplebucket1,image_17775,,succeeded,200,,"made"\n'


def put_report(library: Library, *files: str) -> str:
    """Put a report of some files into the bucket of the jobs; its folder."""
    bucket, folder = library.deployment.jobs_bucket, f"backfill/reports/job-{uuid.uuid4()}"
    s3 = library.target.s3
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
        ("b,a%2Bb%20c.jpg,,failed,200,PermanentFailure,no picture\n", "a+b c.jpg", "no picture"),
        ("b,a+b.jpg,,failed,200,PermanentFailure,no picture\n", "a b.jpg", "no picture"),
        ("b,a%1B%5D0%3Bx%07%0A.jpg,,failed,200,PermanentFailure,x\n", "a\x1b]0;x\x07\n.jpg", "x"),
        ("b,a.jpg,,failed,200,PermanentFailure,no \x1b[2J\u202egnp\n", "a.jpg", "no \x1b[2J\u202egnp"),
        ("b,a.jpg,,failed,200,PermanentFailure,\n", "a.jpg", "PermanentFailure"),
        ("b,a.jpg,,failed,PermanentFailure,200,\n", "a.jpg", "PermanentFailure"),
        ("b,a.jpg,,failed,403,AccessDenied,Access Denied\n", "a.jpg", "Access Denied"),
        ('b,a.jpg,,failed,200,PermanentFailure,"two\nlines, "", and a comma"\n', "a.jpg", 'lines, ", and'),
    ],
)
def test_a_line_of_aws(library: Library, line: str, key: str, reason: str) -> None:
    report = read_report(library.target.s3, library.deployment.jobs_bucket, put_report(library, line))

    assert report
    assert (report.failed, report.total, list(report.reasons)) == (1, 1, [key])
    assert reason in report.reasons[key]
    assert len(str(report).splitlines()) == 2
    assert str(report).replace("\n", "").isprintable()


def test_several_files(library: Library) -> None:
    folder = put_report(library, AWS_SUCCEEDED * 3, AWS_FAILED, AWS_SUCCEEDED.replace("made", "current"))
    report = read_report(library.target.s3, library.deployment.jobs_bucket, folder)
    assert report
    assert report.outcomes == {"made": 3, "current": 1}
    assert str(report).startswith("5 objects: 3 made, 1 current, 1 failed.\n  image_14975: ")


def test_an_outcome_with_control_characters(library: Library) -> None:
    line = 'b,a.jpg,,succeeded,200,,"made \x1b[31m\u202ered"\n'
    report = read_report(library.target.s3, library.deployment.jobs_bucket, put_report(library, line))
    assert str(report) == r"1 objects: 1 made \x1b[31m\u202ered, 0 failed."


def test_more_failures_than_anybody_reads(library: Library) -> None:
    lines = "".join(f"b,{number}.jpg,,failed,200,PermanentFailure,no picture\n" for number in range(1_200))
    report = read_report(library.target.s3, library.deployment.jobs_bucket, put_report(library, lines))
    assert report
    assert report.failed == 1_200
    assert len(report.reasons) == 50
    assert str(report).endswith("and 1,150 more, which the report names")


def test_there_is_none(library: Library) -> None:
    assert read_report(library.target.s3, library.deployment.jobs_bucket, "backfill/reports/job-x") is None


def test_one_of_ours(library: Library) -> None:
    bucket = library.deployment.jobs_bucket
    lines = [
        Line(bucket="b", key="a%20b.jpg", succeeded=True, code="", message="made"),
        Line(bucket="b", key="c.jpg", succeeded=False, code="PermanentFailure", message='no "picture", é'),
    ]
    write_report(library.target.s3, bucket, "backfill/reports/job-1", lines)
    report = read_report(library.target.s3, bucket, "backfill/reports/job-1")
    assert report
    assert (report.outcomes, report.reasons) == ({"made": 1}, {"c.jpg": 'no "picture", é'})
