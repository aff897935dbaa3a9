"""Derivatives for originals that were uploaded before the function was deployed."""

import shlex
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from tqdm import tqdm

from tools.backfill.aws_errors import explain_aws_errors
from tools.backfill.cost import TRIGGER_EFFORT, Effort, estimate_cost
from tools.backfill.jobs import Arguments, EndedJob, find_running_job, start_job, wait_for_job
from tools.backfill.local_job import run_local_job
from tools.backfill.manifest import Original, list_originals, write_manifest
from tools.backfill.options import name_derivatives
from tools.backfill.outputs import Outputs, RegionalOutputs, TriggerOutputs
from tools.backfill.report import Report, read_report
from tools.console import ToolError
from tools.deployment import Deployment, find_deployment


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


def backfill(  # noqa: PLR0913  # the options of a command line
    *,
    variant: str = TriggerOutputs.VARIANT,
    options: Sequence[str] = (),
    local: bool = False,
    configuration: str | None = None,
    yes: bool = False,
    job: str | None = None,
) -> None:
    """Print the extent and the cost of a backfill; with `yes`, run the backfill and print its report.

    Args:
        variant: s3_trigger or regional_resize.
        options: canonical queries of the derivatives to make; for regional_resize only.
        local: work on the running local stack instead of AWS.
        configuration: folder with the configuration of the deployment, see `find_deployment`.
        yes: run the backfill. If one is running already, wait for that one instead of starting a second.
        job: id of a job that was started before: wait for the end of that job and print its report.

    Raises:
        ToolError: some objects failed, or the backfill could not be run.
    """
    with explain_aws_errors():
        work = _plan(variant, options, local=local, configuration=configuration, job=job)
        if job is None and not work.deployment.is_local:
            job = _join_running_job(work, yes=yes)
        elif job and work.deployment.is_local:
            raise ToolError("The local stack has no jobs: run ./invokew backfill --local --yes.")
        report = _wait_and_report(work, job) if job else _backfill_all(work, yes=yes)
        if report and report.failed:
            raise ToolError(
                f"{report.failed:,} of {report.total:,} objects failed. Remove the causes and run the "
                "command again: up-to-date derivatives are skipped."
            )


@dataclass(frozen=True, kw_only=True)
class Work:
    """A backfill.

    Attributes:
        deployment: the deployment.
        command: command line without `--job` and `--yes`, for messages.
        arguments: arguments of the job.
        effort: work for each original.
    """

    deployment: Deployment[Outputs]
    command: str = "./invokew backfill"
    arguments: Arguments = MappingProxyType({})
    effort: Effort = TRIGGER_EFFORT


def _plan(
    variant: str, options: Sequence[str], *, local: bool, configuration: str | None, job: str | None
) -> Work:
    if variant == TriggerOutputs.VARIANT:
        if options:
            raise ToolError("Options are for --variant regional_resize: s3_trigger has one derivative.")
        triggered = find_deployment(
            TriggerOutputs.from_terraform, local=local, configuration=configuration, variant=variant
        )
        return Work(deployment=triggered, command=f"./invokew backfill{triggered.option}")
    if variant != RegionalOutputs.VARIANT:
        raise ToolError(f"The variant is s3_trigger or regional_resize, not {variant}.")
    deployment = find_deployment(
        RegionalOutputs.from_terraform, local=local, configuration=configuration, variant=variant
    )
    command = f"./invokew backfill{deployment.option} --variant {variant}"
    if job:
        return Work(deployment=deployment, command=command)
    names = name_derivatives(options, deployment.outputs)
    return Work(
        deployment=deployment,
        command=command + "".join(f" --options {shlex.quote(each)}" for each in options),
        arguments={"derivatives": names},
        effort=Effort(derivatives=len(names.split()), reads=3),
    )


def run_backfill(work: Work, manifest: Path, objects: int) -> Report:
    """Run the function for every object of a manifest and print the report.

    Args:
        work: the backfill that the manifest belongs to.
        manifest: file of the manifest.
        objects: number of objects in the manifest.

    Raises:
        ToolError: the job failed or was cancelled, or left no report.
    """
    deployment = work.deployment
    if deployment.is_local:  # the emulator has no S3 Batch Operations
        folder = run_local_job(deployment, manifest, objects, work.arguments)
        return _print_report(deployment, folder) or Report()
    job_id = start_job(deployment.jobs, deployment.s3, deployment.outputs, manifest, work.arguments)
    print(f"S3 Batch Operations runs the job {job_id}.")
    return _wait_and_report(work, job_id, is_new=True)


def _join_running_job(work: Work, *, yes: bool) -> str | None:
    """Mention a running job, and return its id if the caller should wait for the job."""
    job_id = find_running_job(work.deployment.jobs, work.deployment.outputs, work.arguments)
    if job_id:
        print(f"A backfill is already running: job {job_id}.")
    if job_id and not yes:
        print(f"Follow it: {work.command} --job {job_id}")
    return job_id if yes else None


def _backfill_all(work: Work, *, yes: bool) -> Report | None:
    """Count the originals and print the cost; with `yes`, run a backfill of all of them."""
    outputs = work.deployment.outputs
    with tempfile.TemporaryDirectory() as folder:
        manifest = Path(folder, "manifest.csv")
        tally = _write_manifest(work.deployment, manifest)
        print(
            f"{tally.objects:,} originals with {tally.bytes / 1e9:,.2f} GB below "
            f"s3://{outputs.source_bucket}/{outputs.prefix}, for s3://{outputs.destination_bucket}."
        )
        if names := work.arguments.get("derivatives"):
            print(f"Derivatives of each: {names}.")
        if not tally.objects:
            print("There is nothing to do.")
            return None
        print(estimate_cost(tally.objects, work.effort))
        if not yes:
            print(f"Nothing was done. Run it with: {work.command} --yes")
            return None
        return run_backfill(work, manifest, tally.objects)


def _write_manifest(deployment: Deployment[Outputs], manifest: Path) -> Tally:
    tally = Tally()
    keys = tally.count(list_originals(deployment.s3, deployment.outputs))
    write_manifest(manifest, deployment.outputs.source_bucket, tqdm(keys, desc="Listing", unit=" originals"))
    return tally


def _wait_and_report(work: Work, job_id: str, *, is_new: bool = False) -> Report:
    jobs, outputs = work.deployment.jobs, work.deployment.outputs
    return _report_job(work, wait_for_job(jobs, outputs, job_id, command=work.command, is_new=is_new))


def _report_job(work: Work, ended: EndedJob) -> Report:
    """Print the report of a job.

    Raises:
        ToolError: the job failed or was cancelled, or left no report.
    """
    report = _print_report(work.deployment, ended.folder)
    if ended.status != "Complete":
        raise ToolError(
            f"The job {ended.job_id} ended as {ended.status} ({ended.reasons}) with objects left untried. "
            f"Remove the cause and run {work.command} --yes again: up-to-date derivatives are skipped."
        )
    if report is None:
        raise ToolError(
            f"The job {ended.job_id} left no report: open it in the console, S3, Batch Operations."
        )
    return report


def _print_report(deployment: Deployment[Outputs], folder: str) -> Report | None:
    bucket = deployment.outputs.jobs_bucket
    report = read_report(deployment.s3, bucket, folder)
    if report:
        print(f"Report: s3://{bucket}/{folder}/\n{report}")
    return report
