"""Read the environment variables of Lambda and of the AWS SDKs."""

from collections.abc import Mapping

from sigv4 import Credentials


def read_credentials(environment: Mapping[str, str]) -> Credentials:
    """Return the credentials of the function's role.

    Read them for each invocation: Lambda renews the credentials of a running sandbox.

    Raises:
        KeyError: the environment has no credentials.
    """
    return Credentials(
        access_key_id=environment["AWS_ACCESS_KEY_ID"],
        secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        session_token=environment.get("AWS_SESSION_TOKEN"),
    )


def read_memory_mb(environment: Mapping[str, str], default: int) -> int:
    """Return the memory size of the function in MiB, from Lambda's variable; the default outside Lambda."""
    return int(environment.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", default))


def read_ca_file(environment: Mapping[str, str]) -> str | None:
    """Return the path of a PEM file with the CAs of endpoints in place of AWS; None for AWS itself.

    The AWS SDKs use the same variable.
    """
    return environment.get("AWS_CA_BUNDLE")


def read_endpoint_url(environment: Mapping[str, str], service: str) -> str | None:
    """Return the URL of the endpoint that replaces a service of AWS; None for the service itself.

    The AWS SDKs use the same variables in the same order (AWS SDKs and Tools reference guide,
    "Service-specific endpoints").

    Args:
        environment: environment variables.
        service: the service as in the name of its variable, such as `S3` in `AWS_ENDPOINT_URL_S3`.
    """
    return environment.get(f"AWS_ENDPOINT_URL_{service}") or environment.get("AWS_ENDPOINT_URL")
