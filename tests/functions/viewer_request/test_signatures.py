"""The signers of docs/urls.md and of the task `sign`, against the verifier."""

import base64
import hmac
import random
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import quickjs

from tests.functions.viewer_request.engine import (
    DEFAULT_CONFIGURATION,
    NOW_SECONDS,
    Engine,
)
from tools.paths import PROJECT
from tools.sign import sign_url

type Signer = Callable[[str, str, str, int | None], str]

SECRETS = {"main": "0123456789abcdef", "next": "Schlüssel mit € und 日本"}
URL = "https://img.example.com/cats/tom.jpg?width=601&height=333&fit=cover&gravity=0.3,0.7&format=webp"
DOCUMENT = (PROJECT / "docs/urls.md").read_text("utf-8")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine({**DEFAULT_CONFIGURATION, "signed_urls": "unlisted"}, SECRETS)


def _read_snippet(language: str) -> str:
    (code,) = re.findall(rf"^```{language}\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
    return str(code)


def _sign_with_task(url: str, secret: str, key: str, expires: int | None) -> str:
    return sign_url(url, secret, key=key, expires_at=expires)


def _load_python_signer() -> Signer:
    scope: dict[str, Any] = {}
    exec(_read_snippet("python"), scope)  # noqa: S102  # our own documentation
    signer: Signer = scope["sign"]
    return signer


def _load_javascript_signer() -> Signer:
    code = _read_snippet("javascript")
    for text in ("import { createHmac } from 'node:crypto';", "export "):
        assert code.count(text) == 1
        code = code.replace(text, "")
    context = quickjs.Context()
    context.add_callable("computeHmac", _compute_hmac)
    context.eval(
        "const createHmac = (algorithm, key) => ({ update: (text) => ({"
        "digest: (encoding) => computeHmac(algorithm, key, text, encoding) }) });"
    )
    context.eval(code)
    call = context.get("sign")
    return lambda url, secret, key, expires: str(
        call(url, secret, key) if expires is None else call(url, secret, key, expires)
    )


def _compute_hmac(algorithm: str, key: str, text: str, encoding: str) -> str:
    assert (algorithm, encoding) == ("sha256", "base64url")
    digest = hmac.digest(key.encode(), text.encode(), algorithm)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


SIGNERS: dict[str, Signer] = {
    "task": _sign_with_task,
    "python": _load_python_signer(),
    "javascript": _load_javascript_signer(),
}


def _make_url(source: random.Random) -> tuple[str, str]:
    """Return a random URL, and its canonical query."""
    letters = "abcXYZ019-_.~ +%&=?#€äöü日本🙂'()!*,;:@$"
    segments = [
        "".join(source.choices(letters, k=source.randint(1, 12))) for _ in range(source.randint(1, 4))
    ]
    path = quote("x/".join(segments) + "x", safe=source.choice(["/", "/+'()!*,;:@$&="]))
    width, height = source.randint(1, 16_383), source.randint(1, 16_383)
    quality = source.choice([*range(1, 80), *range(81, 101)])
    names = [source.choice(pair) for pair in (("width", "w"), ("height", "h"), ("quality", "q"))]
    pairs = [f"{name}={value}" for name, value in zip(names, (width, height, quality), strict=True)]
    pairs += ["fit=crop", "gravity=0.25" + source.choice([",", "%2C", "%2c"]) + "0.5", "fm=webp"]
    source.shuffle(pairs)
    canonical = f"fit=cover&format=webp&gravity=0.25,0.5&height={height}&quality={quality}&width={width}"
    return f"https://img.example.com/x{path}?{'&'.join(pairs)}", canonical


def _request_target(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def test_the_signers_agree_with_the_verifier_on_1000_urls(engine: Engine) -> None:
    source = random.Random(12)  # noqa: S311  # the same URLs in each run
    for _ in range(1000):
        url, canonical = _make_url(source)
        key = source.choice(list(SECRETS))
        expires = source.choice([None, NOW_SECONDS, NOW_SECONDS + source.randint(1, 10**8)])
        signed = {name: signer(url, SECRETS[key], key, expires) for name, signer in SIGNERS.items()}
        assert len({urlsplit(each).query.rpartition("signature=")[2] for each in signed.values()}) == 1, url
        for each in signed.values():
            assert engine.canonicalise(_request_target(each)) == (200, canonical), each


GOOD = _request_target(sign_url(URL, SECRETS["main"], expires_at=NOW_SECONDS + 60))
SIGNATURE = GOOD[-43:]
NO_EXPIRY = _request_target(sign_url(URL, SECRETS["main"]))
MANIPULATED = [
    GOOD.replace("width=601", "width=602"),
    GOOD.replace("width=601", "width=60"),
    GOOD.replace("width=601", "width=6010"),
    GOOD.replace("width=601", "w=601"),
    GOOD.replace("width=601", "width=601&dpr=2"),
    GOOD.replace("width=601&", ""),
    GOOD.replace("height=333", "height=334"),
    GOOD.replace("height=333&", ""),
    GOOD.replace("width=601&height=333", "width=333&height=601"),
    GOOD.replace("fit=cover", "fit=contain"),
    GOOD.replace("fit=cover", "fit=crop"),
    GOOD.replace("fit=cover&", ""),
    GOOD.replace("gravity=0.3,0.7", "gravity=0.7,0.3"),
    GOOD.replace("gravity=0.3,0.7", "gravity=0.30,0.7"),
    GOOD.replace("gravity=0.3,0.7&", ""),
    GOOD.replace("format=webp", "format=avif"),
    GOOD.replace("format=webp", "fm=webp"),
    GOOD.replace("format=webp", "format=webp&quality=100"),
    GOOD.replace("format=webp", "format=webp&format=webp"),
    GOOD + "&quality=5",
    GOOD + "&showExif=true&height=333",
    GOOD.replace("/cats/tom.jpg", "/cats/tim.jpg"),
    GOOD.replace("/cats/tom.jpg", "/cats/tom.jpg/"),
    GOOD.replace("/cats/tom.jpg", "//cats/tom.jpg"),
    GOOD.replace("/cats/tom.jpg", "/Cats/tom.jpg"),
    GOOD.replace("/cats/tom.jpg", "/"),
    GOOD.replace("/cats/tom.jpg", "/cats%252Ftom.jpg"),
    GOOD.replace("?width=601&", "%3Fwidth=601?"),
    GOOD.replace(f"expires={NOW_SECONDS + 60}", f"expires={NOW_SECONDS + 61}"),
    GOOD.replace(f"expires={NOW_SECONDS + 60}&", ""),
    NO_EXPIRY.replace("key=main", f"expires={NOW_SECONDS + 60}&key=main"),
    GOOD.replace("key=main", "key=next"),
    GOOD.replace("key=main", "key=unknown"),
    GOOD.replace("key=main", "key=__proto__"),
    GOOD.replace("key=main&", ""),
    GOOD.replace(f"&signature={SIGNATURE}", ""),
    GOOD.replace(SIGNATURE, SIGNATURE[:-1]),
    GOOD.replace(SIGNATURE, SIGNATURE + "="),
    GOOD.replace(SIGNATURE, SIGNATURE.swapcase()),
    GOOD.replace(SIGNATURE, SIGNATURE[::-1]),
    GOOD.replace(SIGNATURE, "A" * 43),
    _request_target(sign_url(URL, SECRETS["next"], key="main")),
    _request_target(sign_url(URL, "", key="main")),
    _request_target(sign_url(URL, SECRETS["main"], expires_at=NOW_SECONDS - 61)),
]


def test_the_unchanged_url_is_valid(engine: Engine) -> None:
    canonical = "fit=cover&format=webp&gravity=0.3,0.7&height=333&width=601"
    assert engine.canonicalise(GOOD) == (200, canonical)
    assert engine.canonicalise(NO_EXPIRY) == (200, canonical)
    assert engine.canonicalise(f"{GOOD}&utm_source=mail") == (200, canonical)


def test_the_number_of_manipulated_urls() -> None:
    assert len({*MANIPULATED} - {GOOD}) == len(MANIPULATED) >= 40


@pytest.mark.parametrize("target", MANIPULATED)
def test_manipulated_urls_are_refused(engine: Engine, target: str) -> None:
    status, sentence = engine.canonicalise(target)
    assert (status, sentence) in {
        (403, "The signature of this URL is wrong."),
        (403, "This URL has expired."),
        (403, "A URL with both width and height needs a signature."),
    }


def test_every_changed_character_of_a_signature_is_noticed(engine: Engine) -> None:
    for position in range(len(SIGNATURE)):
        other = "A" if SIGNATURE[position] != "A" else "B"
        changed = GOOD.replace(SIGNATURE, SIGNATURE[:position] + other + SIGNATURE[position + 1 :])
        assert engine.canonicalise(changed) == (403, "The signature of this URL is wrong.")


def test_an_empty_secret_signs_nothing() -> None:
    engine = Engine({**DEFAULT_CONFIGURATION, "signed_urls": "all"}, {"main": ""})
    assert engine.canonicalise(_request_target(sign_url(URL, "", key="main")))[0] == 403
    assert engine.canonicalise(_request_target(sign_url(URL, "-", key="main")))[0] == 403


def test_rotation_of_keys() -> None:
    configuration = {**DEFAULT_CONFIGURATION, "signed_urls": "all"}
    old = _request_target(sign_url(URL, "first", key="a"))
    new = _request_target(sign_url(URL, "second", key="b"))
    stores: list[tuple[dict[str, str], list[int]]] = [
        ({"a": "first"}, [200, 403]),
        ({"a": "first", "b": "second"}, [200, 200]),
        ({"b": "second"}, [403, 200]),
    ]
    for store, statuses in stores:
        engine = Engine(configuration, store)
        assert [engine.canonicalise(target)[0] for target in (old, new)] == statuses
