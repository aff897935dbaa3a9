"""What the emulator leaves out and the local stack puts in.

A gap that is not found any more has been mended upstream: its bridge can go, see `tools.local.emulator_boot`.
"""

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import pytest
from botocore.config import Config
from ministack.core import sigv4  # type: ignore[import-untyped]  # MiniStack has no type hints
from ministack.services import s3  # type: ignore[import-untyped]  # as above

from tools.local.emulator import Emulator
from tools.local.state import StateFolder


def test_the_release_that_is_bridged() -> None:
    assert version("ministack") == "1.5.33"


def test_paths_of_object_lambda_signatures_are_encoded_twice() -> None:
    parts = ("AKID", "20260101", "eu-west-1", "s3-object-lambda", "host", "0", "20260101T000000Z")
    signature = sigv4.HeaderSignature(*parts)
    canonical, _ = sigv4.header_signing_documents(signature, "GET", "/a%40b.jpg", {}, {"host": "h"}, b"")
    assert canonical.split("\n")[1] == "/a%2540b.jpg"


def test_the_policy_status_of_an_access_point_is_unknown() -> None:
    for handle, kind in (
        (s3.handle_access_point_control, "accesspoint"),
        (s3.handle_object_lambda_control, "accesspointforobjectlambda"),
    ):
        status, _, _ = handle("GET", f"/v20180820/{kind}/a/policyStatus", {}, b"", {})
        assert status == 404


@pytest.fixture
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with Emulator(StateFolder(tmp_path_factory.mktemp("state"))) as running:
        yield running


def test_a_list_of_versions_is_encoded_for_who_asks_for_it(emulator: Emulator) -> None:
    s3 = emulator.session().client("s3", endpoint_url=emulator.url)
    s3.create_bucket(Bucket="pictures")
    keys = ["a/1+1 = 2.jpg", "a/100%.jpg", "a/ä&b.jpg"]
    for key in keys:
        s3.put_object(Bucket="pictures", Key=key, Body=b"x")

    encoded = s3.list_object_versions(Bucket="pictures", Prefix="a/1+", EncodingType="url")
    assert [version["Key"] for version in encoded["Versions"]] == ["a/1%2B1%20%3D%202.jpg"]
    assert (encoded["Prefix"], encoded["EncodingType"]) == ("a/1%2B", "url")

    # boto3 asks for it by itself and decodes what it gets.
    assert [version["Key"] for version in s3.list_object_versions(Bucket="pictures")["Versions"]] == keys


def test_s3_control_answers_as_a_proxy_does(emulator: Emulator) -> None:
    config = Config(proxies={"http": emulator.url})
    control: Any = emulator.session().client(
        "s3control", endpoint_url="http://s3-control.us-east-1.amazonaws.com", config=config
    )
    emulator.session().client("s3", endpoint_url=emulator.url).create_bucket(Bucket="pictures")
    control.create_access_point(AccountId="000000000000", Name="originals", Bucket="pictures")
    status = control.get_access_point_policy_status(AccountId="000000000000", Name="originals")
    assert status["PolicyStatus"] == {"IsPublic": False}
