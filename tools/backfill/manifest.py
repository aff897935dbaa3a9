"""The list of all originals, as S3 Batch Operations reads it."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_plus

from tools.backfill.deployment import Deployment

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, kw_only=True)
class Original:
    """An object of the source bucket; `size` in bytes."""

    key: str
    size: int


def originals(s3: "S3Client", deployment: Deployment) -> Iterator[Original]:
    """All objects that would start the function if they were uploaded now, page by page."""
    suffixes = tuple(deployment.suffixes) or ("",)
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=deployment.source_bucket, Prefix=deployment.source_prefix
    )
    for page in pages:
        for found in page.get("Contents", []):
            key = found["Key"]
            # A key with a slash at its end stands for a folder.
            below = not key.startswith(deployment.restore_prefix) and not key.endswith("/")
            if below and key.endswith(suffixes):
                yield Original(key=key, size=found["Size"])


def write_manifest(path: Path, bucket: str, keys: Iterable[str]) -> None:
    """Write a manifest: a line for each object, with its key encoded as in a URL and no header.

    It names no versions: a job may run for days, and the function is to see what is newest then. Without
    a version id a task is about the latest version (S3 user guide, "Creating an S3 Batch Operations job").
    """
    with path.open("w", encoding="ascii", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows((bucket, quote(key)) for key in keys)


def read_manifest(path: Path) -> Iterator[list[str]]:
    """Bucket and key of each line, the key still encoded."""
    with path.open(encoding="ascii", newline="") as file:
        yield from csv.reader(file)


def decoded(key: str) -> str:
    """The key itself, of one in a manifest or a report."""
    return unquote_plus(key)
