"""Indexes, proxies and certificates of this machine, for uv in a container."""

import re
from collections.abc import Mapping
from pathlib import Path

# Lists of places, some of which may be folders of this machine.
_LOCATIONS = ("UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_INDEX", "UV_INDEX_URL")
_OTHERS = re.compile(
    r"UV_(HTTP_TIMEOUT|INDEX_\w+_(USERNAME|PASSWORD)|INSECURE_HOST|NO_INDEX)|((ALL|HTTPS?|NO)_PROXY)",
    re.IGNORECASE,
)
_CA_BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def select_container_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Select the variables that hold in a container too: places on the network, not folders of this machine.

    Args:
        environment: variables of this process.

    Returns:
        Variables for uv in the container, without certificates.
    """
    locations = {name: _on_the_network(environment.get(name, "")) for name in _LOCATIONS}
    others = {name: value for name, value in environment.items() if _OTHERS.fullmatch(name)}
    return {name: value for name, value in {**locations, **others}.items() if value}


def find_ca_bundle(environment: Mapping[str, str]) -> Path | None:
    """Find the file of trusted certificates that the variables of this process name, if they name one."""
    named = (environment.get(name) for name in _CA_BUNDLES)
    return next((Path(name).resolve() for name in named if name and Path(name).is_file()), None)


def _on_the_network(locations: str) -> str:
    """Drop folders from a list of places, which spaces or commas separate; "name=URL" is a place too."""
    separator = "," if "," in locations else " "
    places = locations.replace(",", " ").split()
    return separator.join(place for place in places if re.match(r"([\w.-]+=)?https?://", place))
