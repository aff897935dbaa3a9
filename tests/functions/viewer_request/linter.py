"""Linter for the language of CloudFront Functions, which no JavaScript engine enforces.

Allowed is what AWS lists in "JavaScript runtime 2.0 features for CloudFront Functions", and nothing else.
"""

import json
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import quickjs

_STATEMENTS = """
Program ImportDeclaration ImportDefaultSpecifier BlockStatement EmptyStatement ExpressionStatement
IfStatement LabeledStatement BreakStatement ContinueStatement SwitchStatement SwitchCase ReturnStatement
ThrowStatement TryStatement CatchClause WhileStatement DoWhileStatement ForStatement ForInStatement
FunctionDeclaration VariableDeclaration VariableDeclarator
"""
_EXPRESSIONS = """
Identifier Literal ThisExpression ArrayExpression ObjectExpression Property FunctionExpression
ArrowFunctionExpression UnaryExpression UpdateExpression BinaryExpression AssignmentExpression
LogicalExpression MemberExpression ConditionalExpression CallExpression NewExpression SequenceExpression
AwaitExpression TemplateLiteral TemplateElement RestElement
"""
_NODES = frozenset((_STATEMENTS + _EXPRESSIONS).split())
_MODULES = frozenset({"buffer", "cloudfront", "crypto", "querystring"})
_GLOBAL_NAMES = """
Array ArrayBuffer Boolean Buffer DataView Date Error EvalError Float32Array Float64Array Infinity
Int16Array Int32Array Int8Array InternalError JSON Math NaN Number Object Promise RangeError
ReferenceError RegExp String Symbol SyntaxError TextDecoder TextEncoder TypeError URIError Uint16Array
Uint32Array Uint8Array Uint8ClampedArray arguments atob btoa console decodeURI decodeURIComponent
encodeURI encodeURIComponent globalThis isFinite isNaN parseFloat parseInt undefined
"""
_GLOBALS = frozenset(_GLOBAL_NAMES.split())
_PROPERTY_NAMES = """
create defineProperties defineProperty freeze getOwnPropertyDescriptor getOwnPropertyDescriptors
getOwnPropertyNames getPrototypeOf isExtensible isFrozen isSealed keys preventExtensions seal assign
entries values hasOwnProperty isPrototypeOf propertyIsEnumerable toString valueOf is setPrototypeOf
prototype fromCharCode fromCodePoint charAt concat indexOf lastIndexOf match replace search slice split
substr substring toLowerCase trim toUpperCase codePointAt endsWith includes repeat startsWith padStart
padEnd trimStart trimEnd replaceAll charCodeAt EPSILON MAX_SAFE_INTEGER MIN_SAFE_INTEGER MAX_VALUE
MIN_VALUE NaN NEGATIVE_INFINITY POSITIVE_INFINITY isFinite isInteger isNaN isSafeInteger parseInt
parseFloat toExponential toFixed toPrecision E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2 abs acos acosh asin
asinh atan atan2 atanh cbrt ceil clz32 cos cosh exp expm1 floor fround hypot imul log log1p log2 log10
max min pow random round sign sinh sin sqrt tan tanh trunc now parse UTC apply bind call global
ignoreCase multiline source sticky flags exec test lastIndex stringify isArray of every filter forEach
join map pop push reduce reduceRight reverse shift some sort splice unshift copyWithin fill find
findIndex from set subarray isView all allSettled any reject resolve race catch finally then for keyFor
length name message constructor getTime getFullYear getMonth getDate getDay getHours getMinutes
getSeconds getMilliseconds getTimezoneOffset getUTCFullYear getUTCMonth getUTCDate getUTCDay getUTCHours
getUTCMinutes getUTCSeconds getUTCMilliseconds toISOString toUTCString toJSON buffer byteLength
byteOffset
"""
_PROPERTIES = frozenset(_PROPERTY_NAMES.split())
_REGULAR_EXPRESSION_FLAGS = frozenset("gimy")

# Names of all properties that the supported globals have in a current engine.
_BUILTINS = frozenset(
    json.loads(
        quickjs.Context().eval(
            """
            const names = new Set();
            const collect = (value) => Object.getOwnPropertyNames(value).forEach((name) => names.add(name));
            SUPPORTED.filter((name) => globalThis[name] instanceof Object).forEach((name) => {
              collect(globalThis[name]);
              collect(globalThis[name].prototype || {});
            });
            JSON.stringify([...names]);
            """.replace("SUPPORTED", json.dumps(sorted(_GLOBALS - {"globalThis"})))
        )
    )
)


def find_problems(code: str) -> list[str]:
    """Return a sentence with its line for each use of a feature that CloudFront Functions do not list."""
    # Each worker of pytest-xdist imports this module, and the import of esprima takes 0.4 s and 100 MB.
    import esprima  # noqa: PLC0415

    try:
        program = esprima.parseModule(code, loc=True, tokens=True)
    except esprima.Error as error:
        return [str(error)]
    nodes = [(node, parent) for node, parent in _walk(program, None) if node is not program]
    declared = {name for node, _ in nodes for name in _declared_names(node)}
    problems = [
        f"Line {node.loc.start.line}: {problem}"
        for node, parent in nodes
        for problem in _find_node_problems(node, parent, declared)
    ]
    tokens = program.tokens
    problems += [
        f"Line {first.loc.start.line}: comma after the last argument"
        for first, second in pairwise(tokens)
        if (first.value, second.value) == (",", ")")
    ]
    return problems


def _walk(node: Any, parent: Any) -> Iterator[tuple[Any, Any]]:
    yield node, parent
    for name, value in vars(node).items():
        if name in ("loc", "range", "tokens", "errors", "comments"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(getattr(child, "type", None), str):
                yield from _walk(child, node)


def _declared_names(node: Any) -> Iterator[str]:
    if node.type in ("FunctionDeclaration", "VariableDeclarator"):
        yield getattr(node.id, "name", "")
    if node.type == "ImportDefaultSpecifier":
        yield node.local.name
    if node.type == "CatchClause" and node.param:
        yield getattr(node.param, "name", "")
    if node.type in ("FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"):
        for parameter in node.params:
            yield getattr(getattr(parameter, "argument", None) or parameter, "name", "")


def _find_node_problems(node: Any, parent: Any, declared: set[str]) -> Iterator[str]:
    if node.type not in _NODES:
        yield f"{node.type} is not supported"
    if check := _CHECKS.get(node.type):
        yield from check(node)
    if node.type == "Identifier" and _is_reference(node, parent) and node.name not in declared | _GLOBALS:
        yield f"the global {node.name} is not supported"


def _is_reference(node: Any, parent: Any) -> bool:
    if parent.type == "MemberExpression" and parent.property is node:
        return bool(parent.computed)
    if parent.type == "Property" and parent.key is node:
        return bool(parent.computed)
    return parent.type not in ("LabeledStatement", "BreakStatement", "ContinueStatement")


def _check_function(node: Any) -> Iterator[str]:
    if node.generator:
        yield "generators are not supported"
    if getattr(node, "isAsync", False) and node.type != "FunctionDeclaration":
        yield "only function declarations may be async"


def _check_property(node: Any) -> Iterator[str]:
    if node.shorthand or node.computed or node.method or node.kind != "init":
        yield "properties are written as name: value"


def _check_import(node: Any) -> Iterator[str]:
    if node.source.value not in _MODULES:
        yield f"there is no module {node.source.value}"


def _check_catch(node: Any) -> Iterator[str]:
    if node.param is None:
        yield "catch needs a name for the error"


def _check_call(node: Any) -> Iterator[str]:
    if any(inner.type == "AwaitExpression" for each in node.arguments for inner, _ in _walk(each, node)):
        yield "await in an argument is not supported"
    is_log = node.callee.type == "MemberExpression" and getattr(node.callee.object, "name", "") == "console"
    if is_log and (node.callee.property.name != "log" or len(node.arguments) != 1):
        yield "console has the method log with one argument only"


def _check_member(node: Any) -> Iterator[str]:
    name = node.property.value if node.computed else node.property.name
    if isinstance(name, str) and name in _BUILTINS - _PROPERTIES:
        yield f"the property {name} is not supported"


def _check_literal(node: Any) -> Iterator[str]:
    if node.regex:
        if unsupported := set(node.regex.flags) - _REGULAR_EXPRESSION_FLAGS:
            yield f"the flags {sorted(unsupported)} of regular expressions are not supported"
        if re.search(r"\(\?<[=!]|\\[pP]\{", node.regex.pattern):
            yield "lookbehind and Unicode properties in regular expressions are not supported"


_CHECKS: dict[str, Callable[[Any], Iterator[str]]] = {
    "ArrowFunctionExpression": _check_function,
    "CallExpression": _check_call,
    "CatchClause": _check_catch,
    "FunctionDeclaration": _check_function,
    "FunctionExpression": _check_function,
    "ImportDeclaration": _check_import,
    "Literal": _check_literal,
    "MemberExpression": _check_member,
    "Property": _check_property,
}
