"""Synchronous invocation of a function."""

import json
from base64 import b64decode
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
    return invoke_with_log(functions, function_arn, event)[0]


def invoke_with_log(
    functions: "LambdaClient", function_arn: str, event: object
) -> tuple[Any, list[dict[str, Any]]]:
    """Invoke the function; return its decoded JSON response, and the JSON lines at the end of its log.

    Lambda returns the last 4 KB of the log (Lambda API reference, "Invoke").

    Raises:
        InvocationError: as for `invoke`.
    """
    try:
        response = functions.invoke(
            FunctionName=function_arn, LogType="Tail", Payload=json.dumps(event).encode()
        )
    except functions.exceptions.TooManyRequestsException as error:
        raise InvocationError(
            "The concurrency of Lambda is exhausted: run the command again later."
        ) from error
    except ReadTimeoutError as error:
        raise InvocationError("The function did not respond in time.") from error
    payload = json.load(response["Payload"])
    if "FunctionError" in response:
        message = payload.get("errorMessage") if isinstance(payload, dict) else None
        raise InvocationError(str(message or payload))
    log = b64decode(response.get("LogResult", "")).decode(errors="replace")
    return payload, [line for text in log.splitlines() if isinstance(line := _parse(text), dict)]


def _parse(text: str) -> object:
    """Parse a line of a log. The first line may be incomplete, and Lambda adds lines of its own."""
    try:
        parsed: object = json.loads(text)
    except ValueError:
        return None
    return parsed
