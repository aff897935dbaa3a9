"""The deployment of s3_trigger that a command works on: in AWS, or on the local stack."""

import json
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from boto3.session import Session
from botocore.config import Config

from tools.console import ToolError
from tools.local.emulator.process import root_session
from tools.local.state import StateFolder, find_holder
from tools.paths import STATE, TERRAFORM
from tools.terraform import Terraform, isolate_environment

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3control import S3ControlClient
    from mypy_boto3_sqs import SQSClient

# The function's own timeout is 120 s.
_CLIENT_CONFIG = Config(
    connect_timeout=5,
    read_timeout=150,
    max_pool_connections=32,
    retries={"mode": "standard", "total_max_attempts": 5},
)


@dataclass(frozen=True, kw_only=True)
class TriggerOutputs:
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
        """Partition of all ARNs: "aws", "aws-cn" or "aws-us-gov"."""
        return self.function_arn.split(":")[1]

    @classmethod
    def from_terraform(cls, outputs: dict[str, Any]) -> "TriggerOutputs":
        """Select the output among all outputs of Terraform.

        Raises:
            ToolError: the variant is not deployed.
        """
        found = outputs.get("s3_trigger")
        if not found:
            raise ToolError(
                "The variant s3_trigger is not deployed: add it to the Terraform variable variants and run "
                "invoke apply, or locally invoke up --detach --variants s3_trigger."
            )
        return cls(**{field.name: found[field.name] for field in fields(cls)})


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A deployment and clients for its services.

    Attributes:
        session: credentials and Region.
        endpoint_url: endpoint of every service; None: AWS.
        outputs: names and ARNs of the deployed resources.
    """

    session: Session
    endpoint_url: str | None
    outputs: TriggerOutputs

    @property
    def has_batch_operations(self) -> bool:
        """True if S3 Batch Operations is available. The emulator does not have this service."""
        return self.endpoint_url is None

    @cached_property
    def s3(self) -> "S3Client":
        """Client of S3."""
        return self.session.client("s3", endpoint_url=self.endpoint_url, config=_CLIENT_CONFIG)

    @cached_property
    def functions(self) -> "LambdaClient":
        """Client of Lambda."""
        return self.session.client("lambda", endpoint_url=self.endpoint_url, config=_CLIENT_CONFIG)

    @cached_property
    def queues(self) -> "SQSClient":
        """Client of SQS."""
        return self.session.client("sqs", endpoint_url=self.endpoint_url, config=_CLIENT_CONFIG)

    @cached_property
    def jobs(self) -> "S3ControlClient":
        """Client of S3 Control."""
        return self.session.client("s3control", endpoint_url=self.endpoint_url, config=_CLIENT_CONFIG)


def find_deployment(*, local: bool) -> Deployment:
    """Find the deployment of `terraform/` in AWS, or the running local stack.

    Raises:
        ToolError: there is none, or the variant s3_trigger is not part of the deployment.
    """
    return _find_local_stack(StateFolder(STATE)) if local else _find_in_aws()


def _find_in_aws() -> Deployment:
    terraform = Terraform(TERRAFORM)
    terraform.init()
    outputs = TriggerOutputs.from_terraform(terraform.output())
    session = boto3.Session(region_name=outputs.region)
    check_account(session, outputs)
    return Deployment(session=session, endpoint_url=None, outputs=outputs)


def check_account(session: Session, outputs: TriggerOutputs) -> None:
    """Check that the credentials belong to the account of the deployment.

    Raises:
        ToolError: the credentials belong to another account.
    """
    account = session.client("sts", config=_CLIENT_CONFIG).get_caller_identity()["Account"]
    if account != outputs.account_id:
        raise ToolError(
            f"The credentials belong to account {account}, the deployment to {outputs.account_id}: "
            "choose others, for instance with AWS_PROFILE, and run it again."
        )


def _find_local_stack(state: StateFolder) -> Deployment:
    if find_holder(state.stack_pid) is None or not state.result.exists():
        raise ToolError("No local stack is running: invoke up --detach --variants s3_trigger")
    terraform = Terraform(state.terraform, environment=isolate_environment(state.home))
    return Deployment(
        session=root_session(),
        endpoint_url=json.loads(state.result.read_text("utf-8"))["emulator_url"],
        outputs=TriggerOutputs.from_terraform(terraform.output()),
    )
