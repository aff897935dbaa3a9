"""Check for AWS credentials before Terraform runs."""

import boto3
from botocore.exceptions import BotoCoreError

from tools.console import ToolError


def require_credentials() -> None:
    """Require credentials from a source of the AWS CLI: environment, profile, SSO or instance role.

    Without this check Terraform reports missing credentials only after the plan, once per provider.

    Raises:
        ToolError: there are no credentials, or the profile does not exist.
    """
    remedy = "sign in with `aws configure` or `aws sso login`, or name a profile in AWS_PROFILE"
    try:
        credentials = boto3.Session().get_credentials()
    except BotoCoreError as error:
        raise ToolError(f"AWS credentials cannot be loaded ({error}): {remedy}.") from error
    if credentials is None:
        raise ToolError(f"There are no AWS credentials: {remedy}.")
