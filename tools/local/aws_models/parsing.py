"""Parse requests into the members of their operations, by the rules of the protocols.

Source: Smithy, "AWS protocols" (awsJson1_0, awsJson1_1, awsQuery, restJson1, restXml).
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs
from xml.etree import ElementTree as ET

from botocore.model import ListShape, MapShape, Shape, StructureShape

from tools.local.aws_models.operations import Call

# The SDK for Go adds the name of the operation, which the models do not contain.
_NO_MEMBERS = frozenset({"x-id"})


class _UnreadableError(Exception):
    """A value does not have the type of its member."""


def parse(call: Call) -> tuple[dict[str, Any], list[str]]:
    """Parse the members of a call.

    Returns:
        The members, and a sentence for each element that the model does not contain.
    """
    shape = call.operation.input_shape
    if shape is None:
        return {}, []
    problems: list[str] = []
    try:
        if call.protocol == "json":
            return _parse_json_structure(
                shape, json.loads(call.request.body or b"{}"), "", problems
            ), problems
        if call.protocol == "query":
            return _parse_query(shape, call.request.body, problems), problems
        return _parse_rest(call, shape, problems), problems
    except (ValueError, ET.ParseError, _UnreadableError) as error:
        return {}, [*problems, f"The request cannot be read: {error}."]


def _parse_rest(call: Call, shape: StructureShape, problems: list[str]) -> dict[str, Any]:
    request, query = call.request, call.request.query
    members: dict[str, Any] = {}
    named = {name for name, _ in _literal_parameters(call)} | _NO_MEMBERS
    for name, member in shape.members.items():
        place, wire_name = member.serialization.get("location"), member.serialization.get("name", name)
        if place == "uri" and wire_name in call.labels:
            members[name] = _parse_scalar(member, call.labels[wire_name])
        elif place == "querystring":
            named.add(wire_name)
            if wire_name in query:
                values = [_parse_scalar(_item_shape(member), value) for value in query[wire_name]]
                members[name] = values if isinstance(member, ListShape) else values[0]
        elif place == "header" and wire_name.lower() in request.headers:
            text = request.headers[wire_name.lower()]
            members[name] = (
                [_parse_scalar(member.member, value.strip()) for value in text.split(",")]
                if isinstance(member, ListShape)
                else _parse_scalar(member, text)
            )
        elif place == "headers":
            prefix = wire_name.lower()
            if found := {k: v for k, v in request.headers.items() if k.startswith(prefix)}:
                members[name] = found
    problems += [f"{name} is no query parameter of {call}." for name in query if name not in named]
    return members | _parse_body(call, shape, problems)


def _literal_parameters(call: Call) -> list[tuple[str, str]]:
    query = call.operation.http["requestUri"].partition("?")[2]
    return [(name, "") for name in parse_qs(query, keep_blank_values=True)]


def _parse_body(call: Call, shape: StructureShape, problems: list[str]) -> dict[str, Any]:
    body, payload = call.request.body, shape.serialization.get("payload")
    if payload is None:
        members = {n: m for n, m in shape.members.items() if "location" not in m.serialization}
        if not members or not body:
            return {}
        return _parse_document(call, shape, members, problems)
    member = shape.members[payload]
    if not body:
        return {}
    if isinstance(member, StructureShape):
        return {payload: _parse_document(call, member, member.members, problems)}
    return {payload: body if member.type_name == "blob" else body.decode()}


def _parse_document(
    call: Call, shape: StructureShape, members: Mapping[str, Shape], problems: list[str]
) -> dict[str, Any]:
    body = call.request.body
    if call.protocol == "rest-json":
        return _parse_json_structure(shape, json.loads(body), "", problems, members)
    return _parse_xml_structure(members, ET.fromstring(body), "", problems)  # noqa: S314  # from Terraform, on this machine


def _join_path(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _item_shape(shape: Shape) -> Shape:
    return shape.member if isinstance(shape, ListShape) else shape


# JSON


def _parse_json_structure(
    shape: StructureShape,
    value: object,
    path: str,
    problems: list[str],
    members: Mapping[str, Shape] | None = None,
) -> dict[str, Any]:
    members = shape.members if members is None else members
    if not isinstance(value, dict):
        raise _UnreadableError(f"{path or 'the body'} is not an object")
    by_wire_name = {member.serialization.get("name", name): name for name, member in members.items()}
    problems += [
        f"{_join_path(path, name)} is not in the model." for name in value if name not in by_wire_name
    ]
    return {
        by_wire_name[name]: _parse_json(members[by_wire_name[name]], item, _join_path(path, name), problems)
        for name, item in value.items()
        if name in by_wire_name and item is not None
    }


def _parse_json(shape: Shape, value: Any, path: str, problems: list[str]) -> Any:
    if isinstance(shape, StructureShape):
        return _parse_json_structure(shape, value, path, problems)
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_parse_json(shape.member, item, f"{path}[{i}]", problems) for i, item in enumerate(value)]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {k: _parse_json(shape.value, item, _join_path(path, k), problems) for k, item in value.items()}
    return _decode_blob(value) if shape.type_name == "blob" and isinstance(value, str) else value


# XML


def _parse_xml_structure(
    members: Mapping[str, Shape], element: ET.Element, path: str, problems: list[str]
) -> dict[str, Any]:
    by_wire_name = {_xml_name(name, member): name for name, member in members.items()}
    found: dict[str, list[ET.Element]] = {}
    for child in element:
        tag = child.tag.rpartition("}")[2]
        if tag in by_wire_name:
            found.setdefault(by_wire_name[tag], []).append(child)
        else:
            problems.append(f"{_join_path(path, tag)} is not in the model.")
    values = {
        name: _parse_xml(members[name], children, _join_path(path, name), problems)
        for name, children in found.items()
    }
    attributes = {key.rpartition("}")[2]: text for key, text in element.attrib.items()}
    for name, member in members.items():
        if member.serialization.get("xmlAttribute"):
            wire_name = str(member.serialization.get("name", name)).rpartition(":")[2]
            if wire_name in attributes:
                values[name] = attributes[wire_name]
    return values


def _xml_name(name: str, member: Shape) -> str:
    own = str(member.serialization.get("name", name))
    if isinstance(member, ListShape) and member.serialization.get("flattened"):
        return str(member.member.serialization.get("name", own))
    return own


def _parse_xml(shape: Shape, elements: list[ET.Element], path: str, problems: list[str]) -> Any:
    first = elements[0]
    if isinstance(shape, StructureShape):
        return _parse_xml_structure(shape.members, first, path, problems)
    if isinstance(shape, ListShape):
        items = elements if shape.serialization.get("flattened") else list(first)
        return [_parse_xml(shape.member, [item], f"{path}[{i}]", problems) for i, item in enumerate(items)]
    if isinstance(shape, MapShape):
        entries = elements if shape.serialization.get("flattened") else list(first)
        pairs = [list(entry) for entry in entries]
        return {pair[0].text or "": _parse_xml(shape.value, [pair[1]], path, problems) for pair in pairs}
    return _parse_scalar(shape, first.text or "")


# Query


def _parse_query(shape: StructureShape, body: bytes, problems: list[str]) -> dict[str, Any]:
    form = {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
    rest = {name: value for name, value in form.items() if name not in ("Action", "Version")}
    used: set[str] = set()
    members = _parse_query_structure(shape, rest, "", used)
    problems += [f"{name} is not in the model." for name in rest if name not in used]
    return members


def _parse_query_structure(
    shape: StructureShape, form: Mapping[str, str], prefix: str, used: set[str]
) -> dict[str, Any]:
    values = {
        name: _parse_query_value(member, form, f"{prefix}{_query_name(name, member)}", used)
        for name, member in shape.members.items()
    }
    return {name: value for name, value in values.items() if value is not None}


def _query_name(name: str, member: Shape) -> str:
    return str(member.serialization.get("name", name))


def _parse_query_value(shape: Shape, form: Mapping[str, str], name: str, used: set[str]) -> Any:
    below = f"{name}."
    if isinstance(shape, StructureShape):
        return _parse_query_structure(shape, form, below, used) if _any_below(form, below) else None
    if isinstance(shape, ListShape):
        used.add(name)  # an empty list is its bare name
        flat = shape.serialization.get("flattened")
        item = "" if flat else f"{shape.member.serialization.get('name', 'member')}."
        return _parse_numbered(
            form, f"{below}{item}", lambda key: _parse_query_value(shape.member, form, key, used)
        ) or ([] if name in form else None)
    if isinstance(shape, MapShape):
        names = shape.key.serialization.get("name", "key"), shape.value.serialization.get("name", "value")
        entry = "" if shape.serialization.get("flattened") else "entry."
        pairs = _parse_numbered(
            form,
            f"{below}{entry}",
            lambda key: (
                _parse_query_value(shape.key, form, f"{key}.{names[0]}", used),
                _parse_query_value(shape.value, form, f"{key}.{names[1]}", used),
            ),
        )
        return dict(pairs) or None
    if name not in form:
        return None
    used.add(name)
    return _parse_scalar(shape, form[name])


def _any_below(form: Mapping[str, str], prefix: str) -> bool:
    return any(name.startswith(prefix) for name in form)


def _parse_numbered[Value](form: Mapping[str, str], prefix: str, read: Callable[[str], Value]) -> list[Value]:
    values: list[Value] = []
    while any(name == (key := f"{prefix}{len(values) + 1}") or name.startswith(f"{key}.") for name in form):
        values.append(read(key))
    return values


# Scalars


def _parse_scalar(shape: Shape, text: str) -> Any:
    """Convert text to the type of its member. Other text is kept, and `validation` rejects it."""
    kind = shape.type_name
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    if kind in ("integer", "long") and text.removeprefix("-").isdecimal():
        return int(text)
    if kind in ("float", "double"):
        try:
            return float(text)
        except ValueError:
            return text
    return _decode_blob(text) if kind == "blob" else text


def _decode_blob(text: str) -> bytes | str:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return text
