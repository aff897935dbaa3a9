"""object_lambda with each of its origins: responses, rejected requests and necessary permissions.

The emulator checks signatures, roles and
policies. Only AWS can show that CloudFront and S3 Object Lambda sign and call in this way.
"""

import http.client
import io
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.credentials import Credentials
from PIL import ExifTags, Image

from tests.local.object_lambda_stack import VARIANTS, Served
from tests.local.viewer import Viewer
from tools.local.edge.access_control import AccessControl
from tools.local.stack import Stack
from tools.paths import PROJECT, SAMPLES

pytestmark = pytest.mark.xdist_group("object_lambda")

CAT = (SAMPLES / "cat.jpg").read_bytes()

type Headers = dict[str, str]
type Tamper = Callable[[str, Headers], tuple[str, Headers]]


def photograph() -> bytes:
    """Return an image as a phone takes it: rotated, with its position."""
    image, exif, file = Image.open(io.BytesIO(CAT)), Image.Exif(), io.BytesIO()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Model] = "Telephone"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (52.0, 31.0, 12.0)
    image.save(file, "JPEG", exif=exif)
    return file.getvalue()


def test_two_variants_are_served_side_by_side(both: Stack, served: Served) -> None:
    assert list(both.edge_urls) == VARIANTS
    for viewer in (Viewer(url=both.edge_urls["edge_resize"]), served.viewer):
        assert viewer.get("cat.jpg", "size=XS").image().size == (360, 240)


def test_the_distribution_is_the_same_for_every_origin(both: Stack, served: Served) -> None:
    assert served.outputs["distribution_ids"] == both.outputs["distribution_ids"]
    assert served.outputs["example_url"] == both.outputs["example_url"]


def test_a_photograph_is_upright_and_without_metadata(served: Served) -> None:
    key = served.put("holiday.jpg", photograph())
    first = served.viewer.get(key)
    assert first.x_cache == "Miss"
    image = first.image()
    assert image.size == Image.open(io.BytesIO(CAT)).size[::-1]
    assert dict(image.getexif()) == {}
    assert b"Telephone" not in first.body
    tags = served.viewer.get(key, "showExif=true")
    assert (tags.x_cache, tags.headers["Content-Type"]) == ("Miss", "application/json")
    assert json.loads(tags.body) == {"0th": {"Orientation": 6, "Model": "Telephone"}}
    assert [served.viewer.get(key, query).x_cache for query in ("", "showExif=true")] == ["Hit", "Hit"]
    assert served.viewer.get(key).body == first.body


# The sample is a JPEG of 640 x 427 pixels.
OPTIONS = [
    ("w=300&utm_source=mail", {}, "JPEG", (384, 256)),
    ("width=150&dpr=2&q=70", {}, "JPEG", (384, 256)),
    ("w=3840", {}, "JPEG", (640, 427)),
    ("height=100", {}, "JPEG", (192, 128)),
    ("w=96&h=48&fit=crop", {}, "JPEG", (96, 48)),
    ("w=96&h=48&fit=pad", {}, "JPEG", (96, 48)),
    ("w=96&h=48&fit=scale", {}, "JPEG", (96, 48)),
    ("w=96&h=96&fit=cover&gravity=northwest", {}, "JPEG", (96, 96)),
    ("w=64&fm=avif", {}, "AVIF", (64, 43)),
    ("w=64&fm=jpg", {}, "JPEG", (64, 43)),
    ("w=256&auto=format", {"Accept": "image/webp,*/*"}, "WEBP", (256, 171)),
    ("w=256&auto=format", {"Accept": "image/*,*/*;q=0.8"}, "JPEG", (256, 171)),
    ("size=SS&format=png", {}, "PNG", (360, 240)),
    ("size=SS&to_webp=1", {}, "WEBP", (360, 240)),
]


@pytest.mark.parametrize(("query", "headers", "image_format", "size"), OPTIONS)
def test_options_of_image_urls(
    served: Served, query: str, headers: Headers, image_format: str, size: tuple[int, int]
) -> None:
    response = served.viewer.get("cat.jpg", query, **headers)
    assert (response.image().format, response.image().size) == (image_format, size)
    assert response.headers["Content-Type"] == f"image/{image_format.lower()}"
    assert response.headers["Vary"] == "Accept"
    assert response.headers["Cache-Control"] == "public, max-age=86400, s-maxage=86400"
    # A browser with a copy gets a 304, and one with a copy in another format the image.
    etag = response.headers["ETag"]
    assert served.viewer.get("cat.jpg", query, **headers, If_None_Match=etag).status == 304
    assert served.viewer.get("cat.jpg", "w=32&fm=webp", If_None_Match=etag).status == 200


def test_browsers_with_the_same_abilities_share_a_cache_entry(served: Served) -> None:
    key = served.put("shared.jpg", CAT)
    accepts = ["image/avif,image/webp,*/*", "image/webp, image/avif;q=0.9", "image/*", "*/*"]
    found = [served.viewer.get(key, "w=320&auto=format", Accept=accept) for accept in accepts]
    assert [each.x_cache for each in found] == ["Miss", "Hit", "Miss", "Hit"]
    assert found[0].headers["ETag"] != found[2].headers["ETag"]


def test_the_focal_point_of_an_original(served: Served) -> None:
    image, file = Image.new("RGB", (200, 200), "blue"), io.BytesIO()
    image.paste("red", (0, 0, 200, 60))
    image.save(file, "PNG")
    served.stack.s3.put_object(
        Bucket=served.outputs["bucket_name"],
        Key="focal.png",
        Body=file.getvalue(),
        Metadata={"focal-point": "0.5,0.1"},
    )
    found = served.viewer.get("focal.png", "w=128&h=32&fit=cover")
    assert found.image().convert("RGB").getpixel((64, 16)) == (255, 0, 0)
    assert "focal" not in str(found.headers)
    centre = served.viewer.get("focal.png", "w=128&h=32&fit=cover&gravity=center")
    assert centre.image().convert("RGB").getpixel((64, 16)) == (0, 0, 255)


def test_facts_about_an_image(served: Served) -> None:
    key = served.put("facts.jpg", photograph())
    response = served.viewer.get(key, "format=json&w=100")
    assert response.headers["Content-Type"] == "application/json"
    facts = json.loads(response.body)
    assert [facts[name] for name in ("width", "height", "format", "orientation")] == [427, 640, "jpeg", 6]
    assert b"Telephone" not in response.body


@pytest.mark.parametrize(
    "key", ["ä ö/@+(1)&=.jpg", "100%25.jpg", "a+b%2B.jpg", "~-_.!$,;:'*.jpg", "写/😀.jpg"]
)
def test_every_key_reaches_its_object(served: Served, key: str) -> None:
    served.put(key, CAT)
    assert served.viewer.get(key, "size=S&to_webp=1&unknown=1").image().format == "WEBP"


def test_a_literal_plus_in_a_path(served: Served) -> None:
    # S3 reads a plus as a space; the function for viewer requests encodes the plus.
    served.put("plus/a+b.jpg", CAT)
    assert served.viewer.request("/plus/a+b.jpg?size=S").status == 200
    assert served.viewer.request("/plus/a%2Bb.jpg?size=S").x_cache == "Hit"


def test_a_head_has_the_length_of_the_image(served: Served) -> None:
    key = served.put("head.jpg", photograph())
    head, got = served.viewer.get(key, method="HEAD"), served.viewer.get(key, "showExif=false")
    assert (head.status, head.body) == (200, b"")
    assert int(head.headers["Content-Length"]) == len(got.body)


def test_keys_cannot_be_listed_and_the_function_cannot_be_bypassed(served: Served) -> None:
    # No function precedes S3 with oac, and the emulator treats "//" as a list, AWS as a key.
    targets = ["/", "/?list-type=2", "/?prefix=c", "/?acl", "/?uploads", "/a/", "/.", "/cat.jpg/.."]
    for target in [*targets, "//"] if served.origin != "oac" else targets:
        response = served.viewer.request(target)
        assert (response.status, target) == (404, target)
        assert not re.search(rb"cat\.jpg|arn:|iam|000000000000", response.body, re.IGNORECASE)
    bucket = served.outputs["bucket_name"]
    policy = served.stack.s3.get_bucket_policy(Bucket=bucket)["Policy"]
    assert served.distribution_id not in policy


def test_a_preflight_is_rejected_and_cors_allows_reading(served: Served) -> None:
    preflight = served.viewer.get(
        "cat.jpg", method="OPTIONS", Origin="https://example.org", Access_Control_Request_Method="GET"
    )
    assert preflight.status == 403
    assert (
        served.viewer.get("cat.jpg", Origin="https://example.org").headers["Access-Control-Allow-Origin"]
        == "*"
    )


@pytest.mark.parametrize(
    ("key", "query", "status"),
    [("torn.jpg", "", 400), ("torn.jpg", "size=S", 400), ("absent.jpg", "", 404)],
)
def test_fifty_requests_for_an_error_cost_two_runs(served: Served, key: str, query: str, status: int) -> None:
    if key == "torn.jpg":
        served.put(key, b"no image")
    functions = {"edge_signer", "object_lambda"} & set(served.outputs["function_arns"])
    before = {function: served.count_runs(function) for function in functions}
    responses = [served.viewer.get(key, query) for _ in range(50)]
    assert {response.status for response in responses} == {status}
    runs = {function: served.count_runs(function) - before[function] for function in functions}
    assert all(1 <= number <= 2 for number in runs.values()), runs


def test_the_viewer_function_responds_to_invalid_queries(served: Served) -> None:
    functions = {"edge_signer", "object_lambda"} & set(served.outputs["function_arns"])
    before = {function: served.count_runs(function) for function in functions}
    response = served.viewer.get("cat.jpg", "showExif=yes")
    assert (response.status, response.x_cache) == (400, "FunctionGeneratedResponse")
    assert response.body == b"The parameter showExif must be one of: true, false.\n"
    assert {function: served.count_runs(function) for function in functions} == before


def test_only_the_signed_request_is_accepted(served: Served) -> None:
    served.put("sign me+.jpg", CAT)
    host, target, headers = signed_request(served)
    assert request_status(served, host, target, headers) == 200
    refused = {
        name: request_status(served, host, *tamper(target, headers)) for name, tamper in TAMPERS.items()
    }
    assert refused == dict.fromkeys(TAMPERS, 403)


def signed_request(served: Served) -> tuple[str, str, Headers]:
    """Return a request to the origin as the edge sends it: host, target, headers."""
    target = "/sign%20me%2B.jpg"
    cloudfront = served.stack.emulator.session().client("cloudfront", endpoint_url=served.stack.emulator_url)
    config = cloudfront.get_distribution_config(Id=served.distribution_id)["DistributionConfig"]
    [origin] = config["Origins"]["Items"]
    host = origin["DomainName"]
    if served.origin != "edge_signer":
        key = served.iam.create_access_key(UserName=served.distribution_id)["AccessKey"]
        control = AccessControl(
            credentials=Credentials(key["AccessKeyId"], key["SecretAccessKey"]),
            service="s3" if served.origin == "oac" else "lambda",
            region="us-east-1",
        )
        return host, *control.sign("GET", host, f"{target}?size=S")
    event = json.loads((PROJECT / "tests" / "events" / "origin-request-custom-origin.json").read_text())
    event["Records"][0]["cf"]["request"] |= {"uri": target, "querystring": "size=S"}
    event["Records"][0]["cf"]["request"]["origin"]["custom"]["domainName"] = host
    arn = served.outputs["function_arns"]["edge_signer"]
    response = served.functions.invoke(FunctionName=arn, Payload=json.dumps(event))
    request = json.loads(response["Payload"].read())
    headers = {name: values[0]["value"] for name, values in request["headers"].items()}
    headers["x-amz-cf-id"] = event["Records"][0]["cf"]["config"]["requestId"]
    return host, f"{request['uri']}?{request['querystring']}", headers


def with_header(headers: Headers, name: str, change: Callable[[str], str]) -> Headers:
    [found] = [key for key in headers if key.lower() == name]
    return {**headers, found: change(headers[found])}


def change_last_digit(text: str) -> str:
    return text[:-1] + ("0" if text[-1] != "0" else "1")


TAMPERS: dict[str, Tamper] = {
    "path": lambda target, headers: (target.replace("sign", "sigm"), headers),
    "query": lambda target, headers: (target.replace("size=S", "size=M"), headers),
    "more query": lambda target, headers: (f"{target}&to_webp=1", headers),
    "signature": lambda target, headers: (target, with_header(headers, "authorization", change_last_digit)),
    "date": lambda target, headers: (
        target,
        with_header(headers, "x-amz-date", lambda d: change_last_digit(d[:-1]) + "Z"),
    ),
}


def request_status(served: Served, host: str, target: str, headers: Headers) -> int:
    """Return the status of a request to the emulator with this host."""
    emulator = urlsplit(served.stack.emulator_url)
    connection = http.client.HTTPConnection(str(emulator.hostname), emulator.port, timeout=60)
    sent = {name: value for name, value in headers.items() if name.lower() != "host"}
    try:
        connection.request("GET", target, headers={**sent, "Host": host})
        with connection.getresponse() as response:
            response.read()
            return response.status
    finally:
        connection.close()


def test_a_request_without_a_signature_is_rejected(served: Served) -> None:
    host, target, _ = signed_request(served)
    # The emulator recognizes an Object Lambda access point only by the signature.
    assert request_status(served, host, target, {}) == (404 if served.origin == "edge_signer" else 403)


BEHIND_ACCESS_POINTS = [
    ("object_lambda", "s3-object-lambda:WriteGetObjectResponse", "GET", 500),
    ("object_lambda", "s3:GetObject", "HEAD", 403),
    ("bucket", "s3:GetObject", "GET", 403),
    ("bucket", "s3:ListBucket", "missing", 403),
]
PERMISSIONS = {
    "edge_signer": [
        ("edge_signer", "s3-object-lambda:GetObject", "GET", 403),
        ("edge_signer", "lambda:InvokeFunction", "GET", 403),
        ("edge_signer", "s3:GetObject", "GET", 403),
        ("edge_signer", "s3:ListBucket", "missing", 403),
        *BEHIND_ACCESS_POINTS,
    ],
    "oac": [
        ("access point", "s3-object-lambda:GetObject", "GET", 403),
        ("permission", "lambda:InvokeFunction", "GET", 403),
        ("access point", "s3:GetObject", "GET", 403),
        ("access point", "s3:ListBucket", "missing", 403),
        *BEHIND_ACCESS_POINTS,
    ],
    "function_url": [
        ("permission", "lambda:InvokeFunctionUrl", "GET", 403),
        ("permission", "lambda:InvokeFunction", "GET", 403),
        ("object_lambda", "s3:GetObject", "GET", 403),
        ("object_lambda", "s3:ListBucket", "missing", 403),
    ],
}


def test_each_permission_is_needed(served: Served) -> None:
    def fetch_status(key: str, kind: str) -> int:
        if kind != "missing":
            served.put(key, CAT)
        return served.viewer.get(key, method="HEAD" if kind == "HEAD" else "GET").status

    without, again = {}, {}
    for number, (place, action, kind, _) in enumerate(PERMISSIONS[served.origin]):
        with served.without_permission(place, action):
            without[place, action] = fetch_status(f"without-{number}.jpg", kind)
        again[place, action] = fetch_status(f"with-{number}.jpg", kind)
    permissions = PERMISSIONS[served.origin]
    assert without == {(place, action): status for place, action, _, status in permissions}
    assert again == {
        (place, action): 404 if kind == "missing" else 200 for place, action, kind, _ in permissions
    }


def test_a_role_has_no_other_permissions(served: Served) -> None:
    for function in {"edge_signer", "object_lambda"} & set(served.outputs["function_arns"]):
        role = served.outputs["function_arns"][function].split(":")[6]
        assert served.iam.list_role_policies(RoleName=role)["PolicyNames"] == ["function"]
        assert served.iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
        document: Any = served.iam.get_role_policy(RoleName=role, PolicyName="function")["PolicyDocument"]
        allowed = {action for statement in document["Statement"] for action in statement["Action"]}
        needed = {action for place, action, *_ in PERMISSIONS[served.origin] if place == function}
        assert {action for action in allowed if not action.startswith("logs:")} == needed
