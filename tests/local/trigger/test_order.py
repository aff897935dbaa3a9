"""Events that come late, twice and in any order."""

import itertools

import pytest

from tests.local.trigger.conftest import PREFIX, Uploads, make_image

pytestmark = pytest.mark.xdist_group("trigger")

# Each has another image in its middle.
VERSIONS = [make_image(200, 100), make_image(100, 200), make_image(150, 150)]


def test_three_versions_of_a_key_in_every_order(uploads: Uploads) -> None:
    """A key for each order. Every event comes twice, and those of a key are worked on at the same time."""
    newest: dict[str, str] = {}
    with uploads.unheard():
        for order in itertools.permutations(range(3)):
            name = f"order/{''.join(map(str, order))}.png"
            etags = [uploads.put(name, version) for version in VERSIONS]
            newest[name] = etags[-1]
            for number in (*order, *order):
                uploads.send(uploads.record(name, etags[number], f"00{number}"))

        for name, etag in newest.items():
            assert uploads.outcomes(f"{PREFIX}{name}", 6) == {"made": 1, "current": 5}
            uploads.derivative(name, etag)
            # What is written starts the function once more: it was written once.
            assert uploads.outcomes(name, 1) == {"marked": 1}
