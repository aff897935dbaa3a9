"""What AWS refuses, said in a sentence that tells what to do."""

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

ERRORS = (BotoCoreError, ClientError, S3UploadFailedError)
"""What boto3 raises where AWS refuses or does not answer."""

_NO_CREDENTIALS = (
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
_NOT_ACCEPTED = frozenset(
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
_REFUSALS = (
    (_NOT_ACCEPTED, ("AWS does not accept the credentials", "sign in again and run it again")),
    (_FORBIDDEN, ("The credentials may not do that", "give them this right and run it again")),
    (_GONE, ("What Terraform made is not there any more", "run invoke apply")),
)
_ANY_OTHER = ("AWS refused it", "run it again when the cause is gone")


@contextmanager
def explained() -> Iterator[None]:
    """Turn the errors of boto3 within into one sentence each.

    Raises:
        ToolError: for each of them.
    """
    try:
        yield
    except ERRORS as error:
        raise ToolError(sentence_of(error)) from error


def sentence_of(error: Exception) -> str:
    """What an error of boto3 says, and what to do about it."""
    detail = printable(str(error))
    if isinstance(error, _NO_CREDENTIALS):
        return (
            f"There are no AWS credentials ({detail}): sign in with `aws configure` or `aws sso login`, "
            "or name a profile in AWS_PROFILE."
        )
    if isinstance(error, S3UploadFailedError) and isinstance(error.__context__, ClientError):
        return sentence_of(error.__context__)
    if not isinstance(error, ClientError):
        return f"AWS did not answer ({detail}): look at your connection and run it again."
    code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
    said = printable(f"{error.operation_name}: {code} {message}".strip())
    beginning, remedy = next((words for codes, words in _REFUSALS if code in codes), _ANY_OTHER)
    return f"{beginning} ({said}): {remedy}."
