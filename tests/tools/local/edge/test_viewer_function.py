"""CloudFront Functions in the embedded engine: modules, limits, isolation of requests."""

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from tools.local.edge.errors import ViewerFunctionFailedError
from tools.local.edge.viewer_function import MAX_CODE_BYTES, ViewerFunction

NOW = 1_796_000_000.0
EVENT = {"context": {"requestId": "R"}, "request": {"uri": "/cat.jpg", "headers": {}}}


@dataclass
class StoreOfTests:
    values: dict[str, str] = field(default_factory=dict)

    async def refresh(self) -> None: ...

    def get(self, key: str) -> str | None:
        return self.values.get(key)

    def describe(self) -> Mapping[str, object]:
        return {"keyCount": len(self.values), "creationDateTime": "2026-11-30T00:00:00Z"}


def make_function(code: str, store: StoreOfTests | None = None) -> ViewerFunction:
    return ViewerFunction(name="f", code=code, clock=lambda: NOW, store=store)


def evaluate(expression: str, *, imports: str = "", store: StoreOfTests | None = None) -> Any:
    code = f"{imports}\nasync function handler(event) {{ return {{ got: {expression} }}; }}"
    result = make_function(code, store).invoke(EVENT)
    assert isinstance(result, dict)
    return result["got"]


def test_event_and_result() -> None:
    code = "function handler(event) { event.request.uri += '?'; return event.request; }"
    assert make_function(code).invoke(EVENT) == {"uri": "/cat.jpg?", "headers": {}}


@pytest.mark.parametrize("raw_query", [None, "", "b=%41&a&a=2&&"])
def test_the_query_string_as_the_viewer_sent_it(raw_query: str | None) -> None:
    code = """function handler(event) {
        const query = event.request.rawQueryString();
        return { type: typeof query, text: query, names: Object.keys(event.request) };
    }"""
    expected = {"names": ["uri", "headers"], "type": "undefined" if raw_query is None else "string"}
    result = make_function(code).invoke(EVENT, raw_query)
    assert result == (expected if raw_query is None else {**expected, "text": raw_query})


@pytest.mark.parametrize("imports", ["import crypto from 'crypto';", "const crypto = require('crypto');"])
@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256"])
@pytest.mark.parametrize("data", ["", "abc", "ä€😀" * 100])
def test_digests(imports: str, algorithm: str, data: str) -> None:
    digest = hashlib.new(algorithm, data.encode()).digest()
    mac = hmac.new(b"key \xc3\xa4", data.encode(), algorithm).digest()
    text = json.dumps(data)
    got = evaluate(
        f"""[
            crypto.createHash('{algorithm}').update({text}).digest('hex'),
            crypto.createHash('{algorithm}').update({text}).digest('base64'),
            crypto.createHmac('{algorithm}', 'key ä').update({text}).digest('base64url'),
            crypto.createHmac('{algorithm}', Buffer.from('key ä')).update({text}).digest().toString('hex'),
        ]""",
        imports=imports,
    )
    assert got == [
        digest.hex(),
        base64.b64encode(digest).decode(),
        base64.urlsafe_b64encode(mac).decode().rstrip("="),
        mac.hex(),
    ]


def test_digest_of_several_updates_and_of_a_digest() -> None:
    got = evaluate(
        """crypto.createHash('sha256').update('a').update(
            crypto.createHmac('sha256', 'k').update(Buffer.from('62ff', 'hex')).digest()
        ).digest('hex')""",
        imports="import crypto from 'crypto';",
    )
    inner = hmac.new(b"k", b"b\xff", "sha256").digest()
    assert got == hashlib.sha256(b"a" + inner).hexdigest()


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("crypto.createHash('sha512')", "not supported algorithm"),
        ("crypto.createHash('sha1').update(1)", "not a string or Buffer"),
        ("crypto.createHash('sha1').digest('latin1')", "Unknown digest encoding"),
    ],
)
def test_crypto_refuses(expression: str, expected: str) -> None:
    with pytest.raises(ViewerFunctionFailedError, match=expected):
        evaluate(expression, imports="import crypto from 'crypto';")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("Buffer.from('aGk', 'base64').toString()", "hi"),
        ("Buffer.from('_-8', 'base64url').toString('hex')", "ffef"),
        ("Buffer.from('4o2').toString('base64')", "NG8y"),
        ("Buffer.from('00e282acff', 'hex').toString()", "\0€\ufffd"),
        ("Buffer.concat([Buffer.from('a'), Buffer.from([98])]).toString()", "ab"),
        ("Buffer.byteLength('€')", 3),
        ("Buffer.from('a').equals(Buffer.from('a'))", True),
        ("querystring.parse('a=1&b=%20x&a=2&c')", {"a": ["1", "2"], "b": " x", "c": ""}),
        ("querystring.stringify({ a: ['1', '2'], b: 'x y' })", "a=1&a=2&b=x%20y"),
    ],
)
def test_buffer_and_querystring(expression: str, expected: object) -> None:
    assert evaluate(expression, imports="import querystring from 'querystring';") == expected


def test_time_stands_still() -> None:
    code = """function handler(event) {
        const before = Date.now();
        for (let i = 0; i < 20000; i++) {}
        return { same: Date.now() === before, now: before, text: new Date().toISOString(),
                 other: new Date(0).getTime() };
    }"""
    assert make_function(code).invoke(EVENT) == {
        "same": True,
        "now": NOW * 1000,
        "text": "2026-11-30T00:53:20.000Z",
        "other": 0,
    }


def test_key_value_store() -> None:
    store = StoreOfTests({"a": "one", "j": '{"x": [1]}', "b": "é"})
    assert evaluate(
        """[await kvs.get('a'), await kvs.get('j', { format: 'json' }), await kvs.exists('a'),
            await kvs.exists('z'), await kvs.count(), (await kvs.meta()).creationDateTime,
            (await kvs.get('b', { format: 'bytes' })).toString('hex'),
            await kvs.get('z').catch(function (error) { return 'missing'; })]""",
        imports="import cf from 'cloudfront';\nconst kvs = cf.kvs();",
        store=store,
    ) == ["one", {"x": [1]}, True, False, 3, "2026-11-30T00:00:00Z", "c3a9", "missing"]
    function = make_function(
        "import cf from 'cloudfront';\n"
        "async function handler(event) { return { key: await cf.kvs().get('a') }; }",
        store,
    )
    assert function.invoke(EVENT) == {"key": "one"}
    store.values["a"] = "two"
    assert function.invoke(EVENT) == {"key": "two"}, "A rotated key counts at once."


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("async function handler(e) { return await cf.kvs().get('z'); }", "KeyNotFound"),
        ("function handler(e) { throw new TypeError('no'); }", "TypeError: no"),
        ("async function handler(e) { await null; throw 'text'; }", "Error: text"),
        ("function handler(e) { return new Promise(function () {}); }", "never settles"),
        ("function handler(e) { while (true) {} }", "interrupted"),
        ("async function handler(e) { while (true) { await null; } }", "promises without end|interrupted"),
        ("function handler(e) { const a = []; while (true) { a.push('x'.repeat(9999)); } }", "out of memory"),
        ("function handler(e) { const r = {}; r.r = r; return r; }", "circular"),
        ("function handler(e) { x = 1; return e.request; }", "ReferenceError|x is not defined"),
        ("function handler(e) { return eval('1'); }", "eval"),
        ("function handler(e) { return new Function('return 1')(); }", "from a string"),
        ("function handler(e) { return handler.constructor('return 1')(); }", "from a string"),
        ("function handler(e) { return setTimeout(handler, 1); }", "setTimeout"),
        ("function handler(e) { return new Map(); }", "Map"),
        ("import fs from 'fs';\nfunction handler(e) {}", "Cannot find module"),
        ("function handler(e {", "SyntaxError"),
        ("function main(e) {}", "handler"),
        (f"function handler(e) {{}} // {'x' * MAX_CODE_BYTES}", "more than 10240 bytes"),
    ],
)
def test_failures(code: str, reason: str) -> None:
    imports = "import cf from 'cloudfront';\n" if "cf." in code else ""
    function = make_function(imports + code, StoreOfTests())
    for _ in range(2):
        with pytest.raises(ViewerFunctionFailedError, match=reason):
            function.invoke(EVENT)


def test_failure_of_one_request_spares_the_next() -> None:
    code = """function handler(event) {
        if (event.request.uri === '/loop') { while (true) {} }
        return event.request;
    }"""
    function = make_function(code)
    with pytest.raises(ViewerFunctionFailedError, match="interrupted"):
        function.invoke({"context": {"requestId": "R"}, "request": {"uri": "/loop"}})
    assert function.invoke(EVENT) == EVENT["request"]


def test_store_without_association() -> None:
    with pytest.raises(ViewerFunctionFailedError, match="no associated key value store"):
        evaluate("cf.kvs()", imports="import cf from 'cloudfront';")


def test_requests_share_no_state() -> None:
    code = """let count = 0;
    const seen = {};
    function attempt(change) { try { change(); return 'changed'; } catch (error) { return 'refused'; } }
    function handler(event) {
        count += 1;
        seen[count] = true;
        return {
            count: count, seen: Object.keys(seen).length,
            refused: [
                attempt(function () { globalThis.leak = 1; }),
                attempt(function () { Object.prototype.leak = 1; }),
                attempt(function () { Array.prototype.push = null; }),
                attempt(function () { JSON.parse = null; }),
                attempt(function () { console.log = null; }),
                attempt(function () { Date.now = null; }),
                attempt(function () { Object.getPrototypeOf(async function () {}).leak = 1; }),
                attempt(function () { require('crypto').createHmac = null; }),
                attempt(function () { Object.getPrototypeOf(Promise.resolve()).then = null; }),
            ],
        };
    }"""
    function = make_function(code)
    expected = {"count": 1, "seen": 1, "refused": ["refused"] * 9}
    assert [function.invoke(EVENT) for _ in range(3)] == [expected] * 3


def test_names_of_prototypes_are_usual_names() -> None:
    names = ["constructor", "toString", "valueOf", "hasOwnProperty", "name", "length"]
    code = f"""function handler(event) {{
        const found = {{}};
        {json.dumps(names)}.forEach(function (name) {{ found[name] = name; }});
        const error = new Error('text');
        error.name = 'OtherError';
        found.error = String(error);
        return found;
    }}"""
    assert make_function(code).invoke(EVENT) == {n: n for n in names} | {"error": "OtherError: text"}


def test_log(caplog: pytest.LogCaptureFixture) -> None:
    code = """import crypto from 'crypto';
    function handler(event) {
        console.log('uri', event.request.uri, { a: 1 });
        crypto.createHash('md5').update('x').digest('hex');
        console.log('x'.repeat(20000));
        return event.request;
    }"""
    with caplog.at_level(logging.INFO, "tools.local.edge"):
        make_function(code).invoke(EVENT)
    first, second = caplog.messages
    assert first == 'f R uri /cat.jpg {"a":1}', "Each line once, although a digest takes a second run."
    assert 10_000 < len(second) < 10_300, "CloudFront truncates logs at 10 KB."


def test_many_requests_need_no_more_memory() -> None:
    code = """import crypto from 'crypto';
    async function handler(event) {
        const parts = event.request.uri.split('');
        const loop = { parts: parts };
        loop.self = loop;
        return { uri: crypto.createHmac('sha256', 'k').update(event.request.uri).digest('base64url') };
    }"""
    function = make_function(code)
    for number in range(3000):
        function.invoke({"context": {"requestId": "R"}, "request": {"uri": f"/{number}/{'x' * 500}"}})
