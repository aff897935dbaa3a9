"""Invoke the published version of a function through the emulator's Lambda API."""

import json
import re
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from tools.local.edge.errors import FunctionFailedError, FunctionLimitError, FunctionResultError
from tools.local.edge.event import Event

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_TIMED_OUT = re.compile(r"Task timed out after \d+\.\d+ seconds")


class Function(Protocol):
    """A Lambda@Edge function for the event origin-request."""

    def invoke(self, event: Event) -> object:
        """Return the function's result for an event.

        Raises:
            EdgeError: the function returned no result.
        """


class PublishedVersion:
    """A published version of a function: Lambda@Edge never runs `$LATEST`.

    Args:
        client: Lambda client of the function's Region, shared by threads.
        qualified_arn: ARN that ends with the version.
    """

    def __init__(self, client: "LambdaClient", qualified_arn: str) -> None:
        self._client = client
        self._arn, _, self._version = qualified_arn.rpartition(":")

    def invoke(self, event: Event) -> object:
        """Return the function's result for an event.

        Raises:
            FunctionLimitError: the function was throttled or exceeded its timeout.
            FunctionFailedError: the function raised an exception or could not be invoked.
            FunctionResultError: the result is not JSON.
        """
        try:
            response = self._client.invoke(
                FunctionName=self._arn, Qualifier=self._version, Payload=json.dumps(event)
            )
            payload = response["Payload"].read()
        except self._client.exceptions.TooManyRequestsException as error:
            raise FunctionLimitError(str(error)) from error
        except ReadTimeoutError as error:
            raise FunctionLimitError(str(error)) from error
        except (ClientError, BotoCoreError) as error:
            raise FunctionFailedError(str(error)) from error
        result = _parse(payload)
        if "FunctionError" in response:
            raise _to_error(result)
        return result


def _parse(payload: bytes) -> object:
    try:
        return json.loads(payload)
    except ValueError as error:
        raise FunctionResultError("The function's result is not JSON.") from error


def _to_error(result: object) -> FunctionLimitError | FunctionFailedError:
    described: dict[str, Any] = result if isinstance(result, dict) else {}
    message = str(described.get("errorMessage", result))
    if described.get("errorType") == "Sandbox.Timedout" or _TIMED_OUT.search(message):
        return FunctionLimitError(message)
    return FunctionFailedError(message)
