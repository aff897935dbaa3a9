"""Signatures of origin access control."""

import pytest
from botocore.credentials import Credentials

from tools.local.edge.access_control import AccessControl
from tools.local.edge.origin import CustomOrigin, Origin, S3Origin

CREDENTIALS = Credentials("AKIDEXAMPLE", "secret")


@pytest.mark.parametrize(
    ("origin", "service"),
    [
        (S3Origin(domain_name="images.s3.eu-west-1.amazonaws.com"), "s3"),
        (CustomOrigin(domain_name="abc.lambda-url.eu-west-1.on.aws", access_control=True), "lambda"),
        (CustomOrigin(domain_name="example.org"), None),
    ],
)
def test_the_signer_of_an_origin(origin: Origin, service: str | None) -> None:
    control = AccessControl.for_origin(origin, CREDENTIALS)
    assert (control and (control.service, control.region)) == (service and (service, "eu-west-1"))


@pytest.mark.parametrize(
    ("target", "canonical"),
    [
        ("/cat.jpg", "/cat.jpg"),
        ("/a@b (1).jpg", "/a%40b%20%281%29.jpg"),
        ("/a+b%2b+.jpg", "/a+b%2B+.jpg"),
        ("/a%40b%2bc.jpg", "/a%40b%2Bc.jpg"),
        ("/100%2525.jpg", "/100%2525.jpg"),
        ("/%ff~-_.jpg", "/%FF~-_.jpg"),
        ("//a//b", "//a//b"),
        ("/a?to_webp=1&size=S", "/a?size=S&to_webp=1"),
        ("/a?size=S+M&showExif", "/a?showExif=&size=S%20M"),
        ("/a?", "/a"),
    ],
)
def test_the_target_is_encoded_once_and_sorted(target: str, canonical: str) -> None:
    control = AccessControl(credentials=CREDENTIALS, service="s3", region="eu-west-1")
    assert control.sign("GET", "host", target)[0] == canonical
