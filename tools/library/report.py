"""The report of a job, in the form of S3 Batch Operations, and what it says."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tools.library.manifest import decoded

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
        """As S3 Batch Operations writes it (S3 user guide, "Completion reports")."""
        return [
            self.bucket,
            self.key,
            "",
            _SUCCEEDED if self.succeeded else _FAILED,
            self.code,
            "200",
            self.message,
        ]


@dataclass
class Report:
    """Numbers by outcome, and the reasons of the objects that failed, by key."""

    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, str] = field(default_factory=dict)

    def add(self, line: Line) -> None:
        """Count a line."""
        if line.succeeded:
            self.outcomes[line.message] += 1
        else:
            self.reasons[decoded(line.key)] = line.message or line.code

    def __str__(self) -> str:
        """A sentence, and a line for each of the first objects that failed."""
        total = self.outcomes.total() + len(self.reasons)
        parts = [f"{number:,} {outcome}" for outcome, number in self.outcomes.most_common()]
        lines = [f"{total:,} objects: {', '.join([*parts, f'{len(self.reasons):,} failed'])}."]
        lines += [f"  {key}: {reason}" for key, reason in list(self.reasons.items())[:_LISTED]]
        if len(self.reasons) > _LISTED:
            lines.append(f"  and {len(self.reasons) - _LISTED:,} more")
        return "\n".join(lines)


def read_report(s3: "S3Client", bucket: str, folder: str) -> Report:
    """Read the report below a folder, file after file."""
    report = Report()
    manifest = json.load(s3.get_object(Bucket=bucket, Key=f"{folder}/manifest.json")["Body"])
    for result in manifest["Results"]:
        body = s3.get_object(Bucket=result["Bucket"], Key=result["Key"])["Body"]
        for line in _lines(line.decode() for line in body.iter_lines()):
            report.add(line)
    return report


def write_report(s3: "S3Client", bucket: str, folder: str, lines: Iterable[Line]) -> None:
    """Write a report of one file below a folder."""
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(line.columns() for line in lines)
    results = f"{folder}/results/all.csv"
    s3.put_object(Bucket=bucket, Key=results, Body=text.getvalue().encode(), ContentType="text/csv")
    manifest = {
        "Format": "Report_CSV_20180820",
        "ReportSchema": "Bucket, Key, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage",
        "Results": [{"Bucket": bucket, "Key": results}],
    }
    s3.put_object(Bucket=bucket, Key=f"{folder}/manifest.json", Body=json.dumps(manifest).encode())


def _lines(text: Iterable[str]) -> Iterator[Line]:
    for bucket, key, _, status, code, _, message in csv.reader(text):
        yield Line(bucket=bucket, key=key, succeeded=status == _SUCCEEDED, code=code, message=message)
