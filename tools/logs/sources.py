"""The log groups of a deployment, in every Region where its functions can run."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import boto3
from boto3.session import Session

from tools.console import ToolError
from tools.local.emulator.process import root_session
from tools.local.state import StateFolder, find_holder
from tools.paths import STATE, TERRAFORM
from tools.terraform import Terraform, isolate_environment

# An edge function is deployed as a numbered version, a function in a Region without one.
_FUNCTION_ARN = re.compile(
    r"arn:(?P<partition>[a-z-]+):lambda:(?P<region>[a-z0-9-]+):[0-9]{12}:function:(?P<name>[^:]+)"
    r"(?P<version>:[0-9]+)?"
)


@dataclass(frozen=True, kw_only=True)
class LogGroup:
    """A log group that may exist.

    Attributes:
        function: name of the function in the project, such as `edge_resize`.
        region: Region of the group.
        name: name of the group.
        is_home: False for a Region where only replicas of an edge function log.
    """

    function: str
    region: str
    name: str
    is_home: bool = True


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """The functions of a deployment, and the way to their logs.

    Attributes:
        session: credentials.
        endpoint_url: endpoint of the local stack; None: AWS.
        function_arns: function => ARN, Terraform's output.
    """

    session: Session
    endpoint_url: str | None
    function_arns: Mapping[str, str]

    def list_groups(self) -> list[LogGroup]:
        """Return the groups in which the functions may have logged.

        A replica of an edge function logs in the Region where it runs, in a group named after us-east-1. The
        local stack runs each function in its home Region only.
        """
        return [group for item in self.function_arns.items() for group in self._list_groups_of(*item)]

    def _list_groups_of(self, function: str, arn: str) -> Iterable[LogGroup]:
        match = _FUNCTION_ARN.fullmatch(arn)
        if not match:
            raise ToolError(
                f"The output function_arns of Terraform has {arn} for {function}: run invoke apply."
            )
        home, name = match["region"], match["name"]
        yield LogGroup(function=function, region=home, name=f"/aws/lambda/{name}")
        if match["version"] and self.endpoint_url is None:
            for region in self.session.get_available_regions("logs", match["partition"]):
                yield LogGroup(
                    function=function,
                    region=region,
                    name=f"/aws/lambda/{home}.{name}",
                    is_home=region == home,
                )


def find_deployment(*, local: bool) -> Deployment:
    """Find the deployment of `terraform/` in AWS, or the running local stack.

    Raises:
        ToolError: there is none.
    """
    if not local:
        terraform = Terraform(TERRAFORM)
        terraform.init()
        return Deployment(
            session=boto3.Session(),
            endpoint_url=None,
            function_arns=_read_functions(terraform, "invoke apply"),
        )
    state = StateFolder(STATE)
    if find_holder(state.stack_pid) is None or not state.result.exists():
        raise ToolError("No local stack is running: invoke up --detach")
    terraform = Terraform(state.terraform, environment=isolate_environment(state.home))
    return Deployment(
        session=root_session(),
        endpoint_url=json.loads(state.result.read_text("utf-8"))["emulator_url"],
        function_arns=_read_functions(terraform, "invoke up --detach"),
    )


def _read_functions(terraform: Terraform, remedy: str) -> dict[str, str]:
    functions: dict[str, str] = terraform.output().get("function_arns") or {}
    if not functions:
        raise ToolError(
            f"Nothing is deployed in this workspace: run {remedy}, or name the workspace in TF_WORKSPACE."
        )
    return functions
