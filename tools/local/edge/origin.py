"""Origins of a distribution. CloudFront treats buckets and other HTTPS servers differently.

Source: CloudFront Developer Guide, "Use various origins with CloudFront distributions".
"""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, override

from tools.local.edge.messages import make_event_headers

# CloudFront Developer Guide, "Amazon S3 origin": the forms of a bucket's domain name.
_BUCKET_DOMAIN = re.compile(r"(?P<bucket>.+)\.s3[.-]?(?P<region>[a-z0-9-]+)?\.amazonaws\.com")
_GLOBAL_REGION = "us-east-1"

DEFAULT_READ_TIMEOUT_SECONDS = 30
"""Response timeout of an origin without a configured one."""


@dataclass(frozen=True, kw_only=True)
class Origin(ABC):
    """A server from which CloudFront fetches objects.

    Attributes:
        domain_name: host name of the server.
        path: origin path, which precedes the path of a request.
        custom_headers: headers that CloudFront adds to each request.
        read_timeout_seconds: maximum time without data from the origin, called response timeout in the guide.
        min_error_seconds: minimum time in seconds for which CloudFront caches a cacheable error.
    """

    domain_name: str
    path: str = ""
    custom_headers: tuple[tuple[str, str], ...] = ()
    read_timeout_seconds: float = DEFAULT_READ_TIMEOUT_SECONDS
    min_error_seconds: ClassVar[int] = 0

    @property
    @abstractmethod
    def region(self) -> str:
        """AWS Region of the origin."""

    @property
    @abstractmethod
    def signing_service(self) -> str | None:
        """Service for which origin access control signs requests; None: CloudFront does not sign."""

    @abstractmethod
    def to_event(self) -> dict[str, object]:
        """Return the `origin` object of a Lambda@Edge event.

        Source: CloudFront Developer Guide, "Lambda@Edge event structure".
        """

    def emulator_address(self) -> tuple[str, str]:
        """Return the Host header and the path prefix by which the emulator finds the origin."""
        return self.domain_name, ""

    def _common_event_fields(self) -> dict[str, object]:
        return {
            "customHeaders": make_event_headers(self.custom_headers),
            "domainName": self.domain_name,
            "path": self.path,
        }


@dataclass(frozen=True, kw_only=True)
class S3Origin(Origin):
    """A bucket, or an access point by its alias, that CloudFront reads with origin access control."""

    # CloudFront protects buckets: a minimum TTL of 0 counts as one second.
    min_error_seconds: ClassVar[int] = 1

    @property
    @override
    def region(self) -> str:
        return self._domain["region"] or _GLOBAL_REGION

    @property
    @override
    def signing_service(self) -> str:
        return "s3"

    @override
    def to_event(self) -> dict[str, object]:
        # The event of a bucket with origin access control names no authentication method and no Region.
        return {"s3": self._common_event_fields() | {"authMethod": "none", "region": ""}}

    @override
    def emulator_address(self) -> tuple[str, str]:
        # The emulator finds an Object Lambda access point by its alias in the host name, and a bucket of any
        # name, dots included, by the path.
        if self.domain_name.partition(".")[0].endswith("--ol-s3"):
            return super().emulator_address()
        return f"s3.{self.region}.amazonaws.com", f"/{self._domain['bucket']}"

    @property
    def _domain(self) -> re.Match[str]:
        found = _BUCKET_DOMAIN.fullmatch(self.domain_name)
        if found is None:
            raise ValueError(f"{self.domain_name} is not the domain name of a bucket.")
        return found


@dataclass(frozen=True, kw_only=True)
class CustomOrigin(Origin):
    """An HTTPS server: a function URL with origin access control, or a server for which a function signs.

    Attributes:
        access_control: True if CloudFront signs the requests.
    """

    access_control: bool = False

    @property
    @override
    def region(self) -> str:
        # The domain name of a function URL is `ID.lambda-url.REGION.on.aws`.
        return self.domain_name.split(".")[2]

    @property
    @override
    def signing_service(self) -> str | None:
        return "lambda" if self.access_control else None

    @override
    def to_event(self) -> dict[str, object]:
        https = {"port": 443, "protocol": "https", "sslProtocols": ["TLSv1.2"]}
        timeouts = {"keepaliveTimeout": 5, "readTimeout": self.read_timeout_seconds}
        return {"custom": self._common_event_fields() | https | timeouts}
