"""Deletion of an original and of everything that any variant made from it.

The order makes every interruption harmless, and a repetition ends in the same state:

1. The original is hidden by a delete marker, so that no function can read any version of it. Without the
   marker, an older version would be the current one while the versions are deleted one after the other.
2. Its versions are deleted, then its delete markers. From here on nothing can be made from it.
3. Derivatives are deleted, then invalidated: the other way round, CloudFront would store them again.
4. A function that had read the original before step 1 may still store a derivative or respond to CloudFront.
   Step 3 is repeated when the timeout of such a function has passed.

A repetition runs every step, whatever the earlier run did: an interruption between deletion and invalidation
leaves no trace in S3.
"""

import shlex
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from tqdm import tqdm

from tools.backfill.aws_errors import explain_aws_errors
from tools.console import ToolError, printable
from tools.deployment import Deployment, find_deployment
from tools.erase.dialogue import confirm, print_counts, print_paths
from tools.erase.invalidations import create_invalidations, wait_for_invalidations
from tools.erase.locations import Location, Selection, find_trigger_name, list_made_from, list_originals
from tools.erase.objects import (
    Deletion,
    Tally,
    count_versions,
    delete_versions,
    list_versions,
    require_no_mfa_delete,
)
from tools.erase.outputs import Distribution, Outputs
from tools.erase.purge import delete_location, find_paths, require_unlocked

# Timeouts of the functions: 30 s at the edge and behind a function URL, 120 s on an upload.
_MAX_RUN_SECONDS = 30.0
_MAX_TRIGGER_RUN_SECONDS = 120.0
_REPEATED = "After an interrupted run, CloudFront may still have copies."


def erase(key: str, *, local: bool = False, configuration: str | None = None, yes: bool = False) -> None:
    """Ask, then delete an original, its versions and everything made from it, in S3 and in CloudFront.

    Args:
        key: key of the original.
        local: work on the running local stack instead of AWS.
        configuration: folder with the configuration of the deployment, see `find_deployment`.
        yes: do not ask.

    Raises:
        ToolError: there is no deployment, AWS refused a request, or Object Lock protects a version.
    """
    if not key or key.endswith("/"):
        raise ToolError("Name the key of one original, such as people/person.jpg.")
    with explain_aws_errors():
        deployment = find_deployment(Outputs.from_terraform, local=local, configuration=configuration)
        is_for_trigger = find_trigger_name(deployment.outputs, key) is not None
        longest = _MAX_TRIGGER_RUN_SECONDS if is_for_trigger else _MAX_RUN_SECONDS
        eraser = Eraser(deployment=deployment, key=key, longest_run_seconds=longest)
        print("To delete for ever and to invalidate:")
        if not print_counts(eraser.count()):
            print(f"  S3 has nothing under the key {printable(key)}: check the spelling. {_REPEATED}")
        print_paths(eraser.paths)
        command = f"./invokew erase {shlex.quote(key)}{deployment.option} --yes"
        if yes or confirm("Delete all of this for ever?", command):
            eraser.run()


@dataclass(frozen=True, kw_only=True)
class Eraser:
    """Erases one original.

    Attributes:
        deployment: the deployment that has the original.
        key: key of the original.
        longest_run_seconds: time for which a function may run that read the original before its deletion.
    """

    deployment: Deployment[Outputs]
    key: str
    longest_run_seconds: float

    @cached_property
    def originals(self) -> list[Location]:
        """The original and the copy that s3_trigger may have restored."""
        return list_originals(self.deployment.outputs, self.key)

    @cached_property
    def made_from(self) -> list[Location]:
        """Everything that the variants made from these."""
        return list_made_from(self.deployment.outputs, self.key)

    @cached_property
    def paths(self) -> dict[Distribution, list[str]]:
        """Invalidation paths of each distribution."""
        keys = [Selection(text=each.prefix, is_prefix=False) for each in self.originals]
        return find_paths(self.deployment, keys)

    def count(self) -> Iterator[tuple[Location, Tally]]:
        """Yield each location with its numbers of versions and delete markers."""
        for location in (*self.originals, *self.made_from):
            yield location, count_versions(self.deployment.s3, location)

    def run(self) -> None:
        """Erase the original and print the report.

        Raises:
            ToolError: AWS refused a request, Object Lock protects a version, or the key was uploaded again.
        """
        for bucket in dict.fromkeys(each.bucket for each in (*self.originals, *self.made_from)):
            require_no_mfa_delete(self.deployment.s3, bucket)
        deletions = [(each, self._delete_original(each)) for each in self.originals]
        started = time.monotonic()
        deletions += self._delete_made_from()
        left = started + self.longest_run_seconds - time.monotonic()
        if left > 0:
            print(f"Waiting {left:.0f} s for functions that have read the original before.", flush=True)
            time.sleep(left)
        deletions += self._delete_made_from()
        self._report(deletions)
        require_unlocked(deletions)
        if any(tally.total for _, tally in self.count()):
            raise ToolError(
                "The key was uploaded again in the meantime: stop the upload and run the command again."
            )

    def _delete_original(self, location: Location) -> Deletion:
        """Hide an original, then delete its unfinished uploads, its versions and its delete markers."""
        deleted = self._hide(location)
        self._abort_uploads(location)
        deletion = self._delete(location, is_marker=False)
        # Below the delete marker, a version that Object Lock protects cannot be read.
        if not deletion.locked:
            deleted.markers += self._delete(location, is_marker=True).deleted.markers
        deletion.deleted.versions += deleted.versions
        deletion.deleted.markers = deleted.markers
        return deletion

    def _delete(self, location: Location, *, is_marker: bool) -> Deletion:
        found = list_versions(self.deployment.s3, location)
        return delete_versions(
            self.deployment.s3, location.bucket, (each for each in found if each.is_marker is is_marker)
        )

    def _hide(self, location: Location) -> Tally:
        """Put a delete marker over an original. Return what the report must count more, or less."""
        found = list_versions(self.deployment.s3, location)
        if not any(each.is_latest and not each.is_marker for each in found):
            return Tally()
        response = self.deployment.s3.delete_object(Bucket=location.bucket, Key=location.prefix)
        # Without versioning, the object itself is deleted.
        return Tally(markers=-1) if response.get("DeleteMarker") else Tally(versions=1)

    def _abort_uploads(self, location: Location) -> None:
        """Delete the parts of unfinished multipart uploads. They are images too, and no list shows them."""
        s3 = self.deployment.s3
        pages = s3.get_paginator("list_multipart_uploads").paginate(
            Bucket=location.bucket, Prefix=location.prefix
        )
        for upload in (upload for page in pages for upload in page.get("Uploads", [])):
            if upload["Key"] == location.prefix:
                s3.abort_multipart_upload(
                    Bucket=location.bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                )

    def _delete_made_from(self) -> list[tuple[Location, Deletion]]:
        """Delete everything made from the originals, and wait until the invalidations have ended."""
        with tqdm(desc="Deleting", unit=" objects", disable=None) as bar:
            deletions = [(each, delete_location(self.deployment, each, bar)) for each in self.made_from]
        cloudfront = self.deployment.cloudfront
        wait_for_invalidations(cloudfront, create_invalidations(cloudfront, self.paths))
        return deletions

    def _report(self, deletions: Sequence[tuple[Location, Deletion]]) -> None:
        """Print what was deleted, with the sum of both rounds for each location."""
        sums: dict[Location, Tally] = {}
        for location, deletion in deletions:
            tally = sums.setdefault(location, Tally())
            tally.versions += deletion.deleted.versions
            tally.markers += deletion.deleted.markers
        print("Deleted and invalidated:")
        print_counts(sums.items())
        print_paths(self.paths)
