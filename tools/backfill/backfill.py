"""Derivatives for the originals that were there before the function was."""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from tqdm import tqdm

from tools.backfill.aws_errors import explained
from tools.backfill.cost import cost_of
from tools.backfill.deployment import Target, find_target
from tools.backfill.jobs import Ended, running_job, start_job, wait_for
from tools.backfill.local_job import run_here
from tools.backfill.manifest import Original, originals, write_manifest
from tools.backfill.report import Report, read_report
from tools.console import ToolError


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


def backfill(*, local: bool = False, yes: bool = False, job: str | None = None) -> None:
    """Say what a backfill would do and cost; with `yes`, do it and print its report.

    Args:
        local: on the running local stack instead of in AWS.
        yes: do it. A backfill that runs already is waited for instead of starting a second one.
        job: the id of a job that was started before: wait for its end and print its report.

    Raises:
        ToolError: some objects failed, or nothing could be done.
    """
    with explained():
        target = find_target(local=local)
        if job is None and target.has_batch_operations:
            job = _at_work(target, yes=yes)
        elif job and not target.has_batch_operations:
            raise ToolError("The local stack has no jobs: run invoke backfill --local --yes.")
        report = _waited(target, job) if job else _counted(target, local=local, yes=yes)
        if report and report.failed:
            raise ToolError(
                f"{report.failed:,} of {report.total:,} objects failed. "
                "When the causes are gone run it again: what is done is not done again."
            )


def backfilled(target: Target, manifest: Path, objects: int) -> Report:
    """Run a manifest and read the report.

    Raises:
        ToolError: the job did not come to its end.
    """
    if not target.has_batch_operations:
        return _printed(target, run_here(target, manifest, objects)) or Report()
    job_id = start_job(target.jobs, target.s3, target.deployment, manifest)
    print(f"S3 Batch Operations runs the job {job_id}.")
    return _report_of(target, wait_for(target.jobs, target.deployment, job_id, is_new=True))


def _at_work(target: Target, *, yes: bool) -> str | None:
    """A job that runs, if there is one to wait for."""
    found = running_job(target.jobs, target.deployment)
    if found:
        print(f"A backfill is at work already: job {found}.")
    if found and not yes:
        print(f"See how it is: invoke backfill --job {found}")
    return found if yes else None


def _waited(target: Target, job_id: str) -> Report:
    return _report_of(target, wait_for(target.jobs, target.deployment, job_id))


def _counted(target: Target, *, local: bool, yes: bool) -> Report | None:
    """Count the originals and say what it costs; with `yes`, work on them."""
    deployment = target.deployment
    with tempfile.TemporaryDirectory() as folder:
        manifest = Path(folder, "manifest.csv")
        count = _listed(target, manifest)
        print(
            f"{count.objects:,} originals with {count.bytes / 1e9:,.2f} GB below "
            f"s3://{deployment.source_bucket}/{deployment.source_prefix}, for s3://{deployment.destination_bucket}."
        )
        if not count.objects:
            print("There is nothing to do.")
            return None
        print(cost_of(count.objects))
        if not yes:
            print(f"Nothing was done. Do it with: invoke backfill {'--local ' if local else ''}--yes")
            return None
        return backfilled(target, manifest, count.objects)


def _listed(target: Target, manifest: Path) -> Count:
    count = Count()
    found = originals(target.s3, target.deployment)
    write_manifest(
        manifest, target.deployment.source_bucket, tqdm(count.over(found), desc="Listing", unit=" originals")
    )
    return count


def _report_of(target: Target, ended: Ended) -> Report:
    """Print what the report of a job says.

    Raises:
        ToolError: the job was broken off, or there is no report.
    """
    report = _printed(target, ended.folder)
    if ended.status != "Complete":
        raise ToolError(
            f"The job {ended.job_id} ended as {ended.status} ({ended.reasons}), with objects left untried. "
            "When the cause is gone run invoke backfill --yes again: what is done is not done again."
        )
    if report is None:
        raise ToolError(
            f"The job {ended.job_id} left no report: see it in the console, S3, Batch Operations."
        )
    return report


def _printed(target: Target, folder: str) -> Report | None:
    bucket = target.deployment.jobs_bucket
    report = read_report(target.s3, bucket, folder)
    if report:
        print(f"Report: s3://{bucket}/{folder}/\n{report}")
    return report
