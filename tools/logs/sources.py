"""The log groups of a deployment, in every Region where its functions can run."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tools.console import ToolError
from tools.deployment import Deployment

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


def list_groups(deployment: Deployment[Mapping[str, str]]) -> list[LogGroup]:
    """Return the groups in which the functions may have logged.

    A replica of an edge function logs in the Region where it runs, in a group named after us-east-1. The
    local stack runs each function in its home Region only.

    Args:
        deployment: the deployment, with function => ARN.
    """
    return [group for item in deployment.outputs.items() for group in _list_groups_of(deployment, *item)]


def _list_groups_of(deployment: Deployment[Mapping[str, str]], function: str, arn: str) -> Iterable[LogGroup]:
    match = _FUNCTION_ARN.fullmatch(arn)
    if not match:
        raise ToolError(
            f"The output function_arns of Terraform has {arn} for {function}: run {deployment.apply}."
        )
    home, name = match["region"], match["name"]
    yield LogGroup(function=function, region=home, name=f"/aws/lambda/{name}")
    if match["version"] and not deployment.is_local:
        for region in deployment.session.get_available_regions("logs", match["partition"]):
            yield LogGroup(
                function=function,
                region=region,
                name=f"/aws/lambda/{home}.{name}",
                is_home=region == home,
            )
