"""Listing and deletion of object versions, by thousands and with bounded memory."""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import batched
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tools.console import ToolError
from tools.erase.locations import Extent, Location

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_BATCH = 1000  # objects in one DeleteObjects request (S3 API reference)
# S3 deletes 3,500 objects per second and prefix.
_CONCURRENCY = 4
_ATTEMPTS = 6
_BACKOFF_SECONDS = 0.5
_TRANSIENT = frozenset({"InternalError", "OperationAborted", "ServiceUnavailable", "SlowDown"})
_FORBIDDEN = frozenset({"403", "AccessDenied"})
# Characters that XML 1.0 cannot express, not even escaped (XML 1.0, section 2.2): the list of DeleteObjects
# is XML, and a key in a URL is not.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, kw_only=True)
class ObjectVersion:
    """A version of an object, or a delete marker. Buckets without versioning have versions named `null`."""

    key: str
    version_id: str
    is_marker: bool
    is_latest: bool


@dataclass(kw_only=True)
class Tally:
    """Numbers of object versions and of delete markers."""

    versions: int = 0
    markers: int = 0

    def add(self, version: ObjectVersion) -> None:
        """Count a version or a delete marker."""
        if version.is_marker:
            self.markers += 1
        else:
            self.versions += 1

    @property
    def total(self) -> int:
        """Number of versions and delete markers together."""
        return self.versions + self.markers

    def __str__(self) -> str:
        """Return, for example, `2 objects, 1 delete marker`."""
        text = f"{self.versions:,} {'object' if self.versions == 1 else 'objects'}"
        if self.markers:
            text += f", {self.markers:,} delete {'marker' if self.markers == 1 else 'markers'}"
        return text


@dataclass(kw_only=True)
class Deletion:
    """Result of a deletion.

    Attributes:
        deleted: numbers of deleted versions and delete markers.
        locked: versions that Object Lock protects.
    """

    deleted: Tally = field(default_factory=Tally)
    locked: list[ObjectVersion] = field(default_factory=list)


def list_versions(s3: "S3Client", location: Location) -> Iterator[ObjectVersion]:
    """Yield all versions and delete markers of a location, one page in memory at a time."""
    options: Any = {"Delimiter": "/"} if location.extent is Extent.FOLDER else {}
    pages = s3.get_paginator("list_object_versions").paginate(
        Bucket=location.bucket, Prefix=location.prefix, **options
    )
    for page in pages:
        found = [(each, False) for each in page.get("Versions", [])]
        markers = [(each, True) for each in page.get("DeleteMarkers", [])]
        for each, is_marker in (*found, *markers):
            if location.has(each["Key"]):
                yield ObjectVersion(
                    key=each["Key"],
                    version_id=each["VersionId"],
                    is_marker=is_marker,
                    is_latest=each["IsLatest"],
                )
        # Keys are sorted, and the key that equals the prefix is the first.
        if location.extent is Extent.OBJECT and any(
            each["Key"] != location.prefix for each, _ in (*found, *markers)
        ):
            return


def count_versions(
    s3: "S3Client", location: Location, on_counted: Callable[[int], object] = lambda _: None
) -> Tally:
    """Count the versions and delete markers of a location."""
    tally = Tally()
    for version in list_versions(s3, location):
        tally.add(version)
        on_counted(1)
    return tally


def delete_versions(
    s3: "S3Client",
    bucket: str,
    versions: Iterable[ObjectVersion],
    on_deleted: Callable[[int], object] = lambda _: None,
) -> Deletion:
    """Delete versions for ever, a thousand in one request and four requests at the same time.

    A second run continues an interrupted one: deleted versions are no longer listed.

    Args:
        s3: client of S3.
        bucket: name of the bucket.
        versions: versions to delete; read only as far as requests are sent.
        on_deleted: called with the number of versions of each finished request.

    Raises:
        ToolError: S3 refused a deletion, for another reason than Object Lock.
    """
    deletion = Deletion()

    def collect(done: Iterable[Future[tuple[list[ObjectVersion], list[ObjectVersion]]]]) -> None:
        for future in done:
            deleted, locked = future.result()
            for version in deleted:
                deletion.deleted.add(version)
            deletion.locked += locked
            on_deleted(len(deleted))

    with ThreadPoolExecutor(_CONCURRENCY) as executor:
        running: set[Future[tuple[list[ObjectVersion], list[ObjectVersion]]]] = set()
        for batch in batched(versions, _BATCH, strict=False):
            running.add(executor.submit(_delete_batch, s3, bucket, batch))
            if len(running) >= _CONCURRENCY:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                collect(done)
        collect(running)
    return deletion


def _delete_batch(
    s3: "S3Client", bucket: str, batch: tuple[ObjectVersion, ...]
) -> tuple[list[ObjectVersion], list[ObjectVersion]]:
    """Delete at most a thousand versions. Return the deleted ones and those that Object Lock protects."""
    locked: set[ObjectVersion] = set()
    left = list(batch)
    for attempt in range(_ATTEMPTS):
        errors = _send_deletion(s3, bucket, left)
        failed = [(version, error) for version in left if (error := _find_error(errors, version))]
        locked |= {version for version, error in failed if _is_locked(error)}
        refused = [(version, error) for version, error in failed if not _is_locked(error)]
        if not refused:
            break
        permanent = [(version, error) for version, error in refused if error.get("Code") not in _TRANSIENT]
        if permanent or attempt == _ATTEMPTS - 1:
            raise _refusal(bucket, *(permanent or refused)[0])
        left = [version for version, _ in refused]
        time.sleep(_BACKOFF_SECONDS * 2**attempt)
    return [version for version in batch if version not in locked], sorted(locked, key=lambda each: each.key)


def _find_error(errors: dict[tuple[str, str], Any], version: ObjectVersion) -> Any:
    """Return the error for a version, or for all versions of its key; None if there is none."""
    return errors.get((version.key, version.version_id)) or errors.get((version.key, ""))


def _is_locked(error: Any) -> bool:
    return "object lock" in error.get("Message", "").lower()


def _send_deletion(s3: "S3Client", bucket: str, versions: list[ObjectVersion]) -> dict[tuple[str, str], Any]:
    """Delete versions, in one request if XML can express the keys. Return the errors."""
    listed = [version for version in versions if not _NOT_XML.search(version.key)]
    errors: dict[tuple[str, str], Any] = {}
    if listed:
        response = s3.delete_objects(
            Bucket=bucket,
            Delete={
                "Objects": [{"Key": version.key, "VersionId": version.version_id} for version in listed],
                "Quiet": True,
            },
        )
        errors = {(each["Key"], each.get("VersionId", "")): each for each in response.get("Errors", [])}
    for version in versions:
        if _NOT_XML.search(version.key):
            try:
                s3.delete_object(Bucket=bucket, Key=version.key, VersionId=version.version_id)
            except ClientError as error:
                errors[version.key, version.version_id] = error.response["Error"]
    return errors


def _refusal(bucket: str, version: ObjectVersion, error: Any) -> ToolError:
    where = f"s3://{bucket}/{version.key}"
    reason = f"{error.get('Code', '')} {error.get('Message', '')}".strip()
    if error.get("Code") in _FORBIDDEN:
        return ToolError(
            f"The credentials may not delete {where} ({reason}): grant s3:DeleteObject and "
            f"s3:DeleteObjectVersion on arn:aws:s3:::{bucket}/* and run the command again."
        )
    return ToolError(
        f"S3 did not delete {where} ({reason}): run the command again, which continues where this run ended."
    )


def require_no_mfa_delete(s3: "S3Client", bucket: str) -> None:
    """Require that versions of a bucket can be deleted without a code of an MFA device.

    Raises:
        ToolError: MFA delete is enabled.
    """
    if s3.get_bucket_versioning(Bucket=bucket).get("MFADelete") == "Enabled":
        raise ToolError(
            f"The bucket {bucket} has MFA delete, with which only the root user can delete versions: suspend "
            "MFA delete as root (aws s3api put-bucket-versioning --mfa) and run the command again."
        )
