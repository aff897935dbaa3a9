"""Derivatives for originals that were uploaded before the function was deployed."""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from tqdm import tqdm

from tools.backfill.aws_errors import explain_aws_errors
from tools.backfill.cost import estimate_cost
from tools.backfill.deployment import Deployment, find_deployment
from tools.backfill.jobs import EndedJob, find_running_job, start_job, wait_for_job
from tools.backfill.local_job import run_local_job
from tools.backfill.manifest import Original, list_originals, write_manifest
from tools.backfill.report import Report, read_report
from tools.console import ToolError


class Tally:
    """Number of originals and their total size in bytes, counted while they are listed."""

    def __init__(self) -> None:
        """Start at zero."""
        self.objects = 0
        self.bytes = 0

    def count(self, found: Iterable[Original]) -> Iterator[str]:
        """Yield the keys of the originals and count each."""
        for original in found:
            self.objects += 1
            self.bytes += original.size_bytes
            yield original.key


def backfill(*, local: bool = False, yes: bool = False, job: str | None = None) -> None:
    """Print the extent and the cost of a backfill; with `yes`, run the backfill and print its report.

    Args:
        local: work on the running local stack instead of AWS.
        yes: run the backfill. If one is running already, wait for that one instead of starting a second.
        job: id of a job that was started before: wait for the end of that job and print its report.

    Raises:
        ToolError: some objects failed, or the backfill could not be run.
    """
    with explain_aws_errors():
        deployment = find_deployment(local=local)
        if job is None and deployment.has_batch_operations:
            job = _join_running_job(deployment, yes=yes)
        elif job and not deployment.has_batch_operations:
            raise ToolError("The local stack has no jobs: run invoke backfill --local --yes.")
        report = (
            _report_job(deployment, wait_for_job(deployment.jobs, deployment.outputs, job))
            if job
            else _backfill_all(deployment, local=local, yes=yes)
        )
        if report and report.failed:
            raise ToolError(
                f"{report.failed:,} of {report.total:,} objects failed. Remove the causes and run it again: "
                "up-to-date derivatives are skipped."
            )


def run_backfill(deployment: Deployment, manifest: Path, objects: int) -> Report:
    """Run the function for every object of a manifest and print the report.

    Args:
        deployment: the deployment that the manifest belongs to.
        manifest: file of the manifest.
        objects: number of objects in the manifest.

    Raises:
        ToolError: the job failed or was cancelled, or left no report.
    """
    if not deployment.has_batch_operations:
        return _print_report(deployment, run_local_job(deployment, manifest, objects)) or Report()
    job_id = start_job(deployment.jobs, deployment.s3, deployment.outputs, manifest)
    print(f"S3 Batch Operations runs the job {job_id}.")
    return _report_job(deployment, wait_for_job(deployment.jobs, deployment.outputs, job_id, is_new=True))


def _join_running_job(deployment: Deployment, *, yes: bool) -> str | None:
    """Mention a running job, and return its id if the caller should wait for the job."""
    job_id = find_running_job(deployment.jobs, deployment.outputs)
    if job_id:
        print(f"A backfill is already running: job {job_id}.")
    if job_id and not yes:
        print(f"Follow it: invoke backfill --job {job_id}")
    return job_id if yes else None


def _backfill_all(deployment: Deployment, *, local: bool, yes: bool) -> Report | None:
    """Count the originals and print the cost; with `yes`, run a backfill of all of them."""
    outputs = deployment.outputs
    with tempfile.TemporaryDirectory() as folder:
        manifest = Path(folder, "manifest.csv")
        tally = _write_manifest(deployment, manifest)
        print(
            f"{tally.objects:,} originals with {tally.bytes / 1e9:,.2f} GB below "
            f"s3://{outputs.source_bucket}/{outputs.source_prefix}, for s3://{outputs.destination_bucket}."
        )
        if not tally.objects:
            print("There is nothing to do.")
            return None
        print(estimate_cost(tally.objects))
        if not yes:
            print(f"Nothing was done. Run it with: invoke backfill {'--local ' if local else ''}--yes")
            return None
        return run_backfill(deployment, manifest, tally.objects)


def _write_manifest(deployment: Deployment, manifest: Path) -> Tally:
    tally = Tally()
    keys = tally.count(list_originals(deployment.s3, deployment.outputs))
    write_manifest(manifest, deployment.outputs.source_bucket, tqdm(keys, desc="Listing", unit=" originals"))
    return tally


def _report_job(deployment: Deployment, ended: EndedJob) -> Report:
    """Print the report of a job.

    Raises:
        ToolError: the job failed or was cancelled, or left no report.
    """
    report = _print_report(deployment, ended.folder)
    if ended.status != "Complete":
        raise ToolError(
            f"The job {ended.job_id} ended as {ended.status} ({ended.reasons}) with objects left untried. "
            "Remove the cause and run invoke backfill --yes again: up-to-date derivatives are skipped."
        )
    if report is None:
        raise ToolError(
            f"The job {ended.job_id} left no report: open it in the console, S3, Batch Operations."
        )
    return report


def _print_report(deployment: Deployment, folder: str) -> Report | None:
    bucket = deployment.outputs.jobs_bucket
    report = read_report(deployment.s3, bucket, folder)
    if report:
        print(f"Report: s3://{bucket}/{folder}/\n{report}")
    return report
