"""The estimate of the cost: rows recomputed by hand, tiers, and what each option changes."""

import json
import math
import re
from dataclasses import fields, replace
from urllib.parse import urlsplit

import pytest

from tools.console import ToolError
from tools.cost import VARIANTS, VOLUMES, Workload, cost, parse_count, prices, render_docs
from tools.cost.estimate import LINES, estimate
from tools.cost.events import Event, billed_seconds, load_events
from tools.cost.prices import LAMBDA_GIGABYTE_SECOND, REGIONS, charge
from tools.cost.workload import REGIONAL_CACHES, REGIONAL_SHARES, Flow, estimate_flow
from tools.paths import PROJECT

FLOW = Flow(requests=1e8, shield_requests=0, origin_requests=5e6, makings=1e5, first_makings=6e5, paths=5_000)
SITE = Workload.of_volume(1e8, 100_000, average_bytes=50_000)


def test_transfer_by_hand() -> None:
    """100 million responses of 50,000 bytes are 4,656.6 GiB, all of them in the first tier of 10 TB."""
    lines = estimate("regional_resize", SITE, "us-east-1", FLOW).lines
    assert lines["transfer to viewers"] == pytest.approx(4_656.6129 * 0.085, rel=1e-6)
    # Ten times as much: 10,240 GB at 0.085 and 36,326.1 GB at 0.080.
    more = replace(SITE, average_bytes=500_000)
    lines = estimate("regional_resize", more, "us-east-1", FLOW).lines
    assert lines["transfer to viewers"] == pytest.approx(10_240 * 0.085 + 36_326.129 * 0.080, rel=1e-6)


def test_edge_runs_by_hand() -> None:
    """4.9 million runs of 26.7 ms with 1.7275 GB: $0.60 per million, and 0.00005001 per GB-second."""
    event = load_events()["edge_resize"]["hit"]
    seconds = event.cpu_seconds + 0.025
    expected = 4.9e6 * 0.60e-6 + 4.9e6 * seconds * 1.7275390625 * 0.00005001
    lines = estimate("edge_resize", SITE, "us-east-1", FLOW).lines
    assert lines["function runs, derivative exists"] == pytest.approx(expected, rel=1e-9)
    assert 10 < expected < 50


def test_s3_requests_by_hand() -> None:
    """`regional_resize` reads S3 once for each of 4.9 million misses; 100,000 makings read and write."""
    making = load_events()["regional_resize"]["make"]
    expected = 4.9 * 0.40 + 0.1 * (making.reads * 0.40 + making.writes * 5.00)
    lines = estimate("regional_resize", SITE, "us-east-1", FLOW).lines
    assert lines["S3 requests"] == pytest.approx(expected, rel=1e-9)
    assert lines["function runs, derivative exists"] == 0


@pytest.mark.parametrize("variant", VARIANTS)
def test_invalidations_by_hand(variant: str) -> None:
    """5,000 replaced originals: 4,000 paths beyond the free 1,000 at half a cent, or 9,000 of two each."""
    lines = estimate(variant, SITE, "us-east-1", FLOW).lines
    assert lines["invalidations"] == pytest.approx(45 if variant == "regional_resize" else 20)


@pytest.mark.parametrize(
    ("units", "dollars"),
    [
        (0, 0),
        (6e9, 6e9 * 0.0000166667),
        (7e9, 6e9 * 0.0000166667 + 1e9 * 0.000015),
        (16e9, 6e9 * 0.0000166667 + 9e9 * 0.000015 + 1e9 * 0.0000133334),
    ],
)
def test_tiers(units: float, dollars: float) -> None:
    assert charge(units, LAMBDA_GIGABYTE_SECOND) == pytest.approx(dollars)


def test_every_price_list_ends_without_limit() -> None:
    for region in REGIONS.values():
        for tiers in (region.transfer, region.storage, region.log):
            assert tiers[-1][0] == math.inf
            assert [price for _, price in tiers] == sorted((price for _, price in tiers), reverse=True)


def test_models_and_dashboard_have_the_same_regional_caches() -> None:
    dashboard = (PROJECT / "terraform" / "modules" / "monitoring" / "dashboard.tf").read_text("utf-8")
    listed = dashboard.partition("edge_regions = [")[2].partition("]")[0]
    assert len(set(re.findall(r'"([a-z]+-[a-z]+-\d)"', listed))) == REGIONAL_CACHES


def test_every_price_has_a_dated_source() -> None:
    """A price without a page to compare it with is a guess."""
    constants = {name for name, value in vars(prices).items() if isinstance(value, float) and name.isupper()}
    tiers = {"INVALIDATION", "LAMBDA_GIGABYTE_SECOND"}
    assert prices.SOURCES.keys() == constants | tiers
    of_regions = {field.name for field in fields(prices.Prices)} - {"viewers", "sources"}
    for region in REGIONS.values():
        assert region.sources.keys() == of_regions
    for source in [
        *prices.SOURCES.values(),
        *(each for one in REGIONS.values() for each in one.sources.values()),
    ]:
        url = urlsplit(source.url)
        assert (url.scheme, bool(url.path.strip("/"))) == ("https", True)
        assert url.hostname in {
            "aws.amazon.com",
            "pricing.us-east-1.amazonaws.com",
            "github.com",
            "signoz.io",
        }
        assert re.fullmatch(r"20\d\d-\d\d(-\d\d)?", source.date)


@pytest.mark.parametrize("variant", VARIANTS)
def test_measured_calls_are_those_of_the_design(variant: str) -> None:
    """The counts of requests are contracts: a hit of edge_resize is two HEADs and CloudFront's GET."""
    events = load_events()[variant]
    expected = {
        "edge_resize": {"hit": (1, 3, 0), "make": (1, 4, 1)},
        "object_lambda": {"make": (1, 1, 0)},
        "regional_resize": {"hit": (0, 1, 0), "make": (1, 5, 1)},
        "s3_trigger": {"hit": (0, 1, 0), "make": (1, 5, 1)},
    }[variant]
    assert events.keys() == expected.keys()
    for name, event in events.items():
        # A request that S3 failed is sent again.
        assert (event.runs, event.reads, event.writes) == pytest.approx(expected[name], abs=0.05)


def test_flow_of_one_image_is_known() -> None:
    """A busy image is fetched once in each TTL by each regional cache, and once in all with Origin Shield."""
    busy = Workload(requests=1e10, originals=1, sizes=1, ttl_seconds=86_400.0, replaced=0)
    assert estimate_flow(busy).origin_requests == pytest.approx(30 * 13, rel=0.01)
    assert estimate_flow(replace(busy, shield=True)).origin_requests == pytest.approx(30, rel=0.01)
    assert sum(REGIONAL_SHARES) == pytest.approx(1)


def test_flow_conserves_requests_and_improves_with_the_ttl() -> None:
    site = Workload.of_volume(1e8)
    assert sum(count * rate for count, rate in site.classes()) * 30 * 86_400 == pytest.approx(1e8)
    assert sum(count for count, _ in site.classes()) == 600_000
    ratios = [estimate_flow(replace(site, ttl_seconds=days * 86_400.0)).hit_ratio for days in (1, 7, 30)]
    assert ratios == sorted(ratios)
    assert 0.5 < ratios[0] < ratios[2] < 1
    assert estimate_flow(replace(site, hit_ratio=0.95)).origin_requests == pytest.approx(5e6)


@pytest.mark.parametrize("region", REGIONS)
def test_report_has_every_variant_and_volume(region: str) -> None:
    workloads = [Workload.of_volume(volume) for volume in VOLUMES]
    report = cost(workloads, variant=None, region=region)
    assert all(name in report for name in (*VARIANTS, "1 M", "100 M", "1 B", "10 B", "2026-11-30"))
    document = json.loads(cost(workloads, variant=None, region=region, as_json=True))
    assert len(document["estimates"]) == len(VARIANTS) * len(VOLUMES)
    for item in document["estimates"]:
        assert list(item["lines"]) == list(LINES)
        assert item["total"] == pytest.approx(sum(item["lines"].values()))


def test_documents_are_up_to_date() -> None:
    """After a change of prices or measurements: ./invokew cost --docs."""
    page = (PROJECT / "docs" / "costs.md").read_text("utf-8")
    text, svg = render_docs(page)
    assert text == page
    assert svg == (PROJECT / "docs" / "costs.svg").read_text("utf-8")


@pytest.mark.parametrize(("text", "number"), [("500", 500), ("20M", 2e7), ("1.5B", 1.5e9), ("3k", 3_000)])
def test_counts(text: str, number: float) -> None:
    assert parse_count(text, "requests") == number


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"variant": "resize"}, "--variant takes one of"),
        ({"region": "mars-1"}, "--region takes one of"),
    ],
)
def test_bad_options_get_one_sentence(options: dict[str, str], sentence: str) -> None:
    with pytest.raises(ToolError, match=sentence):
        cost([Workload.of_volume(1e6)], **({"variant": None, "region": "us-east-1"} | options))  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "many", "1T", "12MM", "nan", "inf", "infB"])
def test_bad_counts_get_one_sentence(text: str) -> None:
    with pytest.raises(ToolError, match="--requests takes a number"):
        parse_count(text, "requests")


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ({"requests": 0}, "--requests takes a number from 1 to 1,000,000,000,000, not 0."),
        ({"zipf": 9}, "--zipf takes a number from 0 to 3, not 9."),
        ({"hit_ratio": 2}, "--hit-ratio takes a number from 0 to 1, not 2."),
        ({"sizes": 0}, "--sizes takes a number from 1 to 1,000, not 0."),
        ({"ttl_seconds": 400 * 86_400}, "--ttl-days takes a number from 0.0001 to 365, not 400."),
    ],
)
def test_numbers_out_of_range_are_refused(field: dict[str, float], sentence: str) -> None:
    with pytest.raises(ToolError, match=f"^{re.escape(sentence)}$"):
        Workload(**({"requests": 1e6, "originals": 10} | field))  # type: ignore[arg-type]


def test_event_without_run_has_no_billed_time() -> None:
    event = Event(runs=0, cpu_seconds=0, reads=1, writes=0, log_bytes=0)
    assert billed_seconds("regional_resize", "hit", event) == 0
