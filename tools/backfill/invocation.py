"""Synchronous invocation of the function."""

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ReadTimeoutError

from tools.console import ToolError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class InvocationError(ToolError):
    """The function failed. The message is the function's own."""


def invoke(functions: "LambdaClient", function_arn: str, event: object) -> Any:
    """Invoke the function and return its decoded JSON response.

    Raises:
        InvocationError: the function raised an error or was stopped, or its concurrency was exhausted.
    """
    try:
        response = functions.invoke(FunctionName=function_arn, Payload=json.dumps(event).encode())
    except functions.exceptions.TooManyRequestsException as error:
        raise InvocationError("The concurrency of Lambda is exhausted: run it again later.") from error
    except ReadTimeoutError as error:
        raise InvocationError("The function did not respond in time.") from error
    payload = json.load(response["Payload"])
    if "FunctionError" in response:
        message = payload.get("errorMessage") if isinstance(payload, dict) else None
        raise InvocationError(str(message or payload))
    return payload
