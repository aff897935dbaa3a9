from pathlib import Path

import pytest

from tools.build.network import ca_bundle, index_of_uv, pip_settings, settings_for_container


def test_pip_tells_its_settings() -> None:
    listing = (
        "global.index-url='https://mirror.example/simple'\n"
        "install.target='elsewhere'\n"
        "download.find-links='https://mirror.example/a https://mirror.example/b'\n"
        ":env:.index-url='https://other.example/simple'\n"
    )
    assert pip_settings(listing) == {
        "PIP_INDEX_URL": "https://other.example/simple",
        "PIP_FIND_LINKS": "https://mirror.example/a https://mirror.example/b",
    }


@pytest.mark.parametrize(
    ("pip", "environment", "expected"),
    [
        ({}, {}, {}),
        ({}, {"PATH": "/bin", "HOME": "/home/a", "AWS_SECRET_ACCESS_KEY": "s"}, {}),
        ({"PIP_INDEX_URL": "https://a.example"}, {}, {"PIP_INDEX_URL": "https://a.example"}),
        ({}, {"UV_DEFAULT_INDEX": "https://u.example"}, {"PIP_INDEX_URL": "https://u.example"}),
        (
            {"PIP_INDEX_URL": "https://a.example"},
            {"UV_DEFAULT_INDEX": "https://u.example"},
            {"PIP_INDEX_URL": "https://a.example"},
        ),
        (
            {"PIP_EXTRA_INDEX_URL": "file:///srv/a https://b.example", "PIP_FIND_LINKS": "/srv/wheels"},
            {},
            {"PIP_EXTRA_INDEX_URL": "https://b.example"},
        ),
        ({"PIP_TRUSTED_HOST": "b.example", "PIP_CERT": "/ca.pem"}, {}, {"PIP_TRUSTED_HOST": "b.example"}),
        ({}, {"HTTPS_PROXY": "http://proxy:1"}, {"HTTPS_PROXY": "http://proxy:1"}),
    ],
)
def test_a_container_gets_what_lies_on_the_network(
    pip: dict[str, str], environment: dict[str, str], expected: dict[str, str]
) -> None:
    assert settings_for_container(pip, environment) == expected


@pytest.mark.parametrize(
    ("pip", "environment", "expected"),
    [
        ({}, {}, {}),
        ({}, {"UV_INDEX_URL": "https://u.example"}, {"PIP_INDEX_URL": "https://u.example"}),
        ({"PIP_INDEX_URL": "https://p.example"}, {"UV_DEFAULT_INDEX": "https://u.example"}, {}),
    ],
)
def test_pip_learns_of_the_index_of_uv(
    pip: dict[str, str], environment: dict[str, str], expected: dict[str, str]
) -> None:
    assert index_of_uv(pip, environment) == expected


def test_the_bundle_of_certificates_is_the_file_that_the_settings_name(tmp_path: Path) -> None:
    bundle, link = tmp_path / "ca.pem", tmp_path / "link.pem"
    bundle.write_text("certificates")
    link.symlink_to(bundle)
    missing = str(tmp_path / "missing.pem")
    assert ca_bundle({}, {}) is None
    assert ca_bundle({}, {"SSL_CERT_FILE": missing}) is None
    assert ca_bundle({}, {"SSL_CERT_FILE": missing, "CURL_CA_BUNDLE": str(link)}) == bundle
    assert ca_bundle({"PIP_CERT": str(bundle)}, {"SSL_CERT_FILE": missing}) == bundle
