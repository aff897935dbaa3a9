"""The deployment that a command works on: in AWS, or on the local stack."""

import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from boto3.session import Session
from botocore.config import Config

from tools.console import ToolError
from tools.local.deployment import isolate_from_aws
from tools.local.emulator.process import root_session
from tools.local.state import StateFolder, read_running
from tools.paths import STATE, TERRAFORM
from tools.terraform import Terraform

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
        configuration: value of the option `--configuration` that named the deployment; None: not named.
    """

    session: Session
    endpoint_url: str | None
    outputs: O
    edge_urls: Mapping[str, str] = field(default_factory=dict)
    configuration: str | None = None

    @property
    def is_local(self) -> bool:
        """True for the local stack."""
        return self.endpoint_url is not None

    @property
    def option(self) -> str:
        """A space and the option by which another command finds this deployment; empty if none is needed."""
        if self.configuration:
            return f" --configuration {shlex.quote(self.configuration)}"
        return " --local" if self.is_local else ""

    @property
    def apply(self) -> str:
        """Command that applies the configuration of this deployment."""
        if self.configuration:
            folder = Path(self.configuration.partition(":")[0]).expanduser()
            return f"terraform -chdir={shlex.quote(str(folder))} apply"
        return "./invokew down and ./invokew up" if self.is_local else "./invokew apply"

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
    select: Callable[[Mapping[str, Any]], O],
    *,
    local: bool,
    configuration: str | None = None,
    variant: str | None = None,
) -> Deployment[O]:
    """Find the deployment of `terraform/` or of another configuration in AWS, or the running local stack.

    Args:
        select: selects the outputs of the command among all outputs of Terraform.
        local: find the local stack.
        configuration: folder of a configuration that calls the module `edge_images`. If the configuration
            has several deployments, a colon and the name of one follow, as in `infra:images.staging`.
            None: `terraform/`.
        variant: variant that the command needs, for the message if no local stack is running.

    Raises:
        ToolError: there is none, or the credentials belong to another account.
    """
    if local and configuration:
        raise ToolError("--local and --configuration are two deployments: give one.")
    if local:
        return _find_local_stack(
            select, f"./invokew up --detach{f' --variants {variant}' if variant else ''}"
        )
    return _find_in_aws(select, configuration)


def _find_in_aws[O](select: Callable[[Mapping[str, Any]], O], configuration: str | None) -> Deployment[O]:
    outputs = _read_configuration(configuration) if configuration else _read_root()
    selected = select(outputs)
    session = boto3.Session(region_name=outputs["deployment"]["region"])
    _check_account(session, outputs["deployment"]["account_id"])
    domain_names = outputs["distribution_domain_names"]
    return Deployment(
        session=session,
        endpoint_url=None,
        outputs=selected,
        edge_urls={variant: f"https://{name}" for variant, name in domain_names.items()},
        configuration=configuration,
    )


def _read_root() -> Mapping[str, Any]:
    terraform = Terraform(TERRAFORM)
    terraform.init()
    return _read_outputs(
        terraform,
        "./invokew apply, name the workspace in TF_WORKSPACE, the folder of a configuration of your own in "
        "--configuration, or add --local for the local stack",
    )


def _read_configuration(configuration: str) -> Mapping[str, Any]:
    """Return the outputs of a deployment of the module `edge_images` in a configuration.

    The configuration is not initialized here: its backend may need arguments that only its owner has.
    """
    folder, _, name = configuration.partition(":")
    found = dict(_find_modules(Terraform(Path(folder).expanduser()).output()))
    if not found:
        raise ToolError(
            f"No output of {folder} is the module edge_images: add one with value = module.edge_images, and "
            "run terraform apply; or name the workspace in TF_WORKSPACE."
        )
    if not name and len(found) == 1:
        return next(iter(found.values()))
    if name not in found:
        names = ", ".join(f"{folder}:{each}" if each else folder for each in found)
        problem = f"no deployment {name}" if name else "several deployments"
        raise ToolError(f"{folder} has {problem}: give --configuration one of {names}.")
    return found[name]


def _find_modules(value: object, name: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the name and the outputs of each module `edge_images` in outputs of a configuration.

    The name is that of the output, with the keys of `for_each` or `count` after dots.
    """
    if isinstance(value, list):
        value = {str(index): each for index, each in enumerate(value)}
    if not isinstance(value, Mapping):
        return
    if value.get("deployment") and "distribution_domain_names" in value:
        yield name, value
        return
    for key, each in value.items():
        yield from _find_modules(each, f"{name}.{key}" if name else key)


def _find_local_stack[O](select: Callable[[Mapping[str, Any]], O], up: str) -> Deployment[O]:
    state = StateFolder(STATE)
    _, result = read_running(state, up)
    environment = isolate_from_aws(state.home, result["emulator_url"])
    terraform = Terraform(state.terraform, environment=environment)
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
