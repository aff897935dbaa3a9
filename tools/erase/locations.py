"""Places in a deployment that hold what was made from an original, in S3 and in CloudFront."""

from dataclasses import dataclass
from enum import Enum

from tools.erase.outputs import Outputs
from tools.paths import use_packages


class Extent(Enum):
    """Keys that belong to a location."""

    OBJECT = "object"
    """The one key that equals the prefix."""
    FOLDER = "folder"
    """Derivatives directly below the prefix. `a.jpg` and `a.jpg/b.jpg` are different originals."""
    TREE = "tree"
    """Derivatives in any folder whose path begins with the prefix."""
    ALL = "all"
    """Every key that begins with the prefix."""


@dataclass(frozen=True, kw_only=True)
class Location:
    """Objects of a bucket, with all their versions.

    Attributes:
        title: kind of the objects, for the report.
        bucket: name of the bucket.
        prefix: beginning of the keys; the whole key of an `Extent.OBJECT`.
        extent: keys that belong to the location.
    """

    title: str
    bucket: str
    prefix: str
    extent: Extent

    def has(self, key: str) -> bool:
        """Return True if an object with this key, which begins with the prefix, belongs to the location."""
        if self.extent is Extent.OBJECT:
            return key == self.prefix
        if self.extent is Extent.ALL:
            return True
        use_packages()
        from derivatives import is_derivative_name  # noqa: PLC0415  # see use_packages

        return is_derivative_name(key[len(self.prefix) :].rpartition("/")[2])

    def __str__(self) -> str:
        """Return the address, such as `s3://bucket/resized/photo.jpg/`."""
        return f"s3://{self.bucket}/{self.prefix}{'*' if self.extent is Extent.TREE else ''}"


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The originals that a command works on.

    Attributes:
        text: a key, or the beginning of keys.
        is_prefix: True for the beginning of keys.
    """

    text: str
    is_prefix: bool


def parse_selection(text: str) -> Selection:
    """Parse a key, or the beginning of keys: a text with `/` or `*` at the end."""
    is_prefix = text.endswith(("/", "*"))
    return Selection(text=text.removesuffix("*"), is_prefix=is_prefix)


def list_derivative_locations(outputs: Outputs, selection: Selection) -> list[Location]:
    """Return the locations of the derivatives that requests make: those of edge_resize and regional_resize.

    The folder of edge_resize is part of the result even if the variant is no longer deployed.
    """
    extent = Extent.TREE if selection.is_prefix else Extent.FOLDER
    end = "" if selection.is_prefix else "/"
    locations = [
        Location(
            title="derivatives of edge_resize",
            bucket=outputs.originals_bucket,
            prefix=f"{outputs.resized_path}/{selection.text}{end}",
            extent=extent,
        )
    ]
    if outputs.derivatives_bucket:
        locations.append(
            Location(
                title="derivatives of regional_resize",
                bucket=outputs.derivatives_bucket,
                prefix=f"{encode_key(selection.text)}{end}",
                extent=extent,
            )
        )
    return locations


def list_originals(outputs: Outputs, key: str) -> list[Location]:
    """Return the locations of an original: itself, and the copy that s3_trigger may have restored."""
    keys = {"original": key}
    if (name := find_trigger_name(outputs, key)) is not None:
        keys["restored original"] = f"{outputs.restore_prefix}{name}"
    return [
        Location(title=title, bucket=outputs.originals_bucket, prefix=each, extent=Extent.OBJECT)
        for title, each in keys.items()
    ]


def list_made_from(outputs: Outputs, key: str) -> list[Location]:
    """Return the locations of everything that any variant made from an original or its restored copy."""
    locations = [
        location
        for original in list_originals(outputs, key)
        for location in list_derivative_locations(outputs, Selection(text=original.prefix, is_prefix=False))
    ]
    if (name := find_trigger_name(outputs, key)) is not None and outputs.destination_bucket:
        locations.append(
            Location(
                title="derivative of s3_trigger",
                bucket=outputs.destination_bucket,
                prefix=name,
                extent=Extent.OBJECT,
            )
        )
    return locations


def find_trigger_name(outputs: Outputs, key: str) -> str | None:
    """Return the key of the derivative that s3_trigger makes from an original; None if there is none."""
    if not outputs.destination_bucket or not key.startswith(outputs.source_prefix):
        return None
    return key.removeprefix(outputs.source_prefix) or None


def list_invalidation_paths(outputs: Outputs, variant: str, selection: Selection) -> frozenset[str]:
    """Return the invalidation paths of the selected originals in the distribution of a variant."""
    use_packages()
    from derivatives import derivative_paths, viewer_path  # noqa: PLC0415  # see use_packages

    if variant == "s3_trigger":
        if selection.text.startswith(outputs.source_prefix):
            return frozenset({viewer_path(selection.text.removeprefix(outputs.source_prefix))})
        covers_all = selection.is_prefix and outputs.source_prefix.startswith(selection.text)
        return frozenset({"/*"} if covers_all else ())
    if variant == "regional_resize":
        return derivative_paths(selection.text)
    return frozenset({viewer_path(selection.text)})


def encode_key(key: str) -> str:
    """Return a key as it stands in the paths of the derivatives of regional_resize."""
    use_packages()
    from image_url import encode_key as encode  # noqa: PLC0415  # see use_packages

    return encode(key)
