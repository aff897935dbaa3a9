"""One invocation of the function, waited for."""

import json
from typing import TYPE_CHECKING, Any

from tools.console import ToolError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class InvocationError(ToolError):
    """The function failed; the message says why in its own words."""


def invoke(functions: "LambdaClient", function_arn: str, event: object) -> Any:
    """What the function answers to an event.

    Raises:
        InvocationError: the function raised an error, or was stopped.
    """
    answer = functions.invoke(FunctionName=function_arn, Payload=json.dumps(event).encode())
    payload = json.load(answer["Payload"])
    if "FunctionError" in answer:
        raise InvocationError(str(payload.get("errorMessage", payload)))
    return payload
