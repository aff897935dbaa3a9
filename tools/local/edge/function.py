"""Run the published version of a function through the emulator's Lambda API."""

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
    """What runs on an origin request."""

    def invoke(self, event: Event) -> object:
        """The function's result for an event.

        Raises:
            EdgeError: there is none.
        """


class PublishedVersion:
    """A function at the edge: never `$LATEST`, always the version the distribution names."""

    def __init__(self, client: "LambdaClient", qualified_arn: str) -> None:
        """Name the version.

        Args:
            client: of the Region of the function; shared by threads, so with a connection for each.
            qualified_arn: ends with the number of the version.
        """
        self._client = client
        self._arn, _, self._version = qualified_arn.rpartition(":")

    def invoke(self, event: Event) -> object:
        """The function's result for an event.

        Raises:
            FunctionLimitError: it was throttled or ran out of time.
            FunctionFailedError: it raised, or cannot be invoked.
            FunctionResultError: what came back is not JSON.
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
            raise _failure(result)
        return result


def _parse(payload: bytes) -> object:
    try:
        return json.loads(payload)
    except ValueError as error:
        raise FunctionResultError("The function's result is not JSON.") from error


def _failure(result: object) -> FunctionLimitError | FunctionFailedError:
    described: dict[str, Any] = result if isinstance(result, dict) else {}
    message = str(described.get("errorMessage", result))
    if described.get("errorType") == "Sandbox.Timedout" or _TIMED_OUT.search(message):
        return FunctionLimitError(message)
    return FunctionFailedError(message)
