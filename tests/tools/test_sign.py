"""The task `sign`. tests/functions/viewer_request/test_signatures.py verifies its signatures."""

import re
import time
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.functions.viewer_request.engine import DEFAULT_CONFIGURATION, SOURCE, Engine
from tests.test_tasks import invoke
from tests.vectors import ROWS
from tools.console import ToolError
from tools.sign import PARAMETERS, SECRET_VARIABLE, sign, sign_url

URL = "https://img.example.com/cat.jpg?width=601&height=333&fit=cover"


def test_the_command(tmp_path: Path) -> None:
    code, output = invoke("sign", URL, "--expires", "1h", home=tmp_path, **{SECRET_VARIABLE: "a secret"})
    assert code == 0
    signed = output.removesuffix("\n")
    query = parse_qs(urlsplit(signed).query)
    expires = int(query["expires"][0])
    assert abs(expires - time.time() - 3600) < 600
    assert signed == sign_url(URL, "a secret", expires_at=expires)


def test_a_signature_by_hand() -> None:
    # printf '/a b.jpg?key=main&w=5' | openssl dgst -sha256 -hmac 'a secret' -binary | basenc --base64url
    expected = (
        "https://img.example.com/a%20b.jpg?w=5&key=main&signature=LLzg50pxCntO97pL1RUxQ_ccufDPIScxvIrj1uG2qIE"
    )
    assert sign_url("https://img.example.com/a b.jpg?w=5", "a secret") == expected
    assert sign_url("https://img.example.com/a%20b.jpg?w=5", "a secret") == expected


def test_a_url_without_options() -> None:
    assert sign_url("http://127.0.0.1:8080", "a secret").startswith(
        "http://127.0.0.1:8080/?key=main&signature="
    )


@pytest.mark.parametrize(("expires", "seconds"), [("90s", 90), ("30m", 1800), ("1h", 3600), ("7d", 604_800)])
def test_lifetimes(expires: str, seconds: int) -> None:
    query = parse_qs(urlsplit(sign(URL, "a secret", expires=expires)).query)
    assert abs(int(query["expires"][0]) - time.time() - seconds) < 600


@pytest.mark.parametrize(
    ("url", "secret", "options", "message"),
    [
        (URL, "", {}, "Put the secret of the key 'main' into the environment variable SIGNING_SECRET."),
        (URL, "x", {"key": "a b"}, "--key is the ID of a key"),
        (URL, "x", {"expires": "1"}, "--expires takes a duration such as 30m, 1h or 7d, not '1'."),
        (URL, "x", {"expires": "tomorrow"}, "--expires takes a duration"),
        (URL, "x", {"expires": "0s"}, "--expires takes a duration"),
        ("cat.jpg?width=5", "x", {}, "is not the URL of an image"),
        ("ftp://img.example.com/cat.jpg", "x", {}, "is not the URL of an image"),
        ("https://[img.example.com/cat.jpg", "x", {}, "is not the URL of an image"),
        ("https://img.example.com:port/cat.jpg", "x", {}, "is not the URL of an image"),
        (URL, "\udcff", {}, "The secret in SIGNING_SECRET is not UTF-8"),
        (URL + "&utm_source=mail", "x", {}, "A signature does not cover utm_source"),
        (sign_url(URL, "x"), "x", {}, "A signature does not cover key, signature"),
        (
            URL,
            "x",
            {"expires": "999999999d"},
            "The parameter expires must be a whole number from 1 to 9999999999.",
        ),
        (URL + "&size=M", "x", {}, "The parameters size and width cannot be combined."),
    ],
)
def test_problems(url: str, secret: str, options: dict[str, str], message: str) -> None:
    with pytest.raises(ToolError, match=re.escape(message)):
        sign(url, secret, **options)


def test_invalid_options_are_refused_as_by_the_function() -> None:
    """Named sizes differ between deployments, `showExif` between variants, and other names are no options."""
    rows = {
        row.url: row.sentence
        for row in ROWS
        if row.status in {200, 400}
        and "must be one of: XS" not in (row.sentence or "")
        and "must be one of: hero" not in (row.sentence or "")
        and {unquote(pair.partition("=")[0]) for pair in row.url.partition("?")[2].split("&") if pair}
        <= PARAMETERS - {"showExif"}
    }
    assert len(set(rows.values())) > 15
    assert {url: find_refusal(f"https://img.example.com{url}") for url in rows} == rows


def find_refusal(url: str) -> str | None:
    try:
        sign(url, "x")
    except ToolError as error:
        return str(error.message)
    return None


def test_the_parameters_are_those_of_the_function() -> None:
    engine = Engine({**DEFAULT_CONFIGURATION, "show_exif": True, "signed_urls": "all"})
    words = set(re.findall(r"\w+", SOURCE.read_text("utf-8")))
    # An empty value of a known parameter is invalid. Others are dropped, and then a signature is missing.
    known = {word for word in words if engine.canonicalise(f"/a.jpg?{word}=")[0] == 400}
    assert known - {"expires", "key", "signature"} == PARAMETERS
