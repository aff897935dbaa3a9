"""What AWS refuses, in a sentence with a remedy."""

import boto3
import pytest
from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ProfileNotFound,
    UnauthorizedSSOTokenError,
)

from tools.backfill.aws_errors import explained
from tools.console import ToolError


def refused(code: str, message: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "CreateJob")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NoCredentialsError(), "no AWS credentials .*: sign in"),
        (ProfileNotFound(profile="x"), "no AWS credentials .*x.*: sign in"),
        (UnauthorizedSSOTokenError(), "no AWS credentials .*: sign in"),
        (refused("ExpiredToken"), "does not accept the credentials .*: sign in again"),
        (refused("InvalidClientTokenId"), "does not accept the credentials"),
        (
            refused("AccessDenied", "x may not iam:PassRole"),
            "may not do that .*CreateJob.*iam:PassRole.*: give",
        ),
        (refused("NoSuchBucket"), "not there any more .*: run invoke apply"),
        (
            refused("InvalidRequest", "too long"),
            r"refused it \(CreateJob: InvalidRequest too long\): run it again",
        ),
        (
            EndpointConnectionError(endpoint_url="https://x"),
            "did not answer .*https://x.*: look at your connection",
        ),
        (refused("InvalidRequest", "a\x1b[2J\n\u2066b"), r"InvalidRequest a\\x1b\[2J\\n\\u2066b\)"),
        (ProfileNotFound(profile="a\x1b[2J\nb"), r"a\\x1b\[2J\\nb"),
        (EndpointConnectionError(endpoint_url="https://a\u202eb"), r"https://a\\u202eb"),
        (S3UploadFailedError("Failed to upload"), r"did not answer \(Failed to upload\)"),
    ],
)
def test_a_sentence(error: Exception, said: str) -> None:
    with pytest.raises(ToolError, match=said) as raised, explained():
        raise error
    assert raised.value.code == 1
    assert str(raised.value.message).isprintable()


def test_there_are_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    client = boto3.Session().client("s3", region_name="us-east-1")
    with pytest.raises(ToolError, match="There are no AWS credentials"), explained():
        client.list_buckets()
    client.close()


def test_another_error_is_left_alone() -> None:
    with pytest.raises(KeyError), explained():
        raise KeyError
