"""Requests held against AWS's own service models, which botocore brings along.

The emulator takes much that AWS refuses. Here a request on the wire is read back into the members of its
operation, and these are checked: required, known, type, enumeration, pattern, length and range. botocore's
own validator leaves out patterns and enumerations, and never sees the requests of other clients.
"""

from tools.local.aws_models.operations import Call, UnknownOperationError, find_call
from tools.local.aws_models.parsing import parse
from tools.local.aws_models.validation import find_problems
from tools.local.aws_models.wire import WireRequest

__all__ = ["Call", "UnknownOperationError", "WireRequest", "find_call", "find_problems", "parse"]
