"""Credentials and endpoint from the environment."""

import pytest
from lambda_runtime import read_ca_file, read_credentials, read_endpoint_url
from sigv4 import Credentials

KEYS = {"AWS_ACCESS_KEY_ID": "ASIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example-key"}
FOR_S3, FOR_ALL = {"AWS_ENDPOINT_URL_S3": "http://s3"}, {"AWS_ENDPOINT_URL": "http://all"}


@pytest.mark.parametrize("token", [None, "example-session"])
def test_credentials(token: str | None) -> None:
    environment = KEYS | ({"AWS_SESSION_TOKEN": token} if token else {})
    assert read_credentials(environment) == Credentials("ASIAEXAMPLE", "example-key", token)


@pytest.mark.parametrize("missing", KEYS)
def test_missing_credentials(missing: str) -> None:
    with pytest.raises(KeyError, match=missing):
        read_credentials({name: value for name, value in KEYS.items() if name != missing})


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({}, None),
        (FOR_ALL, "http://all"),
        (FOR_S3, "http://s3"),
        (FOR_S3 | FOR_ALL, "http://s3"),
        ({"AWS_ENDPOINT_URL_S3": ""} | FOR_ALL, "http://all"),
    ],
)
def test_endpoint_url(environment: dict[str, str], url: str | None) -> None:
    assert read_endpoint_url(environment, "S3") == url


@pytest.mark.parametrize(("environment", "path"), [({}, None), ({"AWS_CA_BUNDLE": "/ca.pem"}, "/ca.pem")])
def test_ca_file(environment: dict[str, str], path: str | None) -> None:
    assert read_ca_file(environment) == path
