"""A manifest goes through the function: by S3 Batch Operations, or from here where there is none."""

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tqdm import tqdm

from tools.console import ToolError
from tools.library.invocation import InvocationError, invoke
from tools.library.manifest import read_manifest
from tools.library.report import Line, write_report
from tools.library.target import Target

# With it the function is told the name of the bucket.
_SCHEMA = "2.0"
_ENDED = frozenset({"Complete", "Failed", "Cancelled"})
_POLL_SECONDS = 5.0
_AT_ONCE = 8
_ATTEMPTS = 3


def run_batch_job(target: Target, manifest: Path, objects: int, poll_seconds: float = _POLL_SECONDS) -> str:
    """Have S3 Batch Operations do it, and show its progress until it ends.

    Returns:
        The folder of the report in the bucket of the jobs.

    Raises:
        ToolError: the job failed or was cancelled.
    """
    job_id = _create_job(target, manifest)
    print(f"S3 Batch Operations runs job {job_id}; it goes on when this command is stopped.")
    with tqdm(total=objects, unit="object") as bar:
        while True:
            job = target.jobs.describe_job(AccountId=target.deployment.account_id, JobId=job_id)["Job"]
            progress = job.get("ProgressSummary", {})
            ended = progress.get("NumberOfTasksSucceeded", 0) + progress.get("NumberOfTasksFailed", 0)
            bar.update(ended - bar.n)
            if job["Status"] in _ENDED:
                break
            time.sleep(poll_seconds)
    if job["Status"] != "Complete":
        reasons = "; ".join(reason.get("FailureReason", "") for reason in job.get("FailureReasons", []))
        raise ToolError(f"The job {job_id} ended as {job['Status']}. {reasons}".strip())
    return f"reports/job-{job_id}"


def run_here(target: Target, manifest: Path, objects: int) -> str:
    """Invoke the function for each object as S3 Batch Operations would, and write the same report.

    Returns:
        The folder of the report in the bucket of the jobs.
    """
    job_id = str(uuid.uuid4())
    folder = f"reports/job-{job_id}"
    with tqdm(total=objects, unit="object") as bar, ThreadPoolExecutor(_AT_ONCE) as executor:

        def lines() -> Iterator[Line]:
            for line in executor.map(lambda task: _task(target, job_id, *task), read_manifest(manifest)):
                bar.update()
                yield line

        write_report(target.s3, target.deployment.jobs_bucket, folder, lines())
    return folder


def _create_job(target: Target, manifest: Path) -> str:
    deployment, token = target.deployment, str(uuid.uuid4())
    bucket_arn, key = f"arn:aws:s3:::{deployment.jobs_bucket}", f"manifests/{token}.csv"
    s3 = target.s3
    s3.upload_file(str(manifest), deployment.jobs_bucket, key)
    etag = s3.head_object(Bucket=deployment.jobs_bucket, Key=key)["ETag"]
    return target.jobs.create_job(
        AccountId=deployment.account_id,
        ClientRequestToken=token,
        ConfirmationRequired=False,
        Description="edge-images: backfill",
        Operation={
            "LambdaInvoke": {"FunctionArn": deployment.function_arn, "InvocationSchemaVersion": _SCHEMA}
        },
        Manifest={
            "Spec": {"Format": "S3BatchOperations_CSV_20180820", "Fields": ["Bucket", "Key"]},
            "Location": {"ObjectArn": f"{bucket_arn}/{key}", "ETag": etag.strip('"')},
        },
        Report={
            "Enabled": True,
            "Bucket": bucket_arn,
            "Prefix": "reports",
            "Format": "Report_CSV_20180820",
            "ReportScope": "AllTasks",
        },
        Priority=10,
        RoleArn=deployment.batch_role_arn,
    )["JobId"]


def _task(target: Target, job_id: str, bucket: str, key: str) -> Line:
    event = {
        "invocationSchemaVersion": _SCHEMA,
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
