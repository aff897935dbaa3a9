"""The deployment that a command works on: in AWS, or on the local stack."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
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
    from mypy_boto3_cloudfront import CloudFrontClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client

_CLIENT_CONFIG = Config(
    connect_timeout=5,
    read_timeout=60,
    max_pool_connections=32,
    retries={"mode": "standard", "total_max_attempts": 8},
)


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """A CloudFront distribution and the variant that it serves."""

    variant: str
    distribution_id: str
    domain_name: str


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """Names of the deployed resources, from Terraform's outputs.

    Attributes:
        account_id: account of the deployment.
        region: Region of the buckets and the regional functions.
        variants: deployed variants.
        distributions: distributions of the deployed variants; s3_trigger may have none.
        originals_bucket: bucket of the originals, and of the derivatives of edge_resize.
        resized_path: folder of the derivatives of edge_resize, without a slash at the end. The folder may
            contain derivatives although the variant is no longer deployed.
        derivatives_bucket: bucket of the derivatives of regional_resize; None: not deployed.
        destination_bucket: bucket of the derivatives of s3_trigger; None: not deployed.
        source_prefix: prefix of the originals of s3_trigger.
        restore_prefix: prefix below which s3_trigger copies restored originals.
        signed_urls: URLs that need a signature: "none", "unlisted" or "all".
        function_arns: function => ARN.
    """

    account_id: str
    region: str
    variants: tuple[str, ...]
    distributions: tuple[Distribution, ...]
    originals_bucket: str
    resized_path: str
    derivatives_bucket: str | None = None
    destination_bucket: str | None = None
    source_prefix: str = ""
    restore_prefix: str = ""
    signed_urls: str = "none"
    function_arns: Mapping[str, str] = field(default_factory=dict)

    @property
    def buckets(self) -> tuple[str, ...]:
        """Names of all buckets with images."""
        found = (self.originals_bucket, self.derivatives_bucket, self.destination_bucket)
        return tuple(bucket for bucket in found if bucket)

    @classmethod
    def from_terraform(cls, outputs: Mapping[str, Any]) -> "Outputs":
        """Select the values among all outputs of Terraform.

        Raises:
            ToolError: nothing is deployed, or an older release is.
        """
        found = outputs.get("deployment")
        if not found:
            raise ToolError(
                "Terraform has no output deployment: run invoke apply, or locally invoke up --detach."
            )
        buckets = outputs["bucket_names"]
        trigger = outputs.get("s3_trigger") or {}
        domain_names = outputs["distribution_domain_names"]
        return cls(
            **found | {"variants": tuple(sorted(found["variants"]))},
            distributions=tuple(
                Distribution(variant=variant, distribution_id=each, domain_name=domain_names[variant])
                for variant, each in sorted(outputs["distribution_ids"].items())
            ),
            originals_bucket=buckets["originals"],
            derivatives_bucket=buckets.get("derivatives"),
            destination_bucket=buckets.get("destination"),
            source_prefix=trigger.get("source_prefix", ""),
            restore_prefix=trigger.get("restore_prefix", ""),
            function_arns=outputs["function_arns"],
        )


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A deployment and clients for its services.

    Attributes:
        session: credentials and Region.
        endpoint_url: endpoint of every service; None: AWS.
        outputs: names of the deployed resources.
        edge_urls: variant => base URL of its distribution.
    """

    session: Session
    endpoint_url: str | None
    outputs: Outputs
    edge_urls: Mapping[str, str]

    @cached_property
    def s3(self) -> "S3Client":
        """Client of S3."""
        return self.session.client("s3", endpoint_url=self.endpoint_url, config=_CLIENT_CONFIG)

    @cached_property
    def cloudfront(self) -> "CloudFrontClient":
        """Client of CloudFront."""
        return self.session.client("cloudfront", endpoint_url=self.endpoint_url, config=_CLIENT_CONFIG)

    @cached_property
    def functions(self) -> "LambdaClient":
        """Client of Lambda."""
        return self.session.client("lambda", endpoint_url=self.endpoint_url, config=_CLIENT_CONFIG)


def find_deployment(*, local: bool) -> Deployment:
    """Find the deployment of `terraform/` in AWS, or the running local stack.

    Raises:
        ToolError: there is none, or the credentials belong to another account.
    """
    return _find_local_stack(StateFolder(STATE)) if local else _find_in_aws()


def _find_in_aws() -> Deployment:
    terraform = Terraform(TERRAFORM)
    terraform.init()
    outputs = Outputs.from_terraform(terraform.output())
    session = boto3.Session(region_name=outputs.region)
    check_account(session, outputs.account_id)
    return Deployment(
        session=session,
        endpoint_url=None,
        outputs=outputs,
        edge_urls={each.variant: f"https://{each.domain_name}" for each in outputs.distributions},
    )


def check_account(session: Session, account_id: str) -> None:
    """Check that the credentials belong to an account.

    Raises:
        ToolError: the credentials belong to another account.
    """
    account = session.client("sts", config=_CLIENT_CONFIG).get_caller_identity()["Account"]
    if account != account_id:
        raise ToolError(
            f"The credentials belong to account {account}, the deployment to {account_id}: "
            "choose others, for instance with AWS_PROFILE, and run it again."
        )


def _find_local_stack(state: StateFolder) -> Deployment:
    if find_holder(state.stack_pid) is None or not state.result.exists():
        raise ToolError("No local stack is running: invoke up --detach")
    terraform = Terraform(state.terraform, environment=isolate_environment(state.home))
    result = json.loads(state.result.read_text("utf-8"))
    return Deployment(
        session=root_session(),
        endpoint_url=result["emulator_url"],
        outputs=Outputs.from_terraform(terraform.output()),
        edge_urls=result["edge_urls"],
    )
