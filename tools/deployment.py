"""The deployment that a command works on: in AWS, or on the local stack."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from boto3.session import Session
from botocore.config import Config

from tools.console import ToolError
from tools.local.emulator.process import root_session
from tools.local.state import StateFolder, read_running
from tools.paths import STATE, TERRAFORM
from tools.terraform import Terraform, isolate_environment

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3control import S3ControlClient
    from mypy_boto3_sqs import SQSClient

_CONFIG = Config(
    connect_timeout=5,
    read_timeout=60,
    max_pool_connections=32,
    retries={"mode": "standard", "total_max_attempts": 8},
)
# The functions' own timeout is 120 s. Each retry may run a function again.
_LAMBDA_CONFIG = _CONFIG.merge(
    Config(read_timeout=150, retries={"mode": "standard", "total_max_attempts": 5})
)


@dataclass(frozen=True, kw_only=True)
class Deployment[O]:
    """A deployment and clients for its services.

    Attributes:
        session: credentials and Region.
        endpoint_url: endpoint of every service; None: AWS.
        outputs: the part of Terraform's outputs that the command needs.
        edge_urls: variant => base URL of its distribution.
    """

    session: Session
    endpoint_url: str | None
    outputs: O
    edge_urls: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_local(self) -> bool:
        """True for the local stack."""
        return self.endpoint_url is not None

    @cached_property
    def s3(self) -> "S3Client":
        """Client of S3."""
        return self.session.client("s3", endpoint_url=self.endpoint_url, config=_CONFIG)

    @cached_property
    def cloudfront(self) -> "CloudFrontClient":
        """Client of CloudFront."""
        return self.session.client("cloudfront", endpoint_url=self.endpoint_url, config=_CONFIG)

    @cached_property
    def functions(self) -> "LambdaClient":
        """Client of Lambda."""
        return self.session.client("lambda", endpoint_url=self.endpoint_url, config=_LAMBDA_CONFIG)

    @cached_property
    def queues(self) -> "SQSClient":
        """Client of SQS."""
        return self.session.client("sqs", endpoint_url=self.endpoint_url, config=_CONFIG)

    @cached_property
    def jobs(self) -> "S3ControlClient":
        """Client of S3 Control."""
        return self.session.client("s3control", endpoint_url=self.endpoint_url, config=_CONFIG)


def find_deployment[O](
    select: Callable[[Mapping[str, Any]], O], *, local: bool, variant: str | None = None
) -> Deployment[O]:
    """Find the deployment of `terraform/` in AWS, or the running local stack.

    Args:
        select: selects the outputs of the command among all outputs of Terraform.
        local: find the local stack.
        variant: variant that the command needs, for the message if no local stack is running.

    Raises:
        ToolError: there is none, or the credentials belong to another account.
    """
    if local:
        return _find_local_stack(
            select, f"./invokew up --detach{f' --variants {variant}' if variant else ''}"
        )
    return _find_in_aws(select)


def _find_in_aws[O](select: Callable[[Mapping[str, Any]], O]) -> Deployment[O]:
    terraform = Terraform(TERRAFORM)
    terraform.init()
    remedy = "invoke apply, name the workspace in TF_WORKSPACE, or add --local for the local stack"
    outputs = _read_outputs(terraform, remedy)
    selected = select(outputs)
    session = boto3.Session(region_name=outputs["deployment"]["region"])
    _check_account(session, outputs["deployment"]["account_id"])
    domain_names = outputs["distribution_domain_names"]
    return Deployment(
        session=session,
        endpoint_url=None,
        outputs=selected,
        edge_urls={variant: f"https://{name}" for variant, name in domain_names.items()},
    )


def _find_local_stack[O](select: Callable[[Mapping[str, Any]], O], up: str) -> Deployment[O]:
    state = StateFolder(STATE)
    _, result = read_running(state, up)
    terraform = Terraform(state.terraform, environment=isolate_environment(state.home))
    return Deployment(
        session=root_session(),
        endpoint_url=result["emulator_url"],
        outputs=select(_read_outputs(terraform, f"./invokew down, then {up}")),
        edge_urls=result["edge_urls"],
    )


def _read_outputs(terraform: Terraform, remedy: str) -> Mapping[str, Any]:
    outputs = terraform.output()
    if not outputs.get("deployment"):  # nothing is deployed, or an older release is
        raise ToolError(f"Terraform has no output deployment: run {remedy}.")
    return outputs


def _check_account(session: Session, account_id: str) -> None:
    account = session.client("sts", config=_CONFIG).get_caller_identity()["Account"]
    if account != account_id:
        raise ToolError(
            f"The credentials belong to account {account}, the deployment to {account_id}: "
            "choose others, for instance with AWS_PROFILE, and run the command again."
        )
