"""Find example URLs of a running stack, by requesting each of them."""

import http.client
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from botocore.exceptions import ClientError

from tools.console import ToolError
from tools.local.images import is_supported_image

if TYPE_CHECKING:
    from tools.local.stack import Stack

_EXAMPLES = 4
_DOCUMENTED = "sunset.jpg"
"""Image of the documented example, `sunset.jpg?size=M&to_webp=1`."""
SUFFIXES = (".avif", ".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp")
"""Endings of the names of originals."""
_SIZES = ("M", "SS", "S", "XS")
_TIMEOUT_SECONDS = 60.0
_POLL_SECONDS = 0.1


def find_examples(stack: "Stack") -> dict[str, list[str]]:
    """Request images until every variant has enough examples.

    Returns:
        Variant => URLs that returned 200; empty if there is no suitable image.

    Raises:
        ToolError: a variant serves none of the images.
    """
    with ThreadPoolExecutor(_EXAMPLES) as executor:
        found = {}
        for variant, url in stack.edge_urls.items():
            candidates, refused = generate_candidates(stack, variant), list[str]()
            served: list[str] = []
            while paths := list(islice(candidates, _EXAMPLES - len(served))):
                results = executor.map(lambda path: _is_served(stack, variant, path), paths)  # noqa: B023  # used up here
                for path, is_served in zip(paths, results, strict=True):
                    (served if is_served else refused).append(f"{url}/{path}")
            if refused and not served:
                raise ToolError(
                    f"{variant} serves no image, {refused[0]} for instance. "
                    f"Logs: {stack.state.edge_log}, {stack.state.emulator_log}"
                )
            found[variant] = served
    return found


def generate_candidates(stack: "Stack", variant: str) -> Iterator[str]:
    """Yield paths with queries: the documented example first, then images from the top of the folder."""
    keys = (
        key
        for key in sorted(stack.images, key=lambda key: (key != _DOCUMENTED, key.count("/"), key))
        if is_supported_image(stack.images[key])
    )
    if variant == "s3_trigger":
        suffixes = tuple(stack.outputs["s3_trigger"]["suffixes"]) or ("",)
        yield from (quote(key) for key in keys if key in stack.trigger_images and key.endswith(suffixes))
        return
    queries = _make_queries(variant, stack.sizes)
    used = []
    for number, key in enumerate(key for key in keys if key.lower().endswith(SUFFIXES)):
        used.append(key)
        yield f"{quote(key)}?{queries[number % len(queries)]}"
    # If there are few images, each is used with several queries.
    for number in range(len(used), len(queries) if used else 0):
        yield f"{quote(used[number % len(used)])}?{queries[number]}"


def _make_queries(variant: str, sizes: list[str]) -> list[str]:
    names = sizes or list(_SIZES)
    first = "M" if "M" in names else names[0]
    others = [name for name in names if name != first][: _EXAMPLES - 1]
    resized = [f"size={first}&to_webp=1", *(f"size={name}" for name in others)]
    return [*resized[:2], "showExif=true", "showExif=false"] if variant == "object_lambda" else resized


def _is_served(stack: "Stack", variant: str, path: str) -> bool:
    """Request an image, with retries after transient errors."""
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    # Wait for the derivative in the bucket: the edge would cache a 404.
    while variant == "s3_trigger" and not _has_derivative(stack, path) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    while (status := _get_status(f"{stack.edge_urls[variant]}/{path}")) != HTTPStatus.OK:
        transient = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.FOUND
        if not transient or time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _has_derivative(stack: "Stack", path: str) -> bool:
    try:
        stack.s3.head_object(Bucket=stack.outputs["s3_trigger"]["destination_bucket"], Key=unquote(path))
    except ClientError:
        return False
    return True


def _get_status(url: str) -> int:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}" if parts.query else parts.path)
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()
