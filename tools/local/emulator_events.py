"""What MiniStack 1.5.33 leaves out of events and alarms, put in by `tools.local.emulator_boot`.

- An asynchronous invocation waits in a queue until there is room for it. MiniStack starts a process for each
  at once: a burst of uploads would take all of the machine.
- An event that failed goes to a queue with the rights of the function's role. MiniStack asks for none.
- The answer to DescribeAlarms in XML, which Terraform asks for, tells all of an alarm: without that every
  plan would change it.
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
from ministack.services import cloudwatch, lambda_svc  # type: ignore[import-untyped]  # as above

type Answer = tuple[int, dict[str, str], bytes]

_asynchronous = ContextVar("asynchronous", default=False)
_room = threading.BoundedSemaphore(2 * (os.cpu_count() or 1))

_TOLD = ("AlarmDescription", "Period", "Statistic", "TreatMissingData", "ActionsEnabled")
_LISTED = ("AlarmActions", "OKActions", "InsufficientDataActions")


def install() -> None:
    """Put everything in, once, before the emulator serves."""
    lambda_svc.invoke_async_with_retry = partial(_queue, lambda_svc.invoke_async_with_retry)
    lambda_svc._execute_function = partial(_execute, lambda_svc._execute_function)  # noqa: SLF001  # there is no public way in
    lambda_svc._route_async_failure = partial(_hand_over, lambda_svc._route_async_failure)  # noqa: SLF001  # as above
    cloudwatch._describe_alarms = partial(_describe_alarms, cloudwatch._describe_alarms)  # noqa: SLF001  # as above


def _queue(original: Callable[..., None], function: Mapping[str, Any], event: object) -> None:
    """The thread that MiniStack starts for an event inherits the mark."""
    token = _asynchronous.set(True)
    try:
        original(function, event)
    finally:
        _asynchronous.reset(token)


def _execute(
    original: Callable[..., dict[str, Any]], function: Mapping[str, Any], event: object
) -> dict[str, Any]:
    if not _asynchronous.get():
        return original(function, event)
    with _room:
        # What runs has its room: MiniStack may come by here again for the same invocation.
        token = _asynchronous.set(False)
        try:
            return original(function, event)
        finally:
            _asynchronous.reset(token)


def _hand_over(original: Callable[..., None], target: str, name: str, event: object, result: object) -> None:
    _, _, service, region, _, queue = target.split(":")
    if service == "sqs":
        function = lambda_svc._functions[name]["config"]  # noqa: SLF001  # as above
        key_id = lambda_runtime.execution_credentials(function)["AWS_ACCESS_KEY_ID"]
        if iam_evaluator.enforce(key_id, "sqs:SendMessage", service, region, resource_arn=target) is not None:
            logging.getLogger("lambda").warning("The role of %s may not send to the queue %s.", name, queue)
            return
    original(target, name, event, result)


def _describe_alarms(original: Callable[..., Answer], *request: object) -> Answer:
    status, headers, body = original(*request)
    if headers["Content-Type"] != "application/xml":
        return status, headers, body
    text = body.decode()
    for name, alarm in cloudwatch._alarms.items():  # noqa: SLF001  # as above
        mark = f"<AlarmName>{name}</AlarmName>"
        text = text.replace(mark, mark + _told(alarm))
    return status, headers, text.encode()


def _told(alarm: Mapping[str, Any]) -> str:
    parts = [(name, escape(str(alarm.get(name, "")))) for name in _TOLD]
    parts += [(name, "".join(f"<member>{arn}</member>" for arn in alarm.get(name) or [])) for name in _LISTED]
    dimensions = "".join(
        f"<member><Name>{one['Name']}</Name><Value>{one['Value']}</Value></member>"
        for one in alarm["Dimensions"]
    )
    parts.append(("Dimensions", dimensions))
    return "".join(f"<{name}>{content}</{name}>" for name, content in parts).replace(">True<", ">true<")
