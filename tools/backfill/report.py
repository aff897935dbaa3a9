"""The report of a job, in the form of S3 Batch Operations, and what it says."""

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

from tools.backfill.manifest import decoded
from tools.console import printable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_LISTED = 50
_SUCCEEDED, _FAILED = "succeeded", "failed"


@dataclass(frozen=True, kw_only=True)
class Line:
    """What became of one object; the key as it is in the manifest."""

    bucket: str
    key: str
    succeeded: bool
    code: str
    message: str

    def columns(self) -> list[str]:
        """As S3 Batch Operations writes it (S3 user guide, "Completion reports", the examples)."""
        status = _SUCCEEDED if self.succeeded else _FAILED
        return [self.bucket, self.key, "", status, "200", self.code, self.message]


@dataclass
class Report:
    """How many objects had which outcome, and why the others failed.

    Attributes:
        outcomes: what the function answered => for how many objects.
        failed: how many objects failed.
        reasons: key => why, of the first that failed: there may be millions.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    reasons: dict[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many objects the report has."""
        return self.outcomes.total() + self.failed

    def add(self, line: Line) -> None:
        """Count a line."""
        message = " ".join(line.message.split())
        if line.succeeded:
            self.outcomes[message or _SUCCEEDED] += 1
            return
        self.failed += 1
        if len(self.reasons) < _LISTED:
            self.reasons[decoded(line.key)] = message or line.code

    def __str__(self) -> str:
        """A sentence, and a line for each of the first objects that failed."""
        parts = [f"{number:,} {printable(outcome)}" for outcome, number in self.outcomes.most_common()]
        lines = [f"{self.total:,} objects: {', '.join([*parts, f'{self.failed:,} failed'])}."]
        lines += [f"  {printable(key)}: {printable(reason)}" for key, reason in self.reasons.items()]
        if self.failed > len(self.reasons):
            lines.append(f"  and {self.failed - len(self.reasons):,} more, which the report names")
        return "\n".join(lines)


def read_report(s3: "S3Client", bucket: str, folder: str) -> Report | None:
    """Read the report below a folder, line by line; None: there is none."""
    report = Report()
    try:
        manifest = json.load(s3.get_object(Bucket=bucket, Key=f"{folder}/manifest.json")["Body"])
    except s3.exceptions.NoSuchKey:
        return None
    for result in manifest["Results"]:
        with closing(s3.get_object(Bucket=result["Bucket"], Key=result["Key"])["Body"]) as body:
            lines = _lines(line.decode() for line in body.iter_lines())
            # One of millions of objects takes minutes.
            for line in tqdm(lines, desc="Reading the report", unit=" objects", delay=2):
                report.add(line)
    return report


def write_report(s3: "S3Client", bucket: str, folder: str, lines: Iterable[Line]) -> None:
    """Write a report of one file below a folder."""
    results = f"{folder}/results/all.csv"
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary, "all.csv")
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(line.columns() for line in lines)
        s3.upload_file(str(path), bucket, results, ExtraArgs={"ContentType": "text/csv"})
    manifest = {
        "Format": "Report_CSV_20180820",
        "ReportSchema": "Bucket, Key, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage",
        "Results": [{"Bucket": bucket, "Key": results}],
    }
    s3.put_object(Bucket=bucket, Key=f"{folder}/manifest.json", Body=json.dumps(manifest).encode())


def _lines(text: Iterable[str]) -> Iterator[Line]:
    for bucket, key, _, status, first, second, message in csv.reader(text):
        # By its schema a report has the error's code before the HTTP status, by its examples after it.
        code = second if first.isdecimal() else first
        yield Line(bucket=bucket, key=key, succeeded=status == _SUCCEEDED, code=code, message=message)
