"""Requests as a browser sends them, without redirects and without a cache."""

import http.client
import io
import re
from dataclasses import dataclass
from email.message import Message
from urllib.parse import urlsplit

from PIL import Image, UnidentifiedImageError

from tools.doctor.failure import CheckFailedError

_TIMEOUT_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Response:
    """A response to a viewer."""

    status: int
    headers: Message
    body: bytes

    @property
    def x_cache(self) -> str:
        """Result of CloudFront, such as `Hit` or `Miss`."""
        return str(self.headers["X-Cache"]).partition(" ")[0]

    @property
    def reason(self) -> str:
        """The sentence in the body of an error: the message of an error document, or the first line."""
        text = self.body[:2000].decode("utf-8", "replace")
        message = re.search("<Message>([^<]*)</Message>", text)
        return message[1] if message else text.partition("\n")[0][:200]

    def image(self) -> Image.Image:
        """Decode the body.

        Raises:
            CheckFailedError: the body is not an image.
        """
        try:
            image = Image.open(io.BytesIO(self.body))
            image.load()
        except (UnidentifiedImageError, OSError) as error:
            raise CheckFailedError(
                f"the body of {len(self.body)} bytes is not an image ({error})",
                "read the log: {logs}",
            ) from error
        return image


def send(
    url: str, *, method: str = "GET", headers: dict[str, str] | None = None, through: str | None = None
) -> Response:
    """Send a request. The path and the query of the URL are already encoded.

    Args:
        url: URL of the request.
        method: GET or HEAD.
        headers: headers of the request.
        through: base URL of a server that is connected to in place of the host of the URL.

    Raises:
        CheckFailedError: there is no response.
    """
    parts, server = urlsplit(url), urlsplit(through or url)
    connect = http.client.HTTPSConnection if server.scheme == "https" else http.client.HTTPConnection
    connection = connect(str(server.hostname), server.port, timeout=_TIMEOUT_SECONDS)
    target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    try:
        connection.request(method, target, headers={"Host": parts.netloc, **(headers or {})})
        with connection.getresponse() as response:
            return Response(status=response.status, headers=response.headers, body=response.read())
    except (OSError, http.client.HTTPException) as error:
        raise CheckFailedError(
            f"no response from {parts.netloc} ({error})",
            "wait until the distribution is deployed, and check your connection",
        ) from error
    finally:
        connection.close()
