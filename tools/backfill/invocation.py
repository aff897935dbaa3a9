"""One invocation of the function, waited for."""

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ReadTimeoutError

from tools.console import ToolError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class InvocationError(ToolError):
    """The function failed; the message says why in its own words."""


def invoke(functions: "LambdaClient", function_arn: str, event: object) -> Any:
    """What the function answers to an event.

    Raises:
        InvocationError: the function raised an error, was stopped, or there was no room for it.
    """
    try:
        answer = functions.invoke(FunctionName=function_arn, Payload=json.dumps(event).encode())
    except functions.exceptions.TooManyRequestsException as error:
        raise InvocationError("Lambda runs as many functions as it may: run it again later.") from error
    except ReadTimeoutError as error:
        raise InvocationError("The function did not answer in time.") from error
    payload = json.load(answer["Payload"])
    if "FunctionError" in answer:
        message = payload.get("errorMessage") if isinstance(payload, dict) else None
        raise InvocationError(str(message or payload))
    return payload
