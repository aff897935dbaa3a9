"""The playground of the stack that the tests of image URLs share."""

import socket
from collections.abc import Iterator

import pytest

from tests.local.viewer import Viewer
from tools.local.playground import Backend, PlaygroundServer
from tools.local.stack import Stack


@pytest.fixture(scope="session")
def page(stack: Stack) -> Iterator[Viewer]:
    listener = socket.create_server(("127.0.0.1", 0))
    with PlaygroundServer(listener, Backend(stack)) as server:
        yield Viewer(url=server.url.rstrip("/"))
