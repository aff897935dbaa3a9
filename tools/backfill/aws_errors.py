"""Explanations of errors of AWS, each with a remedy."""

from collections.abc import Iterator
from contextlib import contextmanager

from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

from tools.console import ToolError, printable

AWS_ERRORS = (BotoCoreError, ClientError, S3UploadFailedError)
"""Errors of boto3 for a request that AWS refuses or does not respond to."""

_NO_CREDENTIALS = (
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
NOT_ACCEPTED = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidToken",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_FORBIDDEN = frozenset({"403", "AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_GONE = frozenset(
    {
        "AWS.SimpleQueueService.NonExistentQueue",
        "NoSuchBucket",
        "QueueDoesNotExist",
        "ResourceNotFoundException",
    }
)
_EXPLANATIONS = (
    (NOT_ACCEPTED, ("AWS does not accept the credentials", "sign in again and run the command again")),
    (_FORBIDDEN, ("The credentials do not allow that", "grant this permission and run the command again")),
    (_GONE, ("A resource of Terraform's is missing", "apply the configuration again")),
)
_OTHER = ("AWS refused the request", "remove the cause and run the command again")


@contextmanager
def explain_aws_errors() -> Iterator[None]:
    """Turn errors of boto3 into one sentence each.

    Raises:
        ToolError: in place of each error of AWS_ERRORS.
    """
    try:
        yield
    except AWS_ERRORS as error:
        raise ToolError(explain(error)) from error


def explain(error: Exception) -> str:
    """Return one sentence with the cause of an error of boto3 and the remedy, safe to print."""
    detail = printable(str(error))
    if isinstance(error, _NO_CREDENTIALS):
        return (
            f"There are no AWS credentials ({detail}): sign in with `aws configure` or `aws sso login`, "
            "or name a profile in AWS_PROFILE."
        )
    if isinstance(error, S3UploadFailedError) and isinstance(error.__context__, ClientError):
        return explain(error.__context__)
    if not isinstance(error, ClientError):
        return f"AWS did not respond ({detail}): check your connection and run the command again."
    code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
    detail = printable(f"{error.operation_name}: {code} {message}".strip())
    cause, remedy = next((texts for codes, texts in _EXPLANATIONS if code in codes), _OTHER)
    return f"{cause} ({detail}): {remedy}."
