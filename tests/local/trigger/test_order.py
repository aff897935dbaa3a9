"""Events that arrive late, twice and in any order."""

import itertools

import pytest

from tests.local.trigger.conftest import PREFIX, Uploads, make_image

pytestmark = pytest.mark.xdist_group("trigger")

# Images of different content.
VERSIONS = [make_image(200, 100), make_image(100, 200), make_image(150, 150)]


def test_three_versions_of_a_key_in_every_order(uploads: Uploads) -> None:
    """One key for each order. Every event arrives twice, and events of a key are processed concurrently."""
    newest: dict[str, str] = {}
    with uploads.without_notifications():
        for order in itertools.permutations(range(3)):
            name = f"order/{''.join(map(str, order))}.png"
            etags = [uploads.put(name, version) for version in VERSIONS]
            newest[name] = etags[-1]
            for number in (*order, *order):
                uploads.send(uploads.record(name, etags[number], f"00{number}"))

        for name, etag in newest.items():
            assert uploads.wait_for_outcomes(f"{PREFIX}{name}", 6) == {"made": 1, "current": 5}
            uploads.wait_for_derivative(name, etag)
            # A written derivative triggers the function once: the derivative was written once.
            assert uploads.wait_for_outcomes(name, 1) == {"marked": 1}
