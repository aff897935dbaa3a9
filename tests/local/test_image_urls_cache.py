"""Cache entries of browsers, and the refusal of invalid URLs, in every distribution."""

import re
import time
from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.local.image_urls import (
    AVIF,
    CHROME,
    COFFEE,
    JPEG,
    SAFARI_15,
    WEBP,
    everywhere,
    list_derivatives,
    request,
    upload,
)
from tests.local.object_lambda_stack import SIZES, Served
from tests.vectors import CONFIGURATIONS, ROWS

pytestmark = pytest.mark.xdist_group("object_lambda")

# Headers of browsers: MDN, "List of default Accept values"; those of later versions from the browsers.
ACCEPT_HEADERS: dict[str, dict[str, str | None]] = {
    "auto-avif": {
        "Chrome, Edge": CHROME,
        "Chrome, address bar": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"
        "image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
        "Firefox": "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5",
        "Firefox 92": "image/avif,image/webp,*/*",
        "Safari": "image/webp,image/avif,image/jxl,image/heic,image/heic-sequence,video/*;q=0.8,image/png,"
        "image/svg+xml,image/*;q=0.8,*/*;q=0.5",
        "upper case, spaces, low q": "*/* , IMAGE/AVIF ; q=0.1",
        "AVIF without WebP": "image/avif",
    },
    "auto-webp": {
        "Safari 15": SAFARI_15,
        "Firefox 65": "image/webp,*/*",
        "AVIF refused": "image/avif;q=0,image/webp",
        "AVIF refused with digits": "image/avif; q=0.000 , image/webp;q=1",
    },
    "auto": {
        "no header": None,
        "curl": "*/*",
        "Googlebot": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "Internet Explorer": "image/png, image/svg+xml, image/*;q=0.8, */*;q=0.5",
        "any image": "image/*",
        "empty": "",
        "everything refused": "image/avif;q=0,image/webp;q=0.0,*/*;q=0",
        "other types": "image/avif-sequence,image/webp2,x-image/webp",
    },
}
NEGOTIATED = {"auto-avif": AVIF, "auto-webp": WEBP, "auto": JPEG}


@everywhere
def test_browsers_with_the_same_abilities_share_a_cache_entry(
    served: Served, record_property: Callable[[str, object], None]
) -> None:
    key = upload(served, "accept", COFFEE)
    for canonical, headers in ACCEPT_HEADERS.items():
        first = request(served, key, f"format={canonical}&width=128")
        assert (first.x_cache, first.headers["Content-Type"]) == ("Miss", NEGOTIATED[canonical])
        for browser, accept in headers.items():
            response = request(served, key, "w=120&auto=format", accept)
            assert (response.x_cache, response.body == first.body) == ("Hit", True), (browser, canonical)
            assert response.headers["Vary"] == "Accept"
        names = "; ".join(headers)
        record_property(
            "measured",
            f"{served.origin:12} {canonical:9} {NEGOTIATED[canonical]}, one cache entry: {names}",
        )


# The queries of the common vectors, except those that the server itself refuses.
REFUSED = [
    (row.url.partition("?")[2], row.sentence or "")
    for row in ROWS
    if row.configuration == "default" and row.status == 400 and not re.search(r"%(?!\w\w)|[^!-~]", row.url)
]
NAMES_OF_SIZES = list(CONFIGURATIONS["default"]["sizes"])


@everywhere
def test_invalid_queries_cost_nothing(served: Served, record_property: Callable[[str, object], None]) -> None:
    def count_requests() -> int:
        """Count the requests for the image to S3, S3 Object Lambda and function URLs.

        The log of the emulator gets the line of a request after its response.
        """
        last = str(uuid4())
        served.stack.s3.delete_object(Bucket=served.outputs["bucket_name"], Key=last)
        deadline = time.monotonic() + 60
        while last not in (log := served.stack.state.request_log.read_text()):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return log.count(key)

    key = upload(served, "refused", "cat.jpg")
    before = count_requests()
    candidates = {"edge_resize"} if served.origin == "edge_resize" else {"edge_signer", "object_lambda"}
    functions = candidates & set(served.outputs["function_arns"])
    runs = {function: served.count_runs(function) for function in functions}
    more = [("showExif=1", "The parameter showExif must be one of: true, false.")]
    refused = [*REFUSED, *(more if served.origin != "edge_resize" else [])]
    for query, sentence in refused * 2:
        response = request(served, key, query)
        expected = sentence.replace(", ".join(NAMES_OF_SIZES), ", ".join(sorted(SIZES))) + "\n"
        assert (response.status, response.body.decode()) == (400, expected), query
        assert (response.x_cache, response.headers["Age"]) == ("FunctionGeneratedResponse", None), query
        assert response.headers["Cache-Control"] == "no-store"
    assert count_requests() == before
    assert {function: served.count_runs(function) for function in functions} == runs
    assert list_derivatives(served, key) == set()
    assert request(served, key, "width=16").x_cache == "Miss"
    assert count_requests() > before
    sentences = {sentence for _, sentence in refused}
    record_property(
        "measured",
        f"{served.origin:12} {len(refused)} invalid queries with {len(sentences)} sentences, twice each: "
        "400, 0 function runs, 0 requests to S3, 0 cache entries",
    )
