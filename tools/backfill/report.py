"""The completion report of a job, in the format of S3 Batch Operations."""

import csv
import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from tools.backfill.manifest import decode_key
from tools.console import printable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_MAX_LISTED = 50
_SUCCEEDED, _FAILED = "succeeded", "failed"


@dataclass(frozen=True, kw_only=True)
class TaskResult:
    """One line of a report: the result for one object. The key is URL-encoded, as in the manifest."""

    bucket: str
    key: str
    succeeded: bool
    code: str
    message: str

    def to_columns(self) -> list[str]:
        """Return the columns of the line (S3 user guide, "Completion reports", the examples)."""
        status = _SUCCEEDED if self.succeeded else _FAILED
        return [self.bucket, self.key, "", status, "200", self.code, self.message]


@dataclass
class Report:
    """Results of a job, counted.

    Attributes:
        outcomes: number of objects by the function's message, such as "made" or "current".
        failed: number of objects that failed.
        reasons: reason by key, for the first objects that failed; a report may have millions.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    reasons: dict[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Number of objects in the report."""
        return self.outcomes.total() + self.failed

    def add(self, result: TaskResult) -> None:
        """Count a result."""
        message = " ".join(result.message.split())
        if result.succeeded:
            self.outcomes[message or _SUCCEEDED] += 1
            return
        self.failed += 1
        if len(self.reasons) < _MAX_LISTED:
            self.reasons[decode_key(result.key)] = message or result.code

    def __str__(self) -> str:
        """Return a sentence, and one line for each of the first objects that failed."""
        parts = [f"{number:,} {printable(outcome)}" for outcome, number in self.outcomes.most_common()]
        lines = [f"{self.total:,} objects: {', '.join([*parts, f'{self.failed:,} failed'])}."]
        lines += [f"  {printable(key)}: {printable(reason)}" for key, reason in self.reasons.items()]
        if self.failed > len(self.reasons):
            lines.append(f"  and {self.failed - len(self.reasons):,} more, which the report lists")
        return "\n".join(lines)


def read_report(s3: "S3Client", bucket: str, folder: str) -> Report | None:
    """Read the report in a folder of a bucket line by line. Return None if there is none."""
    report = Report()
    try:
        manifest = json.load(s3.get_object(Bucket=bucket, Key=f"{folder}/manifest.json")["Body"])
    except s3.exceptions.NoSuchKey:
        return None
    for file in manifest["Results"]:
        with closing(s3.get_object(Bucket=file["Bucket"], Key=file["Key"])["Body"]) as body:
            results = _parse_results(line.decode() for line in body.iter_lines())
            # A report of millions of objects takes minutes.
            for result in tqdm(results, desc="Reading the report", unit=" objects", delay=2):
                report.add(result)
    return report


def write_report(s3: "S3Client", bucket: str, folder: str, results: Iterable[TaskResult]) -> None:
    """Write a report with a single file of results into a folder of a bucket."""
    key = f"{folder}/results/all.csv"
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary, "all.csv")
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(result.to_columns() for result in results)
        s3.upload_file(str(path), bucket, key, ExtraArgs={"ContentType": "text/csv"})
    manifest = {
        "Format": "Report_CSV_20180820",
        "ReportSchema": "Bucket, Key, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage",
        "Results": [{"Bucket": bucket, "Key": key}],
    }
    s3.put_object(Bucket=bucket, Key=f"{folder}/manifest.json", Body=json.dumps(manifest).encode())


def _parse_results(lines: Iterable[str]) -> Iterator[TaskResult]:
    for bucket, key, _, status, first, second, message in csv.reader(lines):
        # The documented schema puts the error code before the HTTP status, the documented examples after it.
        code = second if first.isdecimal() else first
        yield TaskResult(bucket=bucket, key=key, succeeded=status == _SUCCEEDED, code=code, message=message)
