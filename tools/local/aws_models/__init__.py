"""Validate requests against AWS's own service models, which are part of botocore.

The emulator accepts requests that AWS rejects. Here a request on the wire is parsed into the members of its
operation, which are checked for presence, name, type, enumeration, pattern, length and range. botocore's own
validator ignores patterns and enumerations, and never receives the requests of other clients.
"""

from tools.local.aws_models.operations import Call, UnknownOperationError, find_call
from tools.local.aws_models.parsing import parse
from tools.local.aws_models.validation import find_problems
from tools.local.aws_models.wire import WireRequest

__all__ = ["Call", "UnknownOperationError", "WireRequest", "find_call", "find_problems", "parse"]
