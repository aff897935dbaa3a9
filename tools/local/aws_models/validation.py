"""Validate the members of a call against the shapes of its model."""

from collections.abc import Iterator
from typing import Any

import regex
from botocore.model import ListShape, MapShape, Shape, StructureShape

from tools.local.aws_models.operations import Call
from tools.local.aws_models.rules import RULES

_TYPES: dict[str, type | tuple[type, ...]] = {
    "blob": bytes,
    "boolean": bool,
    "character": str,
    "double": (int, float),
    "float": (int, float),
    "integer": int,
    "list": list,
    "long": int,
    "map": dict,
    "string": str,
    "structure": dict,
    "timestamp": (int, float, str),
}
_MAX_SHOWN_CHARACTERS = 80


def find_problems(call: Call, members: dict[str, Any]) -> list[str]:
    """Return a sentence for each member that AWS rejects."""
    shape = call.operation.input_shape
    found = [] if shape is None else list(_check_structure(shape, members, ""))
    rule = RULES.get(str(call))
    return found if found or rule is None else list(rule(members))


def _check_structure(shape: StructureShape, value: dict[str, Any], path: str) -> Iterator[str]:
    prefix = f"{path}." if path else ""
    for name in shape.required_members:
        # Clients generate idempotency tokens.
        if name not in value and not shape.members[name].metadata.get("idempotencyToken"):
            yield f"{prefix}{name} is required."
    for name, item in value.items():
        yield from _check_value(shape.members[name], item, f"{prefix}{name}")


def _check_value(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if shape.metadata.get("document") or shape.serialization.get("jsonvalue"):
        return
    if not _is_of_type(shape, value):
        yield f"{path}: {_abbreviate(value)} is not of type {shape.type_name}."
        return
    # A value is written only if it has a fault: the text of a zip takes a tenth of a second.
    yield from (f"{path}: {_abbreviate(value)} {fault}" for fault in _find_faults(shape, value))
    if isinstance(shape, StructureShape):
        yield from _check_structure(shape, value, path)
    elif isinstance(shape, ListShape):
        for number, item in enumerate(value):
            yield from _check_value(shape.member, item, f"{path}[{number}]")
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            yield from _check_value(shape.key, key, f"{path} (key)")
            yield from _check_value(shape.value, item, f"{path}.{key}")


def _is_of_type(shape: Shape, value: object) -> bool:
    # bool is a subclass of int in Python.
    is_flag = isinstance(value, bool) and shape.type_name != "boolean"
    return isinstance(value, _TYPES[shape.type_name]) and not is_flag


def _find_faults(shape: Shape, value: Any) -> Iterator[str]:
    """Yield how a value is outside the limits of a shape, as ends of sentences about the value."""
    limits = shape.metadata
    if "min" in limits or "max" in limits:
        is_number = isinstance(value, int | float)
        size, quantity = (value, "value") if is_number else (len(value), "length")
        if size < limits.get("min", size):
            yield f"has the {quantity} {size}, below the minimum of {limits['min']}."
        if size > limits.get("max", size):
            yield f"has the {quantity} {size}, above the maximum of {limits['max']}."
    if limits.get("enum") and value not in limits["enum"]:
        yield f"is none of {', '.join(limits['enum'])}."
    pattern = limits.get("pattern")
    if pattern and isinstance(value, str) and not _compile_pattern(pattern).fullmatch(value):
        yield f"does not match {pattern}."


def _compile_pattern(pattern: str) -> "regex.Pattern[str]":
    """Compile a Java pattern of the models, whose Unicode classes the module `re` does not support."""
    return regex.compile(pattern)


def _abbreviate(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _MAX_SHOWN_CHARACTERS else f"{text[:_MAX_SHOWN_CHARACTERS]}..."
