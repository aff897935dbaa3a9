"""Find the operation of a request."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qs, parse_qsl, unquote

import botocore.session
from botocore.model import OperationModel, ServiceModel

from tools.local.aws_models.wire import WireRequest

# A signature for several Regions, as of a key value store, has no Region in its scope.
_SCOPE = re.compile(r"Credential=[^/]+/[^/]+/(?:[^/]+/)?(?P<service>[^/]+)/aws4_request")
_S3_CONTROL = "/v20180820/"
# Signing name => name of the model, if different.
_MODELS = {"monitoring": "cloudwatch"}
_LABEL = re.compile(r"\{(?P<name>[^}+]+)(?P<greedy>\+?)\}")


class UnknownOperationError(Exception):
    """No operation of the models matches a request."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request to AWS and the operation that it calls.

    Attributes:
        service: name of the service in the models, such as `s3`.
        operation: model of the operation.
        protocol: `json`, `query`, `rest-json` or `rest-xml`.
        request: the request.
        labels: members of the input that stand in the path, such as `Bucket`, percent-decoded.
    """

    service: str
    operation: OperationModel
    protocol: str
    request: WireRequest
    labels: Mapping[str, str]

    def __str__(self) -> str:
        """Return the name in the form of IAM actions."""
        return f"{self.service}:{self.operation.name}"


def find_call(request: WireRequest) -> Call:
    """Return the operation of a request.

    Raises:
        UnknownOperationError: the request is not signed, or no operation matches.
    """
    scope = _SCOPE.search(request.headers.get("authorization", ""))
    if scope is None:
        raise UnknownOperationError(f"{request.method} {request.path} is not signed.")
    signing_name = scope["service"]
    service = "s3control" if request.path.startswith(_S3_CONTROL) else _MODELS.get(signing_name, signing_name)
    model = _service_model(service)
    target = request.headers.get("x-amz-target", "").rpartition(".")[2]
    action = "" if target else _find_action(request)
    protocol = "json" if target else "query" if action else str(model.metadata["protocol"])
    if name := target or action:
        if name not in model.operation_names:
            raise UnknownOperationError(f"{service} has no operation {name}.")
        return Call(
            service=service,
            operation=model.operation_model(name),
            protocol=protocol,
            request=request,
            labels={},
        )
    operation, labels = _match_route(model, request)
    return Call(service=service, operation=operation, protocol=protocol, request=request, labels=labels)


@cache
def _service_model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


def _find_action(request: WireRequest) -> str:
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return ""
    return parse_qs(request.body.decode()).get("Action", [""])[0]


@dataclass(frozen=True, kw_only=True)
class _Route:
    operation: OperationModel
    method: str
    path: re.Pattern[str]
    literal_size: int
    query: tuple[tuple[str, str], ...]
    required: frozenset[tuple[str, str]]


def _match_route(model: ServiceModel, request: WireRequest) -> tuple[OperationModel, Mapping[str, str]]:
    """Find the REST operation that matches most of the query string and headers."""
    query = request.query
    found = []
    for route in _make_routes(model.service_name):
        labels = route.path.fullmatch(request.path.rstrip("/") or "/")
        if route.method != request.method or labels is None:
            continue
        if any(value not in query.get(name, []) for name, value in route.query):
            continue
        present = {
            (place, name)
            for place, name in route.required
            if name in (query if place == "querystring" else request.headers)
        }
        missing = len(route.required) - len(present)
        rank = (len(route.query), -missing, len(present), route.literal_size)
        found.append((rank, route, labels))
    if not found:
        raise UnknownOperationError(
            f"{model.service_name} has no operation {request.method} {request.path}?{request.querystring}."
        )
    _, route, labels = max(found, key=lambda candidate: candidate[0])
    return route.operation, {name: unquote(value) for name, value in labels.groupdict().items()}


@cache
def _make_routes(service: str) -> tuple[_Route, ...]:
    model = _service_model(service)
    operations = map(model.operation_model, model.operation_names)
    # A deprecated operation shares the path of its replacement.
    return tuple(_make_route(operation) for operation in operations if not operation.deprecated)


def _make_route(operation: OperationModel) -> _Route:
    path, _, query = operation.http["requestUri"].partition("?")
    shape = operation.input_shape
    required = {
        (member.serialization["location"], member.serialization.get("name", name).lower())
        if member.serialization["location"] == "header"
        else (member.serialization["location"], member.serialization.get("name", name))
        for name, member in (shape.members.items() if shape else ())
        if name in (shape.required_members if shape else ())
        and member.serialization.get("location") in ("header", "querystring")
    }
    return _Route(
        operation=operation,
        method=operation.http["method"],
        path=re.compile(_to_pattern(path.rstrip("/") or "/")),
        literal_size=len(_LABEL.sub("", path)),
        query=tuple(parse_qsl(query, keep_blank_values=True)),
        required=frozenset(required),
    )


def _to_pattern(path: str) -> str:
    """Convert `/{Bucket}/{Key+}` to a regular expression with a group for each label."""
    parts, end = [], 0
    for label in _LABEL.finditer(path):
        parts += [
            re.escape(path[end : label.start()]),
            f"(?P<{label['name']}>{'.+' if label['greedy'] else '[^/]+'})",
        ]
        end = label.end()
    return "".join([*parts, re.escape(path[end:])])
