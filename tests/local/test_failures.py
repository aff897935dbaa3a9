"""Broken and missing images, invalid requests, and faults of S3."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from tests.functions.edge_resize.keys import derived_key
from tests.local.s3_proxy import Fault, S3Proxy
from tests.local.viewer import Response, Viewer
from tools.local.stack import Stack
from tools.paths import SAMPLES

pytestmark = pytest.mark.xdist_group("stack")

FUNCTION_LIMIT_SECONDS = 30


@pytest.mark.parametrize(
    ("key", "query", "status", "code"),
    [
        ("broken/truncated.jpg", "size=S", 415, "UnsupportedImage"),
        ("broken/text.jpg", "size=S&to_webp=1", 415, "UnsupportedImage"),
        ("broken/30000x30000.png", "size=SXS", 415, "ImageTooLarge"),
        ("broken/empty.jpg", "size=M", 415, "UnsupportedImage"),
        ("missing.jpg", "size=S", 404, "NoSuchKey"),
        ("missing.jpg", "to_webp=1", 404, "NoSuchKey"),
    ],
)
def test_the_original_never_replaces_a_derivative(
    viewer: Viewer, key: str, query: str, status: int, code: str
) -> None:
    response = viewer.get(key, query)
    assert response.status == status
    assert f"<Code>{code}</Code>".encode() in response.body
    assert response.headers["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("size=EVIL&size=S", "The parameter size must be one of: L, M, S, SL, SM, SS, SXS, XS."),
        ("size=S&size=M", "The parameter size has two different values."),
        ("size=s", "The parameter size must be one of: L, M, S, SL, SM, SS, SXS, XS."),
        ("size=", "The parameter size must be one of: L, M, S, SL, SM, SS, SXS, XS."),
        ("to_webp=2", "The parameter to_webp must be one of: 1, 0."),
        ("width=x", "The parameter width must be a whole number from 1 to 16383."),
    ],
)
def test_an_invalid_query_reaches_neither_the_cache_nor_the_function(
    viewer: Viewer, put: Callable[..., str], s3_proxy: S3Proxy, query: str, sentence: str
) -> None:
    key = put("invalid-query.jpg", "cat.jpg")
    for _ in range(2):
        response = viewer.get(key, query)
        assert (response.status, response.body.decode()) == (400, f"{sentence}\n")
        assert (response.x_cache, response.headers["Cache-Control"]) == (
            "FunctionGeneratedResponse",
            "no-store",
        )
    assert s3_proxy.requests_for(key) == {}


def test_fifty_requests_for_an_error_cost_one_run(
    viewer: Viewer, put: Callable[..., str], s3_proxy: S3Proxy
) -> None:
    broken = put("broken-once.jpg", body=b"no image")
    for key in (broken, "missing-once.jpg"):
        responses = {viewer.get(key, "size=S&to_webp=1").status for _ in range(50)}
        assert responses == {415 if key == broken else 404}
        heads = s3_proxy.requests_for(key)[("HEAD", key)]
        assert 1 <= heads <= 2


@pytest.mark.parametrize("key", ["cat.jpg", "broken/text.jpg"])
@pytest.mark.parametrize("query", ["", "to_webp=0"])
def test_without_options_the_object_is_unchanged(viewer: Viewer, key: str, query: str) -> None:
    response = viewer.get(key, query)
    assert (response.status, response.body) == (200, (SAMPLES / key).read_bytes())


def test_a_key_under_the_resized_path_is_neither_served_nor_derived_from(
    stack: Stack, viewer: Viewer
) -> None:
    assert viewer.get("cat.jpg", "size=XS").status == 200
    for query in ("", "size=SXS"):
        response = viewer.get(derived_key("cat.jpg", "size=XS"), query)
        assert (response.status, response.body) == (404, b"The image does not exist.\n")
    listed = stack.s3.list_objects_v2(Bucket=stack.outputs["bucket_name"], Prefix="resized/resized")
    assert listed["KeyCount"] == 0


@pytest.mark.parametrize("query", ["", "size=S", "size=S&to_webp=1"])
@pytest.mark.parametrize("key", ["missing.jpg", "missing.txt", "a/", ""])
def test_missing_objects_give_404(viewer: Viewer, key: str, query: str) -> None:
    response = viewer.get(key, query)
    assert response.status == 404
    assert b"AccessDenied" not in response.body


@pytest.mark.parametrize("target", ["/?list-type=2", "/?prefix=c", "//", "/?acl"])
def test_the_bucket_cannot_be_listed(stack: Stack, viewer: Viewer, target: str) -> None:
    response = viewer.request(target)
    assert response.status == 404
    assert b"cat.jpg" not in response.body
    policy = json.loads(stack.s3.get_bucket_policy(Bucket=stack.outputs["bucket_name"])["Policy"])
    allowed = [s for s in policy["Statement"] if s["Effect"] == "Allow"]
    assert [statement["Action"] for statement in allowed] == ["s3:GetObject"]


def test_a_missing_permission_gives_403(stack: Stack, viewer: Viewer) -> None:
    bucket = stack.outputs["bucket_name"]
    policy = stack.s3.get_bucket_policy(Bucket=bucket)["Policy"]
    assert viewer.get("missing-1.jpg").status == 404
    stack.s3.put_bucket_policy(Bucket=bucket, Policy=policy.replace("s3:GetObject", "s3:GetObjectTagging"))
    try:
        assert viewer.get("missing-2.jpg").status == 403
    finally:
        stack.s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    assert viewer.get("missing-3.jpg").status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_methods_that_the_distribution_does_not_allow(stack: Stack, viewer: Viewer, method: str) -> None:
    response = viewer.get("cat.jpg", "size=S", method=method, body="x")
    assert (response.status, response.x_cache) == (403, "Error")
    assert not [name for name in response.headers if name.lower().startswith("access-control-")]
    assert stack.s3.head_object(Bucket=stack.outputs["bucket_name"], Key="cat.jpg")["ContentLength"] > 1


def test_faults_of_s3_redirect_to_the_original_without_caching(
    viewer: Viewer, put: Callable[..., str], s3_proxy: S3Proxy
) -> None:
    keys = {fault: put(f"fault-{fault}.jpg", "cat.jpg") for fault in Fault}

    def measure(fault: Fault) -> tuple[Response, float]:
        started = time.monotonic()
        return viewer.get(keys[fault], "size=S&to_webp=1"), time.monotonic() - started

    with (
        s3_proxy.failing(**{keys[fault]: fault for fault in Fault}),
        ThreadPoolExecutor(len(keys)) as viewers,
    ):
        responses = dict(zip(Fault, viewers.map(measure, Fault), strict=True))
    for fault, (response, seconds) in responses.items():
        assert (response.status, response.headers["Cache-Control"]) == (302, "no-store"), fault
        assert response.headers["Location"] == f"/{keys[fault]}"
        assert seconds < FUNCTION_LIMIT_SECONDS, fault
    for key in keys.values():
        healed = viewer.get(key, "size=S&to_webp=1")
        assert (healed.image().format, healed.x_cache) == ("WEBP", "Miss")


AWKWARD = ["a+b.jpg", "a b.jpg", "100%.jpg", "é/写.jpg", "😀+.jpg"]


def test_the_redirect_works_for_every_key(viewer: Viewer, put: Callable[..., str], s3_proxy: S3Proxy) -> None:
    keys = [put(f"redirected/{key}", "cat.jpg") for key in AWKWARD]
    with s3_proxy.failing(**{"HEAD resized/redirected/": Fault.BUSY}):
        for key in keys:
            for target in (f"/{quote(key)}", f"/{quote(key, safe='/+')}"):
                redirect = viewer.request(f"{target}?size=SM")
                assert redirect.status == 302
                assert viewer.request(redirect.headers["Location"]).image().size == (640, 427)


def test_a_failed_upload_redirects_to_the_original(
    viewer: Viewer, put: Callable[..., str], s3_proxy: S3Proxy
) -> None:
    put("unstored.jpg", "cat.jpg")
    with s3_proxy.failing(**{"resized/unstored.jpg/": Fault.BUSY}):
        assert viewer.get("unstored.jpg", "size=S").status == 302
    assert viewer.get("unstored.jpg", "size=S").image().size == (640, 427)
