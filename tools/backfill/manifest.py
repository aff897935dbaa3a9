"""The manifest of a job: a list of all originals in the format of S3 Batch Operations."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_plus

from tools.backfill.outputs import Outputs

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, kw_only=True)
class Original:
    """An object of the source bucket."""

    key: str
    size_bytes: int


def list_originals(s3: "S3Client", outputs: Outputs) -> Iterator[Original]:
    """Yield every original, page by page."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=outputs.source_bucket, Prefix=outputs.prefix)
    for page in pages:
        for found in page.get("Contents", []):
            key = found["Key"]
            is_folder = key.endswith("/")  # the S3 console makes such an object for a folder
            if outputs.is_original(key) and not is_folder:
                yield Original(key=key, size_bytes=found["Size"])


def write_manifest(path: Path, bucket: str, keys: Iterable[str]) -> None:
    """Write a manifest: one line per object with bucket and URL-encoded key, without a header.

    Version ids are left out. A job may run for days, and a task without a version id processes the latest
    version (S3 user guide, "Creating an S3 Batch Operations job").
    """
    with path.open("w", encoding="ascii", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows((bucket, quote(key)) for key in keys)


def read_manifest(path: Path) -> Iterator[list[str]]:
    """Yield bucket and URL-encoded key of each line."""
    with path.open(encoding="ascii", newline="") as file:
        yield from csv.reader(file)


def decode_key(key: str) -> str:
    """Decode a key of a manifest or a report."""
    return unquote_plus(key)
