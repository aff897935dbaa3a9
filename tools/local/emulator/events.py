"""Bridges for asynchronous invocations, failure destinations and alarms, compared with MiniStack 1.5.33.

- Asynchronous invocations wait in a queue for free capacity. MiniStack starts a process for each at once, so
  that a burst of uploads would exhaust the machine.
- Lambda sends a failed event to a queue with the permissions of the function's role. MiniStack checks none.
- Lambda polls a queue with the permissions of the function's role, and refuses an event source mapping
  without them. EventBridge sends to a queue whose policy allows the rule to. MiniStack checks neither.
- DescribeAlarms returns all members of an alarm in XML, the format of Terraform. MiniStack omits some, so
  that every plan would change the alarm.
"""

import logging
import os
import threading
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import partial
from typing import Any
from xml.sax.saxutils import escape

from ministack.core import iam_evaluator, lambda_runtime  # type: ignore[import-untyped]  # MiniStack has no type hints
from ministack.core.responses import error_response_json  # type: ignore[import-untyped]  # as above
from ministack.services import cloudwatch, eventbridge, lambda_svc  # type: ignore[import-untyped]  # as above

from tools.local.emulator.names import Response
from tools.local.emulator.policies import resource_allows

_asynchronous = ContextVar("asynchronous", default=False)
_slots = threading.BoundedSemaphore(2 * (os.cpu_count() or 1))

_POLLING = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
_SCALARS = ("AlarmDescription", "Period", "Statistic", "TreatMissingData", "ActionsEnabled")
_LISTS = ("AlarmActions", "OKActions", "InsufficientDataActions")


def install() -> None:
    """Patch MiniStack with the functions of this module. Call once, before the emulator serves."""
    lambda_svc.invoke_async_with_retry = partial(_invoke_async, lambda_svc.invoke_async_with_retry)
    lambda_svc._execute_function = partial(_execute_function, lambda_svc._execute_function)  # noqa: SLF001  # there is no public way in
    lambda_svc._route_async_failure = partial(_route_async_failure, lambda_svc._route_async_failure)  # noqa: SLF001  # as above
    lambda_svc._create_esm = partial(_create_mapping, lambda_svc._create_esm)  # noqa: SLF001  # as above
    eventbridge._invoke_target = partial(_invoke_target, eventbridge._invoke_target)  # noqa: SLF001  # as above
    cloudwatch._describe_alarms = partial(_describe_alarms, cloudwatch._describe_alarms)  # noqa: SLF001  # as above


def _invoke_async(original: Callable[..., None], function: Mapping[str, Any], event: object) -> None:
    """Mark the invocation as asynchronous for `_execute_function`, which MiniStack calls in another thread.

    The thread inherits the context of this call, and the mark with it.
    """
    token = _asynchronous.set(True)
    try:
        original(function, event)
    finally:
        _asynchronous.reset(token)


def _execute_function(
    original: Callable[..., dict[str, Any]], function: Mapping[str, Any], event: object
) -> dict[str, Any]:
    if not _asynchronous.get():
        return original(function, event)
    with _slots:
        # MiniStack may call this function again for the same invocation, which already holds a slot.
        token = _asynchronous.set(False)
        try:
            return original(function, event)
        finally:
            _asynchronous.reset(token)


def _route_async_failure(
    original: Callable[..., None], target: str, name: str, event: object, result: object
) -> None:
    _, _, service, region, _, queue = target.split(":")
    if service == "sqs":
        function = lambda_svc._functions[name]["config"]  # noqa: SLF001  # as above
        key_id = lambda_runtime.execution_credentials(function)["AWS_ACCESS_KEY_ID"]
        if iam_evaluator.enforce(key_id, "sqs:SendMessage", service, region, resource_arn=target) is not None:
            logging.getLogger("lambda").warning("The role of %s may not send to the queue %s.", name, queue)
            return
    original(target, name, event, result)


def _create_mapping(original: Callable[..., Response], data: Mapping[str, Any]) -> Response:
    source = data["EventSourceArn"]
    _, _, service, region, *_ = source.split(":")
    name = data["FunctionName"].rpartition(":")[2]
    if service == "sqs" and name in lambda_svc._functions:  # noqa: SLF001  # as above
        function = lambda_svc._functions[name]["config"]  # noqa: SLF001  # as above
        key_id = lambda_runtime.execution_credentials(function)["AWS_ACCESS_KEY_ID"]
        for action in _POLLING:
            denied = iam_evaluator.enforce(key_id, f"sqs:{action}", service, region, resource_arn=source)
            if denied is not None:
                message = f"The function execution role does not have permissions to call {action} on SQS"
                response: Response = error_response_json("InvalidParameterValueException", message, 400)
                return response
    return original(data)


def _invoke_target(
    original: Callable[..., None],
    target: Mapping[str, Any],
    event: object,
    rule: Mapping[str, Any],
    view: object = None,
) -> None:
    arn = target["Arn"]
    _, _, service, region, *_ = arn.split(":")
    context = {"aws:SourceArn": rule["Arn"]}
    if service == "sqs" and not resource_allows(
        "events.amazonaws.com", "sqs:SendMessage", arn, region, context
    ):
        logging.getLogger("events").warning("The rule %s may not send to %s.", rule["Name"], arn)
        return
    original(target, event, rule, view)


def _describe_alarms(original: Callable[..., Response], *request: object) -> Response:
    status, headers, body = original(*request)
    if headers["Content-Type"] != "application/xml":
        return status, headers, body
    text = body.decode()
    for name, alarm in cloudwatch._alarms.items():  # noqa: SLF001  # as above
        mark = f"<AlarmName>{name}</AlarmName>"
        text = text.replace(mark, mark + _describe(alarm))
    return status, headers, text.encode()


def _describe(alarm: Mapping[str, Any]) -> str:
    parts = [(name, escape(str(alarm.get(name, "")))) for name in _SCALARS]
    parts += [(name, "".join(f"<member>{arn}</member>" for arn in alarm.get(name) or [])) for name in _LISTS]
    dimensions = "".join(
        f"<member><Name>{one['Name']}</Name><Value>{one['Value']}</Value></member>"
        for one in alarm["Dimensions"]
    )
    parts.append(("Dimensions", dimensions))
    return "".join(f"<{name}>{content}</{name}>" for name, content in parts).replace(">True<", ">true<")
