"""How packages are reached from here: indexes, proxies and certificates, for pip here and in a container."""

import ast
from collections.abc import Mapping
from pathlib import Path

_LOCATIONS = ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_INDEX_URL")
_OTHERS = ("PIP_NO_INDEX", "PIP_PROXY", "PIP_TRUSTED_HOST")
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy")
_CA_BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_SECTIONS_OF_DOWNLOAD = ("global", "download", ":env:")


def index_of_uv(pip: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """Lead pip to the index that uv was told of, where pip was told of none.

    Args:
        pip: pip's settings, as PIP_* variables.
        environment: the variables of this process.
    """
    index = environment.get("UV_DEFAULT_INDEX") or environment.get("UV_INDEX_URL")
    return {"PIP_INDEX_URL": index} if index and "PIP_INDEX_URL" not in pip else {}


def pip_settings(listing: str) -> dict[str, str]:
    """Read what `pip config list` prints as PIP_* variables; it names the stronger setting later."""
    settings = {}
    for line in listing.splitlines():
        key, _, value = line.partition("=")
        section, _, option = key.rpartition(".")
        if section in _SECTIONS_OF_DOWNLOAD:
            settings[f"PIP_{option.upper().replace('-', '_')}"] = str(ast.literal_eval(value))
    return settings


def settings_for_container(pip: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """Choose what holds in a container too: what lies on the network, not in a folder of this machine.

    Args:
        pip: pip's settings, as PIP_* variables.
        environment: the variables of this process.

    Returns:
        Variables for pip in the container, without certificates.
    """
    known = {**pip, **index_of_uv(pip, environment)}
    found = {name: _on_the_network(known[name]) for name in _LOCATIONS if name in known}
    found |= {name: known[name] for name in _OTHERS if name in known}
    found |= {name: environment[name] for name in _PROXIES if name in environment}
    return {name: value for name, value in found.items() if value}


def ca_bundle(pip: Mapping[str, str], environment: Mapping[str, str]) -> Path | None:
    """Find the file of certificates that this machine trusts, if its settings name one."""
    named = [pip.get("PIP_CERT"), *(environment.get(name) for name in _CA_BUNDLES)]
    return next((Path(name).resolve() for name in named if name and Path(name).is_file()), None)


def _on_the_network(locations: str) -> str:
    return " ".join(word for word in locations.split() if word.startswith(("http://", "https://")))
