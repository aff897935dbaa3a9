"""Jobs of S3 Batch Operations: start one, find one that runs, wait for its end."""

import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError
from tqdm import tqdm

from tools.backfill.aws_errors import ERRORS, sentence_of
from tools.backfill.deployment import Deployment
from tools.console import ToolError, printable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3control import S3ControlClient
    from mypy_boto3_s3control.literals import JobStatusType

SCHEMA = "2.0"
"""Of the events; with it the function is told the name of the bucket."""
REPORTS = "backfill/reports"

# S3 user guide, "Tracking job status": the other statuses lead to an end by themselves.
_AT_WORK: "tuple[JobStatusType, ...]" = (
    "New",
    "Preparing",
    "Suspended",
    "Ready",
    "Active",
    "Pausing",
    "Paused",
    "Completing",
)
_ENDED = frozenset({"Complete", "Failed", "Cancelled"})
_POLL_SECONDS = 5.0
# S3 user guide, "Troubleshooting": a new job may not be found at once.
_POLLS_UNTIL_KNOWN = 12


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A job at its end.

    Attributes:
        job_id: what AWS calls it.
        status: Complete, Failed or Cancelled. Complete says that every object was tried.
        reasons: why it failed as a whole.
    """

    job_id: str
    status: Literal["Complete", "Failed", "Cancelled"]
    reasons: str

    @property
    def folder(self) -> str:
        """Of its report, in the bucket of the jobs."""
        return f"{REPORTS}/job-{self.job_id}"


def start_job(jobs: "S3ControlClient", s3: "S3Client", deployment: Deployment, manifest: Path) -> str:
    """Upload a manifest, in parts if it is large, and start a job with it.

    Returns:
        The id of the job.
    """
    token = str(uuid.uuid4())
    key = f"backfill/manifests/{token}.csv"
    s3.upload_file(str(manifest), deployment.jobs_bucket, key)
    etag = s3.head_object(Bucket=deployment.jobs_bucket, Key=key)["ETag"].strip('"')
    bucket_arn = f"arn:{deployment.partition}:s3:::{deployment.jobs_bucket}"
    return jobs.create_job(
        AccountId=deployment.account_id,
        # The same for each attempt of this call: however often it is sent, there is one job.
        ClientRequestToken=token,
        ConfirmationRequired=False,
        Description=_description(deployment),
        Operation={
            "LambdaInvoke": {"FunctionArn": deployment.function_arn, "InvocationSchemaVersion": SCHEMA}
        },
        Manifest={
            "Spec": {"Format": "S3BatchOperations_CSV_20180820", "Fields": ["Bucket", "Key"]},
            "Location": {"ObjectArn": f"{bucket_arn}/{key}", "ETag": etag},
        },
        Report={
            "Enabled": True,
            "Bucket": bucket_arn,
            "Prefix": REPORTS,
            "Format": "Report_CSV_20180820",
            "ReportScope": "AllTasks",
        },
        Priority=10,
        RoleArn=deployment.batch_role_arn,
    )["JobId"]


def running_job(jobs: "S3ControlClient", deployment: Deployment) -> str | None:
    """The id of a backfill of this deployment that has not ended."""
    more: Any = {}
    while True:
        page = jobs.list_jobs(AccountId=deployment.account_id, JobStatuses=_AT_WORK, **more)
        for job in page.get("Jobs", []):
            if job.get("Description") == _description(deployment):
                return job["JobId"]
        if "NextToken" not in page:
            return None
        more = {"NextToken": page["NextToken"]}


def wait_for(
    jobs: "S3ControlClient",
    deployment: Deployment,
    job_id: str,
    *,
    is_new: bool = False,
    poll_seconds: float = _POLL_SECONDS,
) -> Ended:
    """Show the progress of a job until it ends.

    Args:
        jobs: client of S3 Control.
        deployment: whose job it is.
        job_id: what AWS calls it.
        is_new: it was started just now, and may not be known everywhere.
        poll_seconds: how long to wait before the next look.

    Raises:
        ToolError: there is no such job, or it cannot be watched any longer; then it goes on.
    """
    patience = _POLLS_UNTIL_KNOWN if is_new else 0
    try:
        with tqdm(unit=" objects", desc="New") as bar:
            while True:
                job = _look(jobs, deployment, job_id)
                if job is None and patience == 0:
                    raise ToolError(
                        f"There is no job {job_id} in {deployment.region} of {deployment.account_id}: "
                        "AWS forgets a job 90 days after its end."
                    )
                patience = max(patience - 1, 0)
                if job and _shown(bar, job) in _ENDED:
                    return Ended(job_id=job_id, status=job["Status"], reasons=_reasons(job))
                time.sleep(poll_seconds)
    except KeyboardInterrupt:
        raise ToolError(f"\n{_goes_on(deployment, job_id)}") from None
    except ERRORS as error:
        raise ToolError(f"{sentence_of(error)}\n{_goes_on(deployment, job_id)}") from error


def _look(jobs: "S3ControlClient", deployment: Deployment, job_id: str) -> Any:
    try:
        return jobs.describe_job(AccountId=deployment.account_id, JobId=job_id)["Job"]
    except ClientError as error:
        if error.response["Error"]["Code"] in {"NotFoundException", "NoSuchJob", "NoSuchJobException"}:
            return None
        raise


def _shown(bar: "tqdm[Any]", job: Any) -> str:
    """Show what a job says of itself; its status."""
    progress = job.get("ProgressSummary", {})
    succeeded, failed = progress.get("NumberOfTasksSucceeded", 0), progress.get("NumberOfTasksFailed", 0)
    bar.total = progress.get("TotalNumberOfTasks") or None
    bar.set_description_str(job["Status"], refresh=False)
    bar.set_postfix_str(f"{failed:,} failed", refresh=False)
    bar.update(succeeded + failed - bar.n)
    bar.refresh()
    status: str = job["Status"]
    return status


def _reasons(job: Any) -> str:
    found = [
        reason.get("FailureReason") or reason.get("FailureCode", "")
        for reason in job.get("FailureReasons", [])
    ]
    return printable("; ".join(found) or job.get("StatusUpdateReason", "")) or "AWS gives no reason"


def _goes_on(deployment: Deployment, job_id: str) -> str:
    return (
        f"The job goes on without this command. See how it is: invoke backfill --job {job_id}\n"
        f"Stop it: aws s3control update-job-status --region {deployment.region} "
        f"--account-id {deployment.account_id} --job-id {job_id} --requested-job-status Cancelled"
    )


def _description(deployment: Deployment) -> str:
    """By it a job of this deployment is found again."""
    return f"backfill by {deployment.function_arn}"
