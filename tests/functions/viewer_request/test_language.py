"""The language and the size of the function: what CloudFront Functions support."""

import json
import string
from collections.abc import Callable

import pytest

from tests.functions.viewer_request.engine import DEFAULT_CONFIGURATION, render
from tests.functions.viewer_request.linter import find_problems
from tests.vectors import CONFIGURATIONS, derivative_path_configuration

# CloudFront quotas, "Quotas on CloudFront Functions": 10 KB. The smaller reading of KB leaves a margin.
MAX_FUNCTION_BYTES = 10_000

SUPPORTED = [
    "import crypto from 'crypto'; crypto.createHmac('sha256', 'x').update('y').digest('hex');",
    "async function handler(event) { let a = await event.x(); var b = `${a}`; return b ** 2; }",
    "function f(...rest) { return rest.map((each) => each + 1); }",
    "outer: for (const key in Object.keys({ a: 1, b: 2, })) { if (key) { continue outer; } break outer; }",
    "function f(x) { switch (x) { case 1: throw new Error('x'); default: return typeof x; } }",
    "do { try { JSON.parse('1'); } catch (error) { console.log('a' + error.message); } } while (false)",
    "const r = /(a)(?!b)/gimy.exec('a'); [1, 2, ].includes(1); 'a'.padStart(2).replaceAll('a', 'b');",
]

UNSUPPORTED = [
    ("for (const x of [1]) {}", "ForOfStatement"),
    ("const [a] = [1];", "ArrayPattern"),
    ("const { a } = {};", "ObjectPattern"),
    ("function f({ a }) {}", "ObjectPattern"),
    ("function f(a = 1) {}", "AssignmentPattern"),
    ("Math.max(...[1]);", "SpreadElement"),
    ("const a = [...[1]];", "SpreadElement"),
    ("const a = { ...{} };", "SpreadElement"),
    ("class A {}", "ClassDeclaration"),
    ("const a = class {};", "ClassExpression"),
    ("function* f() {}", "generators"),
    ("const f = async () => 1;", "only function declarations may be async"),
    ("const f = async function () {};", "only function declarations may be async"),
    ("async function f(x) { return String(await x); }", "await in an argument"),
    ("const f = { async g() {} };", "name: value"),
    ("const a = 1; const b = { a };", "name: value"),
    ("const b = { ['a']: 1 };", "name: value"),
    ("const b = { a() {} };", "name: value"),
    ("const b = { get a() { return 1; } };", "name: value"),
    ("const a = {}?.b;", "Unexpected token"),
    ("const a = {} ?? 1;", "Unexpected token"),
    ("const a = 1n;", "Unexpected token"),
    ("try {} catch {}", "Unexpected token"),
    ("async function f() { for await (const x of []) {} }", "Unexpected identifier"),
    ("String.raw`a`;", "TaggedTemplateExpression"),
    ("export default 1;", "ExportDefaultDeclaration"),
    ("import { createHmac } from 'crypto';", "ImportSpecifier"),
    ("import * as crypto from 'crypto';", "ImportNamespaceSpecifier"),
    ("import fs from 'fs';", "there is no module fs"),
    ("Math.max(1, 2,);", "comma after the last argument"),
    ("eval('1');", "the global eval"),
    ("new Function('return 1');", "the global Function"),
    ("setTimeout(() => 1, 1);", "the global setTimeout"),
    ("new Map();", "the global Map"),
    ("new Set();", "the global Set"),
    ("new WeakMap();", "the global WeakMap"),
    ("BigInt(1);", "the global BigInt"),
    ("process.env;", "the global process"),
    ("fetch('x');", "the global fetch"),
    ("new URLSearchParams('a=1');", "the global URLSearchParams"),
    ("new Proxy({}, {});", "the global Proxy"),
    ("Reflect.ownKeys({});", "the global Reflect"),
    ("[1].flat();", "the property flat "),
    ("[1].flatMap((x) => x);", "the property flatMap"),
    ("[1].at(0);", "the property at "),
    ("[1].findLast((x) => x);", "the property findLast"),
    ("[1].toSorted();", "the property toSorted"),
    ("Object.fromEntries([]);", "the property fromEntries"),
    ("Object.hasOwn({}, 'a');", "the property hasOwn "),
    ("'a'.matchAll(/a/g);", "the property matchAll"),
    ("'a'.normalize();", "the property normalize"),
    ("'a'['localeCompare']('b');", "the property localeCompare"),
    ("console.error('a');", "console has"),
    ("console.log('a', 'b');", "console has"),
    ("/a/s.test('a');", "the flags"),
    ("/a/u.test('a');", "the flags"),
    ("/(?<=a)b/.test('a');", "lookbehind"),
]


def largest_configuration() -> dict[str, object]:
    """Return the configuration with the most bytes that Terraform's rules for variables allow."""
    # The sizes have at most 1,783 characters of JSON. Names weigh most: the dimensions are not rendered.
    letters = string.ascii_letters
    names = [f"{letters[i // 26]}{letters[i % 26]}".ljust(32, "_") for i in range(43)]
    sizes = {name: [1, 1] for name in names}
    assert 1_740 < len(json.dumps(sizes, separators=(",", ":"))) <= 1_783
    return {
        **DEFAULT_CONFIGURATION,
        "derivatives_prefix": "p" * 200,
        "qualities": [*range(91, 101)],
        "quality": 100,
        "signed_urls": "unlisted",
        "sizes": {name: {} for name in names},
        "widths": [*range(16_352, 16_384)],
    }


def configuration_with_paths_of_derivatives() -> dict[str, object]:
    """Return a configuration with signatures, the default sizes and the longest lists."""
    return {
        **largest_configuration(),
        **derivative_path_configuration(CONFIGURATIONS["default"], 4),
        "qualities": [*range(91, 101)],
        "signed_urls": "unlisted",
        "widths": [*range(16_352, 16_384)],
    }


@pytest.mark.parametrize(
    "configuration",
    [DEFAULT_CONFIGURATION, largest_configuration(), configuration_with_paths_of_derivatives()],
)
def test_the_function_uses_supported_features_only(configuration: dict[str, object]) -> None:
    assert find_problems(render(configuration)) == []


def test_size_with_the_largest_configuration(record_property: Callable[[str, object], None]) -> None:
    largest, default, paths = (
        len(render(each).encode())
        for each in (
            largest_configuration(),
            DEFAULT_CONFIGURATION,
            configuration_with_paths_of_derivatives(),
        )
    )
    record_property(
        "measured",
        f"viewer_request: {largest} bytes with the largest configuration, {default} with the default, "
        f"{paths} with paths of derivatives, signatures and the longest lists",
    )
    assert max(largest, paths) <= MAX_FUNCTION_BYTES


@pytest.mark.parametrize("code", SUPPORTED)
def test_supported_features(code: str) -> None:
    assert find_problems(code) == []


@pytest.mark.parametrize(("code", "problem"), UNSUPPORTED)
def test_unsupported_features(code: str, problem: str) -> None:
    assert any(problem in found for found in find_problems(code)), find_problems(code)


def test_problems_have_the_line() -> None:
    assert find_problems("const a = 1;\nnew Map();") == ["Line 2: the global Map is not supported"]
