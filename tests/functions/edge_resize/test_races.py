"""Parallel invocations: a derivative of an older original never overwrites the derivative of a newer one."""

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.functions.edge_resize.keys import derived_key
from tests.libs.s3_http.fault_proxy import Handler, pass_through, status

if TYPE_CHECKING:
    from tests.functions.edge_resize.conftest import Edge

KEY, DERIVATIVE = "cat.png", derived_key("cat.png")
REQUESTS = [("HEAD", KEY), ("HEAD", DERIVATIVE), ("GET", KEY), ("PUT", DERIVATIVE)]


def image(colour: str, size: tuple[int, int] = (60, 40)) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def colour_of(edge: "Edge") -> object:
    return edge.image(DERIVATIVE).convert("RGB").getpixel((30, 20))


def meanwhile(edge: "Edge", happening: Callable[[], object], method: str, key: str) -> None:
    """Call a function right before the first request of this kind reaches S3."""

    def fault(handler: Handler) -> None:
        happening()
        pass_through(handler)

    edge.proxy.inject(fault, method=method, path=f"/{edge.bucket}/{key}", times=1)


def names_its_original(edge: "Edge") -> bool:
    etag = edge.s3.head_object(Bucket=edge.bucket, Key=KEY)["ETag"].strip('"')
    return edge.stored(DERIVATIVE)["Metadata"]["source-etag"] == etag


@pytest.mark.parametrize("before", [(), ("red",), ("blue",)], ids=["first", "next", "taken back"])
@pytest.mark.parametrize(("method", "key"), REQUESTS)
def test_a_newer_invocation_at_any_moment(edge: "Edge", before: Sequence[str], method: str, key: str) -> None:
    """The original is replaced and its derivative stored before a request of an older invocation."""
    for colour in before:
        edge.upload(KEY, image(colour))
        edge.request(f"/{KEY}")
    edge.upload(KEY, image("lime"))

    def newer() -> None:
        edge.upload(KEY, image("blue"))
        assert edge.request(f"/{KEY}")["uri"] == f"/{DERIVATIVE}"

    meanwhile(edge, newer, method, key)
    assert edge.request(f"/{KEY}")["uri"] == f"/{DERIVATIVE}"
    assert colour_of(edge) == (0, 0, 255)
    assert names_its_original(edge)
    edge.proxy.requests.clear()
    edge.request(f"/{KEY}")
    assert edge.proxy.methods() == ["HEAD", "HEAD"]


@pytest.mark.parametrize("before", [(), ("red",)], ids=["first", "after another"])
@pytest.mark.parametrize(("method", "key"), REQUESTS[:3])
def test_an_original_that_is_replaced_before_it_is_read(
    edge: "Edge", before: Sequence[str], method: str, key: str
) -> None:
    for colour in before:
        edge.upload(KEY, image(colour))
        edge.request(f"/{KEY}")
    edge.upload(KEY, image("lime"))
    meanwhile(edge, lambda: edge.upload(KEY, image("blue", size=(61, 40))), method, key)
    edge.request(f"/{KEY}")
    assert colour_of(edge) == (0, 0, 255)
    assert names_its_original(edge)


def test_an_older_derivative_is_replaced_without_a_second_transform(edge: "Edge") -> None:
    """The newer invocation is the slower one: the older one stores its derivative first."""
    edge.upload(KEY, image("lime"))
    older = edge.upload(KEY, image("blue"))

    def store_an_older_one() -> None:
        edge.upload(
            DERIVATIVE,
            image("lime"),
            Metadata={"source-etag": "older"},
        )

    meanwhile(edge, store_an_older_one, "PUT", DERIVATIVE)
    edge.request(f"/{KEY}")
    assert colour_of(edge) == (0, 0, 255)
    assert edge.stored(DERIVATIVE)["Metadata"]["source-etag"] == older
    # The last HEAD checks that the original did not change while its derivative replaced another one.
    assert sorted(edge.proxy.methods()) == ["GET", *["HEAD"] * 5, "PUT", "PUT"]


def test_a_derivative_that_is_deleted_while_another_is_made(edge: "Edge") -> None:
    edge.upload(KEY, image("lime"))
    edge.request(f"/{KEY}")
    edge.upload(KEY, image("blue"))
    meanwhile(edge, lambda: edge.s3.delete_object(Bucket=edge.bucket, Key=DERIVATIVE), "PUT", DERIVATIVE)
    edge.request(f"/{KEY}")
    assert colour_of(edge) == (0, 0, 255)


def test_an_original_that_is_deleted_before_it_is_read(edge: "Edge") -> None:
    edge.upload(KEY, image("lime"))
    meanwhile(edge, lambda: edge.s3.delete_object(Bucket=edge.bucket, Key=KEY), "GET", KEY)
    edge.request(f"/{KEY}")
    assert edge.listing() == []


def test_a_response_that_is_lost_after_the_write(edge: "Edge") -> None:
    edge.upload(KEY, image("blue"))

    def lost(handler: Handler) -> None:
        handler.forward()
        handler.hang_up()

    edge.proxy.inject(lost, method="PUT", times=1)
    assert edge.request(f"/{KEY}")["uri"] == f"/{DERIVATIVE}"
    assert colour_of(edge) == (0, 0, 255)


def test_a_conflicting_write_is_retried(edge: "Edge") -> None:
    edge.upload(KEY, image("blue"))
    edge.proxy.inject(status(409, error="ConditionalRequestConflict"), method="PUT", times=2)
    assert edge.request(f"/{KEY}")["uri"] == f"/{DERIVATIVE}"
    assert edge.proxy.methods().count("PUT") == 3


@pytest.mark.parametrize("method", ["PUT", "HEAD after PUT"])
def test_an_original_that_is_replaced_while_a_derivative_is_stored(edge: "Edge", method: str) -> None:
    """CloudFront would keep the old image after the invalidation of the new original."""
    edge.settings["x-env-purge-on-change"] = "true"
    edge.upload(KEY, image("lime"))
    if method == "PUT":
        meanwhile(edge, lambda: edge.upload(KEY, image("blue", size=(61, 40))), "PUT", DERIVATIVE)
    else:
        edge.proxy.inject(pass_through, method="HEAD", path=f"/{edge.bucket}/{KEY}", times=1)
        meanwhile(edge, lambda: edge.upload(KEY, image("blue", size=(61, 40))), "HEAD", KEY)
    assert edge.request(f"/{KEY}")["uri"] == f"/{DERIVATIVE}"
    assert colour_of(edge) == (0, 0, 255)
    assert names_its_original(edge)


def test_an_original_that_is_deleted_while_a_derivative_is_stored(edge: "Edge") -> None:
    edge.settings["x-env-purge-on-change"] = "true"
    edge.upload(KEY, image("lime"))
    meanwhile(edge, lambda: edge.s3.delete_object(Bucket=edge.bucket, Key=KEY), "PUT", DERIVATIVE)
    assert edge.request(f"/{KEY}")["status"] == "404"


@pytest.mark.parametrize(("setting", "heads"), [("false", 2), ("true", 3)])
def test_a_derivative_costs_one_more_head_with_purge_on_change(
    edge: "Edge", setting: str, heads: int
) -> None:
    edge.settings["x-env-purge-on-change"] = setting
    edge.upload(KEY, image("lime"))
    edge.request(f"/{KEY}")
    assert sorted(edge.proxy.methods()) == ["GET", *["HEAD"] * heads, "PUT"]
    edge.proxy.requests.clear()
    edge.request(f"/{KEY}")
    assert edge.proxy.methods() == ["HEAD", "HEAD"]
