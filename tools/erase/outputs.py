"""The outputs of Terraform for commands that purge, erase or check images."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """A CloudFront distribution and the variant that it serves."""

    variant: str
    distribution_id: str
    domain_name: str


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """Names of the deployed resources, from Terraform's outputs.

    Attributes:
        account_id: account of the deployment.
        region: Region of the buckets and the regional functions.
        variants: deployed variants.
        distributions: distributions of the deployed variants; s3_trigger may have none.
        originals_bucket: bucket of the originals, and of the derivatives of edge_resize.
        resized_path: folder of the derivatives of edge_resize, without a slash at the end. The folder may
            contain derivatives although the variant is no longer deployed.
        derivatives_bucket: bucket of the derivatives of regional_resize; None: not deployed.
        destination_bucket: bucket of the derivatives of s3_trigger; None: not deployed.
        source_prefix: prefix of the originals of s3_trigger.
        restore_prefix: prefix below which s3_trigger copies restored originals.
        signed_urls: URLs that need a signature: "none", "unlisted" or "all".
        function_arns: function => ARN.
        purged_variants: variants whose old images the function purge removes.
    """

    account_id: str
    region: str
    variants: tuple[str, ...]
    distributions: tuple[Distribution, ...]
    originals_bucket: str
    resized_path: str
    derivatives_bucket: str | None = None
    destination_bucket: str | None = None
    source_prefix: str = ""
    restore_prefix: str = ""
    signed_urls: str = "none"
    function_arns: Mapping[str, str] = field(default_factory=dict)
    purged_variants: frozenset[str] = frozenset()

    @property
    def buckets(self) -> tuple[str, ...]:
        """Names of all buckets with images."""
        found = (self.originals_bucket, self.derivatives_bucket, self.destination_bucket)
        return tuple(bucket for bucket in found if bucket)

    @classmethod
    def from_terraform(cls, outputs: Mapping[str, Any]) -> "Outputs":
        """Select the values among all outputs of Terraform."""
        found = outputs["deployment"]
        buckets = outputs["bucket_names"]
        trigger = outputs.get("s3_trigger") or {}
        domain_names = outputs["distribution_domain_names"]
        return cls(
            **found | {"variants": tuple(sorted(found["variants"]))},
            distributions=tuple(
                Distribution(variant=variant, distribution_id=each, domain_name=domain_names[variant])
                for variant, each in sorted(outputs["distribution_ids"].items())
            ),
            originals_bucket=buckets["originals"],
            derivatives_bucket=buckets.get("derivatives"),
            destination_bucket=buckets.get("destination"),
            source_prefix=trigger.get("source_prefix", ""),
            restore_prefix=trigger.get("restore_prefix", ""),
            function_arns=outputs["function_arns"],
            purged_variants=frozenset((outputs.get("purge") or {}).get("distribution_ids", ())),
        )
