"""Explanations of errors of AWS."""

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

from tools.backfill.aws_errors import explain_aws_errors
from tools.console import ToolError


def client_error(code: str, message: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "CreateJob")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (NoCredentialsError(), "no AWS credentials .*: sign in"),
        (ProfileNotFound(profile="x"), "no AWS credentials .*x.*: sign in"),
        (UnauthorizedSSOTokenError(), "no AWS credentials .*: sign in"),
        (client_error("ExpiredToken"), "does not accept the credentials .*: sign in again"),
        (client_error("InvalidClientTokenId"), "does not accept the credentials"),
        (
            client_error("AccessDenied", "x may not iam:PassRole"),
            "do not allow that .*CreateJob.*iam:PassRole.*: grant",
        ),
        (client_error("NoSuchBucket"), "is missing .*: apply the configuration again"),
        (
            client_error("InvalidRequest", "too long"),
            r"refused the request \(CreateJob: InvalidRequest too long\): remove the cause and run the",
        ),
        (
            EndpointConnectionError(endpoint_url="https://x"),
            "did not respond .*https://x.*: check your connection",
        ),
        (client_error("InvalidRequest", "a\x1b[2J\n\u2066b"), r"InvalidRequest a\\x1b\[2J\\n\\u2066b\)"),
        (ProfileNotFound(profile="a\x1b[2J\nb"), r"a\\x1b\[2J\\nb"),
        (EndpointConnectionError(endpoint_url="https://a\u202eb"), r"https://a\\u202eb"),
        (S3UploadFailedError("Failed to upload"), r"did not respond \(Failed to upload\)"),
    ],
)
def test_an_error_is_one_sentence(error: Exception, sentence: str) -> None:
    with pytest.raises(ToolError, match=sentence) as raised, explain_aws_errors():
        raise error
    assert raised.value.code == 1
    assert str(raised.value.message).isprintable()


def test_missing_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    client = boto3.Session().client("s3", region_name="us-east-1")
    with pytest.raises(ToolError, match="There are no AWS credentials"), explain_aws_errors():
        client.list_buckets()
    client.close()


def test_other_errors_pass() -> None:
    with pytest.raises(KeyError), explain_aws_errors():
        raise KeyError
