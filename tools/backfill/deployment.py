"""The deployment that a command works on: in AWS, or on the local stack."""

import json
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self

import boto3
from boto3.session import Session
from botocore.config import Config

from tools.console import ToolError
from tools.local.emulator.process import root_session
from tools.local.state import StateFolder, find_holder
from tools.paths import STATE, TERRAFORM, use_packages
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
class Outputs:
    """Terraform's output for a variant whose function makes derivatives ahead.

    Attributes:
        source_bucket: bucket of the originals.
        destination_bucket: bucket of the derivatives.
        jobs_bucket: bucket of manifests and reports.
        batch_role_arn: role of S3 Batch Operations.
    """

    VARIANT: ClassVar[str]

    region: str
    account_id: str
    source_bucket: str
    destination_bucket: str
    jobs_bucket: str
    batch_role_arn: str
    function_arn: str

    @property
    def partition(self) -> str:
        """Partition of all ARNs: "aws", "aws-cn" or "aws-us-gov"."""
        return self.function_arn.split(":")[1]

    @property
    def prefix(self) -> str:
        """First characters of the keys of originals."""
        raise NotImplementedError

    def is_original(self, key: str) -> bool:
        """Return whether a key below the prefix is that of an original."""
        raise NotImplementedError

    @classmethod
    def from_terraform(cls, outputs: dict[str, Any]) -> Self:
        """Select the output among all outputs of Terraform.

        Raises:
            ToolError: the variant is not deployed.
        """
        found = outputs.get(cls.VARIANT)
        if not found:
            raise ToolError(
                f"The variant {cls.VARIANT} is not deployed: add it to the Terraform variable variants and "
                f"run invoke apply, or locally invoke up --detach --variants {cls.VARIANT}."
            )
        return cls(**{field.name: found[field.name] for field in fields(cls)})


@dataclass(frozen=True, kw_only=True)
class TriggerOutputs(Outputs):
    """Terraform's output `s3_trigger`."""

    VARIANT = "s3_trigger"

    source_prefix: str
    restore_prefix: str
    suffixes: list[str]
    failure_queue_url: str

    @property
    def prefix(self) -> str:
        """First characters of the keys of originals."""
        return self.source_prefix

    def is_original(self, key: str) -> bool:
        """Return whether the upload of an object would start the function."""
        return key.endswith(tuple(self.suffixes) or "") and not key.startswith(self.restore_prefix)


@dataclass(frozen=True, kw_only=True)
class RegionalOutputs(Outputs):
    """Terraform's output `regional_resize`.

    Attributes:
        excluded_prefix: key prefix of the derivatives of edge_resize in the bucket of the originals; None
            without that variant.
        quality: the default quality, 1 to 100.
        qualities: the qualities to which the viewer-request function rounds.
        sizes: the named sizes as JSON, see `image_url.parse_sizes`; None: the built-in ones.
        widths: the widths in pixels to which the viewer-request function rounds.
    """

    VARIANT = "regional_resize"

    excluded_prefix: str | None
    quality: int
    qualities: list[int]
    sizes: str | None
    widths: list[int]

    @property
    def prefix(self) -> str:
        """First characters of the keys of originals: every object may be one."""
        return ""

    def is_original(self, key: str) -> bool:
        """Return whether the viewer-request function accepts a key."""
        use_packages()
        from derivation import has_dot_segment, has_image_extension  # noqa: PLC0415 - see `use_packages`

        excluded = self.excluded_prefix is not None and key.startswith(self.excluded_prefix)
        return not excluded and has_image_extension(key) and not has_dot_segment(key)


@dataclass(frozen=True, kw_only=True)
class Deployment[O: Outputs]:
    """A deployment and clients for its services.

    Attributes:
        session: credentials and Region.
        endpoint_url: endpoint of every service; None: AWS.
        outputs: names and ARNs of the deployed resources.
    """

    session: Session
    endpoint_url: str | None
    outputs: O

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


def find_deployment[O: Outputs](kind: type[O], *, local: bool) -> Deployment[O]:
    """Find the deployment of `terraform/` in AWS, or the running local stack.

    Args:
        kind: output of the variant.
        local: find the local stack.

    Raises:
        ToolError: there is none, or the variant is not part of the deployment.
    """
    return _find_local_stack(kind, StateFolder(STATE)) if local else _find_in_aws(kind)


def _find_in_aws[O: Outputs](kind: type[O]) -> Deployment[O]:
    terraform = Terraform(TERRAFORM)
    terraform.init()
    outputs = kind.from_terraform(terraform.output())
    session = boto3.Session(region_name=outputs.region)
    check_account(session, outputs)
    return Deployment(session=session, endpoint_url=None, outputs=outputs)


def check_account(session: Session, outputs: Outputs) -> None:
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


def _find_local_stack[O: Outputs](kind: type[O], state: StateFolder) -> Deployment[O]:
    if find_holder(state.stack_pid) is None or not state.result.exists():
        raise ToolError(f"No local stack is running: invoke up --detach --variants {kind.VARIANT}")
    terraform = Terraform(state.terraform, environment=isolate_environment(state.home))
    return Deployment(
        session=root_session(),
        endpoint_url=json.loads(state.result.read_text("utf-8"))["emulator_url"],
        outputs=kind.from_terraform(terraform.output()),
    )
