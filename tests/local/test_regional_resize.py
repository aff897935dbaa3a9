"""regional_resize: a bucket of derivatives, and the function that makes those that are missing."""

import io
import os
import threading
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest
from image_core import OUTPUT_VERSION
from image_url import derivative_path
from PIL import Image

from tests.local.object_lambda_stack import Served
from tests.local.s3_proxy import Fault, S3Proxy
from tests.local.test_images import AWKWARD
from tests.local.test_object_lambda import request_status
from tests.local.viewer import Response
from tools.local.edge.origin import S3Origin
from tools.local.edge.origin_client import HttpOriginClient
from tools.paths import SAMPLES

pytestmark = pytest.mark.xdist_group("stack")

CAT = (SAMPLES / "cat.jpg").read_bytes()
WIDTHS = (16, 32, 48, 64, 96, 128, 256, 384, 640, 750)
VIEWERS = 50


@pytest.fixture
def origin_requests(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count the requests of the edge by origin: `bucket` or `function`."""
    counted: Counter[str] = Counter()
    fetch = HttpOriginClient.fetch

    async def count(self: HttpOriginClient, *args: Any) -> Any:
        counted["bucket" if isinstance(self._origin, S3Origin) else "function"] += 1
        return await fetch(self, *args)

    monkeypatch.setattr(HttpOriginClient, "fetch", count)
    return counted


def small_image(colour: str = "red") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (800, 40), colour).save(file, "JPEG")
    return file.getvalue()


def empty_cache(regional: Served) -> None:
    """Empty the cache of the edge."""
    client = regional.stack.emulator.session().client("cloudfront", endpoint_url=regional.stack.emulator_url)
    client.create_invalidation(
        DistributionId=regional.distribution_id,
        InvalidationBatch={
            "CallerReference": str(uuid.uuid4()),
            "Paths": {"Quantity": 1, "Items": ["/*"]},
        },
    )


def stored_keys(regional: Served, key: str) -> list[str]:
    bucket = regional.outputs["bucket_names"]["derivatives"]
    prefix = derivative_path(key, "v")[:-1]
    listed = regional.stack.s3.list_objects_v2(Bucket=bucket, Prefix=prefix)
    return [item["Key"] for item in listed.get("Contents", [])]


def test_a_stored_derivative_runs_no_function(
    regional: Served, origin_requests: Counter[str], record_property: Callable[[str, object], None]
) -> None:
    urls = [
        (regional.put(f"stored/{number}.jpg", small_image()), f"width={width}&format=webp")
        for number in range(10)
        for width in WIDTHS
    ]
    runs = regional.count_runs("regional_resize")
    first = [regional.viewer.get(key, query) for key, query in urls]
    assert {(response.status, response.x_cache) for response in first} == {(200, "Miss")}
    assert regional.count_runs("regional_resize") - runs == len(urls)
    assert origin_requests == {"bucket": len(urls), "function": len(urls)}

    runs = regional.count_runs("regional_resize")
    origin_requests.clear()
    for _ in range(10):
        empty_cache(regional)
        with ThreadPoolExecutor(4) as viewers:
            again = list(viewers.map(lambda url: regional.viewer.get(*url), urls))
        assert {(response.status, response.x_cache) for response in again} == {(200, "Miss")}
    assert [response.body for response in again] == [response.body for response in first]
    assert regional.count_runs("regional_resize") == runs
    assert origin_requests == {"bucket": 10 * len(urls)}
    record_property(
        "measured",
        f"regional_resize: {len(urls)} first requests, {len(urls)} function runs; "
        f"{10 * len(urls)} requests for stored derivatives with a cold edge cache, 0 function runs, "
        f"{origin_requests['bucket']} GETs of S3",
    )


def test_a_first_request_costs_five_requests_of_the_function(regional: Served, s3_proxy: S3Proxy) -> None:
    regional.put("cost.jpg", small_image())
    assert regional.viewer.get("cost.jpg", "width=640").status == 200
    key = derivative_path("cost.jpg", f"v{OUTPUT_VERSION}_w640_q80")
    assert s3_proxy.requests_for("cost.jpg") == {
        ("GET", "cost.jpg"): 1,
        ("HEAD", "cost.jpg"): 2,
        ("HEAD", key): 1,
        ("PUT", key): 1,
    }


@pytest.mark.parametrize("key", AWKWARD)
def test_every_key_reaches_its_derivative(regional: Served, key: str) -> None:
    key = regional.put(f"odd/{key}", CAT)
    made = regional.viewer.get(key, "size=SXS")
    assert (made.image().size, made.x_cache) == ((180, 120), "Miss")
    assert stored_keys(regional, key) == [derivative_path(key, f"v{OUTPUT_VERSION}_w180_h180_box_q80")]
    # The stored derivative is read by the same path, and each encoding of the URL is one cache entry.
    empty_cache(regional)
    found = regional.viewer.get(key, "size=SXS")
    assert (found.body, found.x_cache) == (made.body, "Miss")
    target = "/" + "".join(f"%{byte:02x}" for byte in key.encode())
    assert regional.viewer.request(f"{target}?size=SXS").x_cache == "Hit"


def test_a_plus_needs_no_encoding(regional: Served) -> None:
    key = regional.put("plus/a+b.jpg", CAT)
    assert regional.viewer.request(f"/{quote(key, safe='/+')}?size=SXS").image().size == (180, 120)


def test_fifty_viewers_of_a_cold_derivative_share_one_run(regional: Served, s3_proxy: S3Proxy) -> None:
    key = regional.put("crowd-regional.jpg", CAT)
    runs = regional.count_runs("regional_resize")
    start = threading.Barrier(VIEWERS, timeout=30)

    def fetch(_: int) -> Response:
        start.wait()
        return regional.viewer.get(key, "size=S&format=webp")

    with ThreadPoolExecutor(VIEWERS) as viewers:
        responses = list(viewers.map(fetch, range(VIEWERS)))
    assert {(response.status, response.body == responses[0].body) for response in responses} == {(200, True)}
    assert Counter(response.x_cache for response in responses) == {"Hit": VIEWERS - 1, "Miss": 1}
    assert regional.count_runs("regional_resize") - runs == 1
    puts = {request: n for request, n in s3_proxy.requests_for(key).items() if request[0] == "PUT"}
    assert list(puts.values()) == [1]


def test_viewers_get_no_metadata_of_storage(regional: Served) -> None:
    key = regional.put("headers.jpg", CAT)
    for x_cache in ("Miss", "Miss"):
        response = regional.viewer.get(key, "width=64")
        assert response.x_cache == x_cache
        names = {name.lower() for name in response.headers}
        assert [
            name for name in names if name.startswith(("x-amz-meta-", "x-amz-server", "x-amz-version"))
        ] == []
        assert response.headers["Vary"] == "Accept"
        assert response.headers["Cache-Control"] == "public, max-age=86400, s-maxage=86400"
        empty_cache(regional)


def test_a_result_over_the_limit_is_a_redirect_to_the_same_url(regional: Served) -> None:
    file = io.BytesIO()
    Image.frombytes("RGB", (2700, 2500), os.urandom(2700 * 2500 * 3)).save(file, "PNG", compress_level=0)
    assert len(file.getvalue()) > 20_000_000
    key = regional.put("large+1.png", file.getvalue())
    url = f"/{quote(key)}?utm_source=mail"
    refused = regional.viewer.request(url)
    assert (refused.status, refused.headers["Location"]) == (302, url)
    assert refused.headers["Cache-Control"] == "no-store"
    found = regional.viewer.request(url)
    assert (found.image().size, found.x_cache) == ((2700, 2500), "Miss")
    assert len(found.body) > 20_000_000
    assert regional.viewer.request(url, method="HEAD").x_cache == "Hit"


def test_the_first_request_for_a_large_result_may_be_a_head(regional: Served) -> None:
    file = io.BytesIO()
    Image.frombytes("RGB", (1400, 1300), os.urandom(1400 * 1300 * 3)).save(file, "PNG", compress_level=0)
    key = regional.put("large-head.png", file.getvalue())
    assert regional.viewer.get(key, method="HEAD").status == 302
    head = regional.viewer.get(key, method="HEAD")
    assert head.status == 200
    assert regional.viewer.get(key, If_None_Match=head.headers["ETag"]).status == 304


def test_errors(regional: Served, s3_proxy: S3Proxy) -> None:
    broken = regional.put("broken-regional.jpg", CAT[:200])
    key = regional.put("busy-regional.jpg", CAT)
    with s3_proxy.failing(**{"GET busy-regional.jpg": Fault.BUSY}):
        busy = regional.viewer.get(key, "size=S")
    assert (busy.status, busy.headers["Cache-Control"]) == (503, "no-store")
    permanent = {
        "none-regional.jpg": 404,
        broken: 415,
    }
    for path, status in permanent.items():
        response = regional.viewer.get(path, "size=S")
        assert (response.status, response.headers["Cache-Control"]) == (status, "public, max-age=60"), path
    too_long = regional.viewer.get("ü" * 200 + ".jpg", "size=S")
    assert (too_long.status, too_long.x_cache) == (400, "FunctionGeneratedResponse")
    other = regional.viewer.get("notes.txt")
    assert (other.status, other.x_cache) == (404, "FunctionGeneratedResponse")


def test_nothing_is_read_without_a_signature(regional: Served) -> None:
    key = regional.put("unsigned.jpg", CAT)
    assert regional.viewer.get(key, "size=S").status == 200
    [stored] = stored_keys(regional, key)
    statuses = {}
    for purpose, object_key in (("originals", key), ("derivatives", stored)):
        url = f"{regional.stack.emulator_url}/{regional.outputs['bucket_names'][purpose]}/{object_key}"
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(url)  # noqa: S310  # http, on this machine
        statuses[purpose] = caught.value.code
    name = regional.outputs["function_arns"]["regional_resize"].split(":")[6]
    url = regional.functions.get_function_url_config(FunctionName=name)["FunctionUrl"]
    statuses["function"] = request_status(regional, url.split("/")[2], f"/{stored}", {})
    assert statuses == dict.fromkeys(("originals", "derivatives", "function"), 403)


# Place and action, the request that fails without it, and the status then.
PERMISSIONS = [
    ("permission", "lambda:InvokeFunctionUrl", "GET", 403),
    ("permission", "lambda:InvokeFunction", "GET", 403),
    ("regional_resize/ReadOriginals", "s3:GetObject", "GET", 503),
    ("regional_resize/DistinguishMissingKeys", "s3:ListBucket", "missing", 503),
    ("regional_resize/StoreDerivatives", "s3:GetObject", "GET", 503),
    ("regional_resize/StoreDerivatives", "s3:PutObject", "GET", 503),
    ("regional_resize/StoreDerivatives", "s3:DeleteObject", "replaced", 503),
]


def test_each_permission_is_needed(regional: Served, s3_proxy: S3Proxy) -> None:
    def fetch_status(key: str, kind: str) -> int:
        if kind != "missing":
            regional.put(key, small_image())
        if kind == "replaced":
            s3_proxy.before(f"PUT {key}/", lambda: regional.put(key, small_image("blue")))
        return regional.viewer.get(key, "width=16").status

    without, again = {}, {}
    for number, (place, action, kind, _) in enumerate(PERMISSIONS):
        with regional.without_permission(place, action):
            without[place, action] = fetch_status(f"regional-without-{number}.jpg", kind)
        again[place, action] = fetch_status(f"regional-with-{number}.jpg", kind)
    assert without == {(place, action): status for place, action, _, status in PERMISSIONS}
    assert again == {
        (place, action): 404 if kind == "missing" else 200 for place, action, kind, _ in PERMISSIONS
    }


def test_cloudfront_needs_to_read_the_derivatives(regional: Served) -> None:
    key = regional.put("unread.jpg", small_image())
    assert regional.viewer.get(key, "width=16").status == 200
    runs = regional.count_runs("regional_resize")
    with regional.without_permission("derivatives", "s3:GetObject"):
        empty_cache(regional)
        assert regional.viewer.get(key, "width=16").status == 200
        assert regional.count_runs("regional_resize") - runs == 1
    empty_cache(regional)
    assert regional.viewer.get(key, "width=16").status == 200
    assert regional.count_runs("regional_resize") - runs == 1


def test_the_role_has_no_other_permissions(regional: Served) -> None:
    role = regional.outputs["function_arns"]["regional_resize"].split(":")[6]
    assert regional.iam.list_role_policies(RoleName=role)["PolicyNames"] == ["function"]
    assert regional.iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
    document: Any = regional.iam.get_role_policy(RoleName=role, PolicyName="function")["PolicyDocument"]
    allowed = {action for statement in document["Statement"] for action in statement["Action"]}
    needed = {action for place, action, *_ in PERMISSIONS if place.startswith("regional_resize")}
    assert {action for action in allowed if not action.startswith("logs:")} == needed
