"""A job on this machine, for the local stack: the emulator has no S3 Batch Operations."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import batched
from pathlib import Path
from typing import Any

from tqdm import tqdm

from tools.backfill.invocation import InvocationError, invoke
from tools.backfill.jobs import REPORTS, SCHEMA, Arguments
from tools.backfill.manifest import read_manifest
from tools.backfill.outputs import Outputs
from tools.backfill.report import TaskResult, write_report
from tools.deployment import Deployment

_CONCURRENCY = 8
# Tasks are submitted in batches, because a manifest may have millions of lines.
_BATCH = 32 * _CONCURRENCY
_ATTEMPTS = 3


def run_local_job(deployment: Deployment[Outputs], manifest: Path, objects: int, arguments: Arguments) -> str:
    """Invoke the function for each object of a manifest and write a report, as S3 Batch Operations does.

    Args:
        deployment: the deployment that the manifest belongs to.
        manifest: file of the manifest.
        objects: number of objects in the manifest, for the progress bar.
        arguments: arguments of the job.

    Returns:
        Folder of the report in the bucket of the jobs.
    """
    job = {"id": str(uuid.uuid4()), "userArguments": dict(arguments)}
    folder = f"{REPORTS}/job-{job['id']}"
    with tqdm(total=objects, unit=" objects") as bar, ThreadPoolExecutor(_CONCURRENCY) as executor:

        def run_all() -> Iterator[TaskResult]:
            for batch in batched(read_manifest(manifest), _BATCH, strict=False):
                for result in executor.map(lambda task: _run_task(deployment, job, *task), batch):
                    bar.update()
                    yield result

        write_report(deployment.s3, deployment.outputs.jobs_bucket, folder, run_all())
    return folder


def _run_task(deployment: Deployment[Outputs], job: dict[str, Any], bucket: str, key: str) -> TaskResult:
    event = {
        "invocationSchemaVersion": SCHEMA,
        "invocationId": str(uuid.uuid4()),
        "job": job,
        "tasks": [{"taskId": key, "s3Bucket": bucket, "s3Key": key, "s3VersionId": None}],
    }
    code, message = "TemporaryFailure", ""
    for _ in range(_ATTEMPTS):
        try:
            [result] = invoke(deployment.functions, deployment.outputs.function_arn, event)["results"]
            code, message = result["resultCode"], result["resultString"]
        except InvocationError as error:
            message = str(error.message)
        if code != "TemporaryFailure":
            break
    succeeded = code == "Succeeded"
    return TaskResult(
        bucket=bucket, key=key, succeeded=succeeded, code="" if succeeded else code, message=message
    )
