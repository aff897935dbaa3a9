"""A viewer of the local edge."""

import http.client
import io
from dataclasses import dataclass
from email.message import Message
from urllib.parse import quote, urlsplit

from PIL import Image


@dataclass(frozen=True, kw_only=True)
class Response:
    """What a viewer gets."""

    status: int
    headers: Message
    body: bytes

    @property
    def x_cache(self) -> str:
        return str(self.headers["X-Cache"]).removesuffix(" from cloudfront")

    def image(self) -> Image.Image:
        """The decoded image of a 200."""
        assert self.status == 200, (self.status, self.body[:500])
        image = Image.open(io.BytesIO(self.body))
        image.load()
        return image


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """Asks one edge. Each request has a connection of its own and follows no redirect."""

    url: str

    def get(
        self, key: str, query: str = "", *, method: str = "GET", body: str | None = None, **headers: str
    ) -> Response:
        """Ask for an object by its key, encoded as a browser does."""
        target = f"/{quote(key)}" + (f"?{query}" if query else "")
        return self.request(target, method=method, body=body, **headers)

    def request(
        self, target: str, *, method: str = "GET", body: str | None = None, **headers: str
    ) -> Response:
        """Ask for a path and query string that are encoded already."""
        edge = urlsplit(self.url)
        connection = http.client.HTTPConnection(str(edge.hostname), edge.port, timeout=60)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, target, body=body, headers=sent)
            with connection.getresponse() as response:
                return Response(status=response.status, headers=response.headers, body=response.read())
        finally:
            connection.close()
