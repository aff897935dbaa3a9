"""A viewer of the local edge."""

import http.client
import io
from dataclasses import dataclass
from email.message import Message
from urllib.parse import quote, urlsplit

from PIL import Image


@dataclass(frozen=True, kw_only=True)
class Response:
    """A response to a viewer."""

    status: int
    headers: Message
    body: bytes

    @property
    def x_cache(self) -> str:
        return str(self.headers["X-Cache"]).removesuffix(" from cloudfront")

    def image(self) -> Image.Image:
        """Return the decoded image of a 200."""
        assert self.status == 200, (self.status, self.body[:500])
        image = Image.open(io.BytesIO(self.body))
        image.load()
        return image


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """Sends requests to one edge, each on a new connection. Redirects are not followed."""

    url: str

    def get(
        self, key: str, query: str = "", *, method: str = "GET", body: str | None = None, **headers: str
    ) -> Response:
        """Request an object by the key, which is encoded as by a browser."""
        target = f"/{quote(key)}" + (f"?{query}" if query else "")
        return self.request(target, method=method, body=body, **headers)

    def request(
        self, target: str, *, method: str = "GET", body: str | bytes | None = None, **headers: str
    ) -> Response:
        """Request a path and query string that are already encoded."""
        edge = urlsplit(self.url)
        connection = http.client.HTTPConnection(str(edge.hostname), edge.port, timeout=60)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, target, body=body, headers=sent)
            with connection.getresponse() as response:
                return Response(status=response.status, headers=response.headers, body=response.read())
        finally:
            connection.close()
