"""The deployment that a command works on: in AWS, or the local stack."""

import json
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from boto3.session import Session
from botocore.config import Config

from tools.console import ToolError
from tools.local.emulator import REGION, ROOT_KEY
from tools.local.paths import PROJECT, STATE
from tools.local.state import StateFolder, holder
from tools.terraform import Terraform

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3control import S3ControlClient
    from mypy_boto3_sqs import SQSClient

# The function may take two minutes.
_PATIENCE = Config(
    connect_timeout=5,
    read_timeout=150,
    max_pool_connections=32,
    retries={"mode": "standard", "total_max_attempts": 5},
)


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """Terraform's output `s3_trigger`."""

    region: str
    account_id: str
    source_bucket: str
    source_prefix: str
    restore_prefix: str
    suffixes: list[str]
    destination_bucket: str
    jobs_bucket: str
    batch_role_arn: str
    function_arn: str
    failure_queue_url: str

    @property
    def partition(self) -> str:
        """Of all ARNs: aws, or that of China or of a government."""
        return self.function_arn.split(":")[1]

    @classmethod
    def of(cls, outputs: dict[str, Any]) -> "Deployment":
        """Find it among Terraform's outputs.

        Raises:
            ToolError: the variant is not applied.
        """
        found = outputs.get("s3_trigger")
        if not found:
            raise ToolError(
                "The variant s3_trigger is not there: add it to the Terraform variable variants and run "
                "invoke apply, or locally invoke up --detach --variants s3_trigger."
            )
        return cls(**{field.name: found[field.name] for field in fields(cls)})


@dataclass(frozen=True, kw_only=True)
class Target:
    """A deployment and the way to it.

    Attributes:
        session: with the credentials and the Region.
        endpoint_url: of every service; None: AWS.
        deployment: what Terraform made there.
    """

    session: Session
    endpoint_url: str | None
    deployment: Deployment

    @property
    def has_batch_operations(self) -> bool:
        """Whether there is S3 Batch Operations: the emulator has none."""
        return self.endpoint_url is None

    @cached_property
    def s3(self) -> "S3Client":
        """A client of S3."""
        return self.session.client("s3", endpoint_url=self.endpoint_url, config=_PATIENCE)

    @cached_property
    def functions(self) -> "LambdaClient":
        """A client of Lambda."""
        return self.session.client("lambda", endpoint_url=self.endpoint_url, config=_PATIENCE)

    @cached_property
    def queues(self) -> "SQSClient":
        """A client of SQS."""
        return self.session.client("sqs", endpoint_url=self.endpoint_url, config=_PATIENCE)

    @cached_property
    def jobs(self) -> "S3ControlClient":
        """A client of S3 Control."""
        return self.session.client("s3control", endpoint_url=self.endpoint_url, config=_PATIENCE)


def find_target(*, local: bool) -> Target:
    """The deployment in AWS that `terraform/` describes, or the running local stack.

    Raises:
        ToolError: it is not there, or without the variant s3_trigger.
    """
    return _local_stack(StateFolder(STATE)) if local else _aws()


def _aws() -> Target:
    terraform = Terraform(PROJECT / "terraform")
    terraform.init()
    deployment = Deployment.of(terraform.output())
    session = boto3.Session(region_name=deployment.region)
    check_account(session, deployment)
    return Target(session=session, endpoint_url=None, deployment=deployment)


def check_account(session: Session, deployment: Deployment) -> None:
    """See to it that the credentials are those of the deployment's account.

    Raises:
        ToolError: they are not.
    """
    account = session.client("sts", config=_PATIENCE).get_caller_identity()["Account"]
    if account != deployment.account_id:
        raise ToolError(
            f"The credentials are of account {account}, the deployment is in {deployment.account_id}: "
            "choose others, for instance with AWS_PROFILE, and run it again."
        )


def _local_stack(state: StateFolder) -> Target:
    if holder(state.stack_pid) is None or not state.result.exists():
        raise ToolError("No local stack is running: invoke up --detach --variants s3_trigger")
    session = boto3.Session(aws_access_key_id=ROOT_KEY, aws_secret_access_key=ROOT_KEY, region_name=REGION)
    return Target(
        session=session,
        endpoint_url=json.loads(state.result.read_text("utf-8"))["emulator_url"],
        deployment=Deployment.of(Terraform(state.terraform).output()),
    )
