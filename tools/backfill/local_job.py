"""A manifest goes through the function from here, where there is no S3 Batch Operations."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import batched
from pathlib import Path

from tqdm import tqdm

from tools.backfill.deployment import Target
from tools.backfill.invocation import InvocationError, invoke
from tools.backfill.jobs import REPORTS, SCHEMA
from tools.backfill.manifest import read_manifest
from tools.backfill.report import Line, write_report

_AT_ONCE = 8
# So many tasks are begun before the first of them is reported; the manifest may have millions.
_BATCH = 32 * _AT_ONCE
_ATTEMPTS = 3


def run_here(target: Target, manifest: Path, objects: int) -> str:
    """Invoke the function for each object as S3 Batch Operations would, and write the same report.

    Returns:
        The folder of the report in the bucket of the jobs.
    """
    job_id = str(uuid.uuid4())
    folder = f"{REPORTS}/job-{job_id}"
    with tqdm(total=objects, unit=" objects") as bar, ThreadPoolExecutor(_AT_ONCE) as executor:

        def lines() -> Iterator[Line]:
            for batch in batched(read_manifest(manifest), _BATCH, strict=False):
                for line in executor.map(lambda task: _task(target, job_id, *task), batch):
                    bar.update()
                    yield line

        write_report(target.s3, target.deployment.jobs_bucket, folder, lines())
    return folder


def _task(target: Target, job_id: str, bucket: str, key: str) -> Line:
    event = {
        "invocationSchemaVersion": SCHEMA,
        "invocationId": str(uuid.uuid4()),
        "job": {"id": job_id, "userArguments": {}},
        "tasks": [{"taskId": key, "s3Bucket": bucket, "s3Key": key, "s3VersionId": None}],
    }
    code, message = "TemporaryFailure", ""
    for _ in range(_ATTEMPTS):
        try:
            [result] = invoke(target.functions, target.deployment.function_arn, event)["results"]
            code, message = result["resultCode"], result["resultString"]
        except InvocationError as error:
            message = str(error.message)
        if code != "TemporaryFailure":
            break
    succeeded = code == "Succeeded"
    return Line(bucket=bucket, key=key, succeeded=succeeded, code="" if succeeded else code, message=message)
