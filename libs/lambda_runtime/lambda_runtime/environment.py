"""What Lambda sets in the environment of every function, and what stands in for AWS on other machines."""

from collections.abc import Mapping

from sigv4 import Credentials


def read_credentials(environment: Mapping[str, str]) -> Credentials:
    """Return the credentials of the function's role. They are read for each invocation: Lambda renews them.

    Raises:
        KeyError: there are none.
    """
    return Credentials(
        access_key_id=environment["AWS_ACCESS_KEY_ID"],
        secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        session_token=environment.get("AWS_SESSION_TOKEN"),
    )


def read_s3_endpoint_url(environment: Mapping[str, str]) -> str | None:
    """Return the URL of what stands in for S3, by the variables of AWS's SDKs; None: S3 itself."""
    return environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL")
