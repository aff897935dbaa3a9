"""Requests through a function URL: the derivative that a path names."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from derivation import PermanentError, Plan, has_dot_segment, has_image_extension, not_found
from function_url import METHODS
from image_core import OUTPUT_VERSION
from image_url import DerivativeNameError, DerivativePathError, parse_derivative_name, parse_derivative_path

from regional_resize.errors import EventError
from regional_resize.settings import Settings

# A location that begins with two slashes, or with a slash and a backslash, names another host.
_VIEWER_URL = re.compile(r"/(?![/\\])[!-~]*")


class UrlRequest(NamedTuple):
    """A request through the function URL.

    Attributes:
        method: HTTP method.
        path: path without its first slash: the key of the derivative.
        viewer_url: path and query of the URL that the viewer requested, which the viewer-request function
            sends in the header `x-viewer-url`. None for a missing header, or for one that is not a path on
            the same host.
        request_id: id of the request, for the log.
    """

    method: str
    path: str
    viewer_url: str | None
    request_id: str | None

    @property
    def resource(self) -> str:
        """The path in error documents: that of the viewer, without the query, which may have a signature."""
        return self.viewer_url.partition("?")[0] if self.viewer_url else f"/{self.path}"


def parse_request(event: Any) -> UrlRequest:
    """Return the request in an event of a function URL.

    Raises:
        EventError: the event is from another service.
    """
    match event:
        case {"requestContext": {"http": {"method": str(method)}} as context, "rawPath": str(path)}:
            return UrlRequest(
                method=method,
                path=path.removeprefix("/"),
                viewer_url=_parse_viewer_url(event.get("headers", {})),
                request_id=context.get("requestId"),
            )
    raise EventError("the event is not from a function URL")


def check_method(request: UrlRequest) -> None:
    """Refuse a request that would change an image.

    Raises:
        PermanentError: the method is neither GET nor HEAD.
    """
    if request.method not in METHODS:
        message = "Images can only be read."
        raise PermanentError(HTTPStatus.METHOD_NOT_ALLOWED, "MethodNotAllowed", message)


def make_plan(path: str, settings: Settings) -> Plan:
    """Return the derivative that a path names.

    Args:
        path: path without its first slash.
        settings: settings of the deployment.

    Raises:
        PermanentError: the path names no derivative of this output version. The viewer-request function sends
            no such request.
    """
    try:
        key, name = parse_derivative_path(path)
        options, output_version = parse_derivative_name(name)
    except (DerivativePathError, DerivativeNameError) as error:
        raise not_found() from error
    is_image_key = has_image_extension(key) and not has_dot_segment(key)
    if output_version != OUTPUT_VERSION or options.show_exif or not is_image_key:
        raise not_found()
    return Plan(key, name, path, options, settings.limits, settings.cache_control)


def _parse_viewer_url(headers: Mapping[str, str]) -> str | None:
    url = headers.get("x-viewer-url", "")
    return url if _VIEWER_URL.fullmatch(url) else None
