"""Gaps of the emulator, and the bridges over them.

If a test does not find a gap any more, MiniStack has closed the gap, and the bridge can be removed from
`tools.local.emulator`.
"""

import asyncio
import http.client
import inspect
import json
import signal
import subprocess
from contextlib import closing
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

import ministack.app  # type: ignore[import-untyped]  # MiniStack has no type hints
import pytest
from botocore.config import Config
from ministack.core import lambda_runtime, sigv4  # type: ignore[import-untyped]  # MiniStack has no type hints
from ministack.services import cloudfront, cloudwatch_logs, eventbridge, lambda_svc, s3  # type: ignore[import-untyped]  # as above

from tools.local.emulator.process import Emulator

pytestmark = pytest.mark.xdist_group("emulator")


def test_the_bridged_release() -> None:
    assert version("ministack") == "1.5.33"


def test_paths_of_object_lambda_signatures_are_encoded_twice() -> None:
    parts = ("AKID", "20260101", "eu-west-1", "s3-object-lambda", "host", "0", "20260101T000000Z")
    signature = sigv4.HeaderSignature(*parts)
    canonical, _ = sigv4.header_signing_documents(signature, "GET", "/a%40b.jpg", {}, {"host": "h"}, b"")
    assert canonical.split("\n")[1] == "/a%2540b.jpg"


def test_a_function_url_sends_the_functions_own_length() -> None:
    result = {"statusCode": 200, "headers": {"Content-Length": "9"}, "body": ""}
    status, headers, body = lambda_svc._function_url_proxy_response(result, {})  # noqa: SLF001  # there is no public way in
    assert (status, headers["Content-Length"], body) == (200, "9", b"")


def test_the_policy_status_of_an_access_point_is_unknown() -> None:
    for handle, kind in (
        (s3.handle_access_point_control, "accesspoint"),
        (s3.handle_object_lambda_control, "accesspointforobjectlambda"),
    ):
        status, _, _ = handle("GET", f"/v20180820/{kind}/a/policyStatus", {}, b"", {})
        assert status == 404


def test_the_id_of_a_delivery_of_logs_has_hyphens() -> None:
    assert "-" in cloudwatch_logs.new_uuid()


def test_a_notification_needs_no_permission() -> None:
    config = {"type": "lambda", "arn": "arn:aws:lambda:us-east-1:000000000000:function:none"}
    assert s3._validate_notification_configs([config], "us-east-1", "uploads") is None  # noqa: SLF001  # there is no public way in


def test_queues_and_mappings_need_no_permission() -> None:
    source = inspect.getsource(eventbridge._invoke_target) + inspect.getsource(eventbridge._dispatch_to_sqs)  # noqa: SLF001  # as above
    assert "resource_policy" not in source
    assert "enforce" not in inspect.getsource(lambda_svc._create_esm)  # noqa: SLF001  # as above


def test_every_concurrent_execution_can_be_reserved() -> None:
    functions = lambda_svc._functions  # noqa: SLF001  # as above
    functions["gap"] = {"concurrency": None}
    try:
        reserved = {"ReservedConcurrentExecutions": 1_000}
        assert lambda_svc._put_function_concurrency("gap", reserved)[0] == 200  # noqa: SLF001  # as above
    finally:
        del functions["gap"]


def test_queries_cannot_be_saved() -> None:
    headers = {"x-amz-target": "Logs_20140328.PutQueryDefinition"}
    request = cloudwatch_logs.handle_request("POST", "/", headers, b"{}", {})
    assert asyncio.run(request)[0] == 400


def test_a_change_of_a_function_kills_its_busy_sandboxes() -> None:
    worker = lambda_runtime.Worker("gap", {}, b"")
    worker.in_use = True
    with subprocess.Popen(["sleep", "60"]) as process:  # noqa: S607  # from PATH
        worker._proc = process  # noqa: SLF001  # as above
        lambda_runtime._workers["000000000000:us-east-1:gap:$LATEST"] = [worker]  # noqa: SLF001  # as above
        lambda_runtime.invalidate_worker("gap")
        assert process.returncode == -signal.SIGTERM


def test_the_response_to_update_function_lacks_the_header_of_the_model() -> None:
    code = "<FunctionCode>eA==</FunctionCode>"
    runtime = "<FunctionConfig><Comment/><Runtime>cloudfront-js-2.0</Runtime></FunctionConfig>"
    create = f"<CreateFunctionRequest><Name>gap</Name>{runtime}{code}</CreateFunctionRequest>".encode()
    update = f"<UpdateFunctionRequest>{runtime}{code}</UpdateFunctionRequest>".encode()
    try:
        status, headers, _ = cloudfront._cf_create_function({}, create)  # noqa: SLF001  # there is no public way in
        assert status == 201
        status, headers, _ = cloudfront._cf_update_function("gap", {"if-match": headers["ETag"]}, update)  # noqa: SLF001  # as above
        assert (status, "ETag" in headers, "ETtag" in headers) == (200, True, False)
    finally:
        cloudfront._functions.clear()  # noqa: SLF001  # as above


def test_the_arn_of_a_key_value_store_has_no_uuid() -> None:
    assert cloudfront._kvs_arn("keys").endswith(":key-value-store/keys")  # noqa: SLF001  # there is no public way in


def test_a_plus_in_the_path_of_a_request_to_s3_is_kept() -> None:
    def put(path: str) -> int:
        headers = [(b"host", b"127.0.0.1"), (b"content-length", b"0")]
        scope = {
            "type": "http",
            "http_version": "1.1",
            "scheme": "http",
            "method": "PUT",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": headers,
            "client": ("127.0.0.1", 1),
        }
        statuses: list[int] = []

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(event: dict[str, Any]) -> None:
            statuses.append(event.get("status", 0))

        asyncio.run(ministack.app.app(scope, receive, send))
        return statuses[0]

    assert [put("/gap-of-a-plus"), put("/gap-of-a-plus/a+b")] == [200, 200]
    assert list(s3._ensure_bucket("gap-of-a-plus")["objects"]) == ["a+b"]  # noqa: SLF001  # there is no public way in


PUBLIC = {
    "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::plus/*"}
    ]
}


def fetch(emulator: Emulator, target: str, host: str = "") -> bytes:
    """Return the emulator's response for a path that is already encoded."""
    address = urlsplit(emulator.url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)
    connection.request("GET", target, headers={"Host": host} if host else {})
    with closing(connection), connection.getresponse() as response:
        return response.read()


def test_a_list_of_versions_is_encoded_on_request(emulator: Emulator) -> None:
    s3 = emulator.session().client("s3", endpoint_url=emulator.url)
    s3.create_bucket(Bucket="images")
    keys = ["a/1+1 = 2.jpg", "a/100%.jpg", "a/ä&b.jpg"]
    for key in keys:
        s3.put_object(Bucket="images", Key=key, Body=b"x")

    encoded = s3.list_object_versions(Bucket="images", Prefix="a/1+", EncodingType="url")
    assert [version["Key"] for version in encoded["Versions"]] == ["a/1%2B1%20%3D%202.jpg"]
    assert (encoded["Prefix"], encoded["EncodingType"]) == ("a/1%2B", "url")

    # boto3 requests the encoding and decodes the keys.
    assert [version["Key"] for version in s3.list_object_versions(Bucket="images")["Versions"]] == keys


@pytest.mark.parametrize(
    ("host", "path", "key"),
    [
        ("", "/plus/a+b.jpg", "a b.jpg"),
        ("", "/plus/a%2Bb.jpg", "a+b.jpg"),
        ("", "/plus/a%20b.jpg", "a b.jpg"),
        ("plus.s3.us-east-1.amazonaws.com", "/a+b.jpg", "a b.jpg"),
        ("plus.s3.us-east-1.amazonaws.com", "/a%2Bb.jpg", "a+b.jpg"),
    ],
)
def test_s3_reads_a_plus_as_a_space(emulator: Emulator, host: str, path: str, key: str) -> None:
    s3 = emulator.session().client("s3", endpoint_url=emulator.url)
    s3.create_bucket(Bucket="plus")
    for name in ("a+b.jpg", "a b.jpg"):
        s3.put_object(Bucket="plus", Key=name, Body=name.encode())
        assert s3.get_object(Bucket="plus", Key=name)["Body"].read() == name.encode()
    s3.delete_public_access_block(Bucket="plus")
    s3.put_bucket_policy(Bucket="plus", Policy=json.dumps(PUBLIC))
    assert fetch(emulator, path, host) == key.encode()
    presigned = s3.generate_presigned_url("get_object", Params={"Bucket": "plus", "Key": key})
    assert fetch(emulator, presigned.removeprefix(emulator.url)) == key.encode()


def test_a_plus_in_the_path_of_another_service_stays(emulator: Emulator) -> None:
    scheduler: Any = emulator.session().client("lambda", endpoint_url=emulator.url)
    with pytest.raises(scheduler.exceptions.ResourceNotFoundException, match=r"function:a\+b"):
        scheduler.get_function(FunctionName="a+b")


def test_s3_control_is_reached_through_a_proxy(emulator: Emulator) -> None:
    config = Config(proxies={"http": emulator.url})
    control: Any = emulator.session().client(
        "s3control", endpoint_url="http://s3-control.us-east-1.amazonaws.com", config=config
    )
    emulator.session().client("s3", endpoint_url=emulator.url).create_bucket(Bucket="images")
    control.create_access_point(AccountId="000000000000", Name="originals", Bucket="images")
    status = control.get_access_point_policy_status(AccountId="000000000000", Name="originals")
    assert status["PolicyStatus"] == {"IsPublic": False}
