"""Settings that a container takes over from this machine."""

from pathlib import Path

import pytest

from tools.build.network import find_ca_bundle, select_container_settings


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, {}),
        ({"PATH": "/bin", "HOME": "/home/a", "AWS_SECRET_ACCESS_KEY": "s"}, {}),
        ({"UV_DEFAULT_INDEX": "https://a.example"}, {"UV_DEFAULT_INDEX": "https://a.example"}),
        ({"UV_INDEX_URL": "https://a.example"}, {"UV_INDEX_URL": "https://a.example"}),
        ({"UV_DEFAULT_INDEX": "file:///srv/a"}, {}),
        (
            {"UV_INDEX": "/srv/a mirror=https://b.example https://c.example"},
            {"UV_INDEX": "mirror=https://b.example https://c.example"},
        ),
        (
            {"UV_FIND_LINKS": "/srv/wheels,https://b.example,http://c.example"},
            {"UV_FIND_LINKS": "https://b.example,http://c.example"},
        ),
        (
            {"UV_INDEX_MIRROR_USERNAME": "me", "UV_INDEX_MIRROR_PASSWORD": "p", "UV_INDEX_STRATEGY": "x"},
            {"UV_INDEX_MIRROR_USERNAME": "me", "UV_INDEX_MIRROR_PASSWORD": "p"},
        ),
        ({"UV_INSECURE_HOST": "b.example", "SSL_CERT_FILE": "/ca"}, {"UV_INSECURE_HOST": "b.example"}),
        (
            {"HTTPS_PROXY": "http://proxy:1", "no_proxy": "b.example"},
            {"HTTPS_PROXY": "http://proxy:1", "no_proxy": "b.example"},
        ),
        ({"UV_RESOLUTION": "lowest", "UV_CACHE_DIR": "/cache", "PIP_INDEX_URL": "https://a.example"}, {}),
    ],
)
def test_a_container_gets_places_on_the_network(
    environment: dict[str, str], expected: dict[str, str]
) -> None:
    assert select_container_settings(environment) == expected


def test_the_certificates_are_those_that_a_variable_names(tmp_path: Path) -> None:
    bundle, link = tmp_path / "ca.pem", tmp_path / "link.pem"
    bundle.write_text("certificates")
    link.symlink_to(bundle)
    missing = str(tmp_path / "missing.pem")
    assert find_ca_bundle({}) is None
    assert find_ca_bundle({"SSL_CERT_FILE": missing}) is None
    assert find_ca_bundle({"SSL_CERT_FILE": missing, "CURL_CA_BUNDLE": str(link)}) == bundle
    assert find_ca_bundle({"SSL_CERT_FILE": str(bundle), "REQUESTS_CA_BUNDLE": missing}) == bundle
