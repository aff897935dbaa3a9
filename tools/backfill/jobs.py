"""Jobs of S3 Batch Operations: start a job, find a running one, wait for the end of one."""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError
from tqdm import tqdm

from tools.backfill.aws_errors import AWS_ERRORS, explain
from tools.backfill.outputs import Outputs
from tools.console import ToolError, printable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3control import S3ControlClient
    from mypy_boto3_s3control.literals import JobStatusType

SCHEMA = "2.0"
"""Version of the events. Events of this version contain the name of the bucket, others its ARN."""
REPORTS = "backfill/reports"

# Jobs with another status have ended or are about to (S3 user guide, "Tracking job status").
_RUNNING: "tuple[JobStatusType, ...]" = (
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
# S3 API reference, "CreateJob".
_MAX_DESCRIPTION = 256
# A new job may not be found at once (S3 user guide, "Troubleshooting").
_MAX_POLLS_UNTIL_FOUND = 12


@dataclass(frozen=True, kw_only=True)
class EndedJob:
    """A job that has ended.

    Attributes:
        job_id: id of the job.
        status: Complete if every object was tried, else Failed or Cancelled.
        reasons: explanation of AWS for a job that failed as a whole.
    """

    job_id: str
    status: Literal["Complete", "Failed", "Cancelled"]
    reasons: str

    @property
    def folder(self) -> str:
        """Folder of the report in the bucket of the jobs."""
        return f"{REPORTS}/job-{self.job_id}"


type Arguments = Mapping[str, str]
"""Arguments of a job, which reach the function with each task."""


def start_job(
    jobs: "S3ControlClient", s3: "S3Client", outputs: Outputs, manifest: Path, arguments: Arguments
) -> str:
    """Upload a manifest, in parts if the file is large, and start a job for its objects.

    Returns:
        Id of the job.
    """
    token = str(uuid.uuid4())
    key = f"backfill/manifests/{token}.csv"
    s3.upload_file(str(manifest), outputs.jobs_bucket, key)
    etag = s3.head_object(Bucket=outputs.jobs_bucket, Key=key)["ETag"].strip('"')
    bucket_arn = f"arn:{outputs.partition}:s3:::{outputs.jobs_bucket}"
    return jobs.create_job(
        AccountId=outputs.account_id,
        # boto3 sends the same token with every retry, so that retries do not start a second job.
        ClientRequestToken=token,
        ConfirmationRequired=False,
        Description=_make_description(outputs, arguments),
        Operation={
            "LambdaInvoke": {
                "FunctionArn": outputs.function_arn,
                "InvocationSchemaVersion": SCHEMA,
                # S3 accepts no empty map.
                **({"UserArguments": dict(arguments)} if arguments else {}),
            }
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
        RoleArn=outputs.batch_role_arn,
    )["JobId"]


def find_running_job(jobs: "S3ControlClient", outputs: Outputs, arguments: Arguments) -> str | None:
    """Return the id of a backfill of this deployment and these arguments that has not ended, or None."""
    more: Any = {}
    while True:
        page = jobs.list_jobs(AccountId=outputs.account_id, JobStatuses=_RUNNING, **more)
        for job in page.get("Jobs", []):
            if job.get("Description") == _make_description(outputs, arguments):
                return job["JobId"]
        if "NextToken" not in page:
            return None
        more = {"NextToken": page["NextToken"]}


def wait_for_job(  # noqa: PLR0913  # the settings of a wait
    jobs: "S3ControlClient",
    outputs: Outputs,
    job_id: str,
    *,
    command: str,
    is_new: bool = False,
    poll_seconds: float = _POLL_SECONDS,
) -> EndedJob:
    """Show the progress of a job until the job ends.

    Args:
        jobs: client of S3 Control.
        outputs: the deployment of the job.
        job_id: id of the job.
        command: command line that waits for the job again, without `--job`.
        is_new: the job was started just now, so that AWS may not find it yet.
        poll_seconds: interval between requests.

    Raises:
        ToolError: there is no such job, or AWS or Ctrl-C ended the wait. The job continues in this case.
    """
    polls_left = _MAX_POLLS_UNTIL_FOUND if is_new else 0
    try:
        with tqdm(unit=" objects", desc="New") as bar:
            while True:
                job = _describe(jobs, outputs, job_id)
                if job is None and polls_left == 0:
                    raise ToolError(
                        f"There is no job {job_id} in {outputs.region} of {outputs.account_id}: "
                        "AWS deletes a job 90 days after its end."
                    )
                polls_left = max(polls_left - 1, 0)
                if job and _show_progress(bar, job) in _ENDED:
                    return EndedJob(job_id=job_id, status=job["Status"], reasons=_join_reasons(job))
                time.sleep(poll_seconds)
    except KeyboardInterrupt:
        raise ToolError(f"\n{_explain_control(outputs, job_id, command)}") from None
    except AWS_ERRORS as error:
        raise ToolError(f"{explain(error)}\n{_explain_control(outputs, job_id, command)}") from error


def _describe(jobs: "S3ControlClient", outputs: Outputs, job_id: str) -> Any:
    try:
        return jobs.describe_job(AccountId=outputs.account_id, JobId=job_id)["Job"]
    except ClientError as error:
        if error.response["Error"]["Code"] in {"NotFoundException", "NoSuchJob", "NoSuchJobException"}:
            return None
        raise


def _show_progress(bar: "tqdm[Any]", job: Any) -> str:
    """Update a progress bar and return the status of the job."""
    progress = job.get("ProgressSummary", {})
    succeeded, failed = progress.get("NumberOfTasksSucceeded", 0), progress.get("NumberOfTasksFailed", 0)
    bar.total = progress.get("TotalNumberOfTasks") or None
    bar.set_description_str(job["Status"], refresh=False)
    bar.set_postfix_str(f"{failed:,} failed", refresh=False)
    bar.update(succeeded + failed - bar.n)
    bar.refresh()
    status: str = job["Status"]
    return status


def _join_reasons(job: Any) -> str:
    found = [
        reason.get("FailureReason") or reason.get("FailureCode", "")
        for reason in job.get("FailureReasons", [])
    ]
    return printable("; ".join(found) or job.get("StatusUpdateReason", "")) or "AWS gives no reason"


def _explain_control(outputs: Outputs, job_id: str, command: str) -> str:
    return (
        f"The job continues without this command. Follow it: {command} --job {job_id}\n"
        f"Stop it: aws s3control update-job-status --region {outputs.region} "
        f"--account-id {outputs.account_id} --job-id {job_id} --requested-job-status Cancelled"
    )


def _make_description(outputs: Outputs, arguments: Arguments) -> str:
    """Return the description by which a job of this deployment and these arguments is found again."""
    words = [f"backfill by {outputs.function_arn}", *arguments.values()]
    return " ".join(words)[:_MAX_DESCRIPTION]
