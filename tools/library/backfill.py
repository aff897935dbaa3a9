"""Derivatives for the originals that were there before the function was."""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from tools.console import step
from tools.library.cost import cost_of
from tools.library.jobs import run_batch_job, run_here
from tools.library.manifest import Original, originals, write_manifest
from tools.library.report import Report, read_report
from tools.library.target import Target, find_target


class Count:
    """How many objects went through, and their bytes."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self.objects = 0
        self.bytes = 0

    def over(self, found: Iterable[Original]) -> Iterator[str]:
        """The keys of what is found, counted on their way."""
        for original in found:
            self.objects += 1
            self.bytes += original.size
            yield original.key


def backfill(*, local: bool = False, yes: bool = False) -> None:
    """Say what a backfill would do and cost; with `yes`, do it and print its report.

    Args:
        local: on the running local stack instead of in AWS.
        yes: do it.
    """
    target = find_target(local=local)
    with tempfile.TemporaryDirectory() as folder:
        manifest = Path(folder, "manifest.csv")
        count = _listed(target, manifest)
        deployment = target.deployment
        print(
            f"{count.objects:,} originals with {count.bytes / 1e9:,.2f} GB below "
            f"s3://{deployment.source_bucket}/{deployment.source_prefix}, for s3://{deployment.destination_bucket}."
        )
        print(cost_of(count.objects))
        if not yes:
            print(f"Nothing was done. Do it with: invoke backfill {'--local ' if local else ''}--yes")
        elif count.objects:
            print(backfilled(target, manifest, count.objects))


def backfilled(target: Target, manifest: Path, objects: int) -> Report:
    """Run a manifest and read the report."""
    run = run_batch_job if target.has_batch_operations else run_here
    folder = run(target, manifest, objects)
    bucket = target.deployment.jobs_bucket
    print(f"Report: s3://{bucket}/{folder}/")
    return read_report(target.s3, bucket, folder)


def _listed(target: Target, manifest: Path) -> Count:
    count = Count()
    with step("Listing the originals"):
        found = originals(target.s3, target.deployment)
        write_manifest(manifest, target.deployment.source_bucket, count.over(found))
    return count
