"""The outputs of Terraform for the variants whose function makes derivatives ahead."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

from tools.console import ToolError
from tools.paths import use_packages


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """Terraform's output for a variant whose function makes derivatives ahead.

    Attributes:
        source_bucket: bucket of the originals.
        destination_bucket: bucket of the derivatives.
        jobs_bucket: bucket of manifests and reports.
        batch_role_arn: role of S3 Batch Operations.
    """

    VARIANT: ClassVar[str]

    region: str
    account_id: str
    source_bucket: str
    destination_bucket: str
    jobs_bucket: str
    batch_role_arn: str
    function_arn: str

    @property
    def partition(self) -> str:
        """Partition of all ARNs: "aws", "aws-cn" or "aws-us-gov"."""
        return self.function_arn.split(":")[1]

    @property
    def prefix(self) -> str:
        """First characters of the keys of originals."""
        raise NotImplementedError

    def is_original(self, key: str) -> bool:
        """Return whether a key below the prefix is that of an original."""
        raise NotImplementedError

    @classmethod
    def from_terraform(cls, outputs: Mapping[str, Any]) -> Self:
        """Select the output among all outputs of Terraform.

        Raises:
            ToolError: the variant is not deployed.
        """
        found = outputs.get(cls.VARIANT)
        if not found:
            raise ToolError(
                f"The variant {cls.VARIANT} is not deployed: add it to the Terraform variable variants and "
                f"apply the configuration, or locally ./invokew up --detach --variants {cls.VARIANT}."
            )
        return cls(**{field.name: found[field.name] for field in fields(cls)})


@dataclass(frozen=True, kw_only=True)
class TriggerOutputs(Outputs):
    """Terraform's output `s3_trigger`."""

    VARIANT = "s3_trigger"

    source_prefix: str
    restore_prefix: str
    suffixes: list[str]
    failure_queue_url: str

    @property
    def prefix(self) -> str:
        """First characters of the keys of originals."""
        return self.source_prefix

    def is_original(self, key: str) -> bool:
        """Return whether the upload of an object would start the function."""
        return key.endswith(tuple(self.suffixes) or "") and not key.startswith(self.restore_prefix)


@dataclass(frozen=True, kw_only=True)
class RegionalOutputs(Outputs):
    """Terraform's output `regional_resize`.

    Attributes:
        excluded_prefix: key prefix of the derivatives of edge_resize in the bucket of the originals; None
            without that variant.
        quality: the default quality, 1 to 100.
        qualities: the qualities to which the viewer-request function rounds.
        sizes: the named sizes as JSON, see `image_url.parse_sizes`; None: the built-in ones.
        widths: the widths in pixels to which the viewer-request function rounds.
    """

    VARIANT = "regional_resize"

    excluded_prefix: str | None
    quality: int
    qualities: list[int]
    sizes: str | None
    widths: list[int]

    @property
    def prefix(self) -> str:
        """Beginning of the keys of originals: empty, because every object may be an original."""
        return ""

    def is_original(self, key: str) -> bool:
        """Return whether the viewer-request function accepts a key."""
        use_packages()
        from derivation import has_dot_segment, has_image_extension  # noqa: PLC0415 - see `use_packages`

        excluded = self.excluded_prefix is not None and key.startswith(self.excluded_prefix)
        return not excluded and has_image_extension(key) and not has_dot_segment(key)
