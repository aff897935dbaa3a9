"""Signatures of image URLs, which the viewer-request function verifies."""

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping
from urllib.parse import parse_qs, quote, unquote, urlsplit

from tools.console import ToolError, parse_duration
from tools.paths import FUNCTIONS, use_packages

SECRET_VARIABLE = "SIGNING_SECRET"  # noqa: S105  # the name of the environment variable
DEFAULT_KEY = "main"

# Other parameters are dropped before the signature is verified, so the signature cannot cover them.
PARAMETERS = frozenset(
    "auto dpr f fit fm format gravity h height output q quality showExif size to_webp w width".split()  # noqa: SIM905
)

# Named sizes, qualities and widths differ between deployments: any name of a size is valid here.
_SIZE_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")
_NUMBERS: Mapping[str, object] = {"qualities": [80], "quality": 80, "widths": [640]}
_FIND_PROBLEM = """
(querystring) => {
  try {
    canonicalise(parseQuery(JSON.parse(querystring)).given, true);
  } catch (error) {
    if (error.statusCode) {
      return error.body.data;
    }
    throw error;
  }
}
"""

_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")


def sign(url: str, secret: str, *, key: str = DEFAULT_KEY, expires: str | None = None) -> str:
    """Return a URL with its signature, unless the viewer-request function would refuse its options.

    Args:
        url: URL of an image, with its options.
        secret: secret of the key.
        key: ID of the key, in the key value store of the deployment.
        expires: lifetime of the URL, such as `30m`, `1h` or `7d`. None: unlimited.

    Raises:
        ToolError: the URL, the key or the lifetime cannot be used; the function's own sentence for options.
    """
    if not secret:
        raise ToolError(f"Put the secret of the key {key!r} into the environment variable {SECRET_VARIABLE}.")
    if any("\udc80" <= letter <= "\udcff" for letter in secret):
        raise ToolError(f"The secret in {SECRET_VARIABLE} is not UTF-8, as that of a key is.")
    if not _KEY.fullmatch(key):
        raise ToolError(f"--key is the ID of a key, 1 to 64 of A-Z a-z 0-9 _ -, not {key!r}.")
    expires_at = None if expires is None else int(time.time()) + parse_duration(expires, "expires")
    signed = sign_url(url, secret, key=key, expires_at=expires_at)
    if problem := _find_problem(urlsplit(signed).query):
        raise ToolError(problem)
    return signed


def sign_url(url: str, secret: str, *, key: str = DEFAULT_KEY, expires_at: int | None = None) -> str:
    """Return a URL with its signature; `expires_at` is in seconds since 1970.

    The signature is the HMAC-SHA256 of the decoded path, `?` and the decoded parameters in the order of their
    text. Neither the order of the parameters nor their percent-encoding matters.

    Raises:
        ToolError: the URL cannot be signed.
    """
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises ValueError if there is something else than a number
    except ValueError:
        parts = urlsplit("")  # no URL either, refused below
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ToolError(
            f"{url!r} is not the URL of an image, such as https://img.example.com/a.jpg?width=640."
        )
    pairs = [pair for pair in parts.query.split("&") if pair]
    if unknown := sorted({unquote(pair.partition("=")[0]) for pair in pairs} - PARAMETERS):
        raise ToolError(
            f"A signature does not cover {', '.join(unknown)}, which are no image options: remove them."
        )
    pairs += [f"expires={expires_at}"] if expires_at is not None else []
    pairs.append(f"key={key}")
    path = parts.path or "/"
    text = f"{unquote(path)}?{'&'.join(sorted(map(unquote, pairs)))}"
    digest = hmac.digest(secret.encode(), text.encode(), hashlib.sha256)
    signature = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    # A path that is typed with spaces or accents needs encoding; escapes of an encoded one stay.
    encoded = quote(path, safe="/%:@!$&'()*+,;=~")
    return f"{parts.scheme}://{parts.netloc}{encoded}?{'&'.join(pairs)}&signature={signature}"


def _find_problem(query: str) -> str | None:
    """Return the sentence with which the viewer-request function refuses a query; None for a valid one."""
    use_packages()
    import quickjs  # noqa: PLC0415 - for this command alone
    from image_url import DEFAULT_SIZES, OutputFormat  # noqa: PLC0415 - see `use_packages`
    from image_url.options import WITHOUT_QUALITY  # noqa: PLC0415

    from tools.local.edge.messages import ViewerRequest  # noqa: PLC0415
    from tools.local.edge.viewer_event import viewer_request_event  # noqa: PLC0415

    named = [name for name in parse_qs(query).get("size", ()) if _SIZE_NAME.fullmatch(name)]
    configuration = {
        **_NUMBERS,
        "formats": " ".join(OutputFormat),
        "show_exif": True,
        "sizes": {name: {} for name in (*DEFAULT_SIZES, *named)},
        "without_quality": sorted(WITHOUT_QUALITY),
    }
    # Terraform's directives stand in comments. Only the verification of a signature needs the modules.
    source = re.sub(r"(?m)^import .*", "", (FUNCTIONS / "viewer_request/index.js").read_text("utf-8"))
    context = quickjs.Context()
    context.eval(source.replace("${config}", json.dumps(configuration)))
    event = viewer_request_event(
        ViewerRequest(method="GET", uri="/", querystring=query),
        distribution_id="",
        domain_name="",
        request_id="",
    )
    sentence = context.eval(_FIND_PROBLEM)(json.dumps(event["request"]["querystring"]))
    return sentence and str(sentence).strip()
