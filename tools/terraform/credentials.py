"""Whether there is anyone to speak to AWS as."""

import boto3
from botocore.exceptions import BotoCoreError

from tools.console import ToolError


def require_credentials() -> None:
    """Look where the AWS CLI and Terraform look: environment, profiles, single sign-on, the machine's role.

    Raises:
        ToolError: there are none, or the profile is not there. Terraform says so once for each provider,
            after its plan.
    """
    remedy = "sign in with `aws configure` or `aws sso login`, or name a profile in AWS_PROFILE"
    try:
        credentials = boto3.Session().get_credentials()
    except BotoCoreError as error:
        raise ToolError(f"AWS credentials cannot be had ({error}): {remedy}.") from error
    if credentials is None:
        raise ToolError(f"There are no AWS credentials: {remedy}.")
