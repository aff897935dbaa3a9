"""Options of derivatives that a backfill makes, in the canonical form of the viewer-request function."""

from collections.abc import Sequence
from urllib.parse import parse_qsl

from tools.backfill.outputs import RegionalOutputs
from tools.console import ToolError
from tools.paths import use_packages

# The parameters of regional_resize among the canonical ones (CANONICAL in functions/viewer_request/index.js).
_NAMES = ("fit", "format", "gravity", "height", "quality", "size", "width")
# S3 API reference, "LambdaInvokeOperation", UserArguments.
_MAX_ARGUMENT = 1024


def name_derivatives(queries: Sequence[str], outputs: RegionalOutputs) -> str:
    """Return the names of the derivatives with these options, separated by spaces: the argument of a job.

    Args:
        queries: canonical queries such as `format=auto-avif&width=640`, in any order of the parameters. An
            empty one is the original without metadata.
        outputs: settings of the deployment.

    Raises:
        ToolError: there are no options or too many, or no viewer requests a derivative with these options.
    """
    names = " ".join(dict.fromkeys(_name_derivative(query, outputs) for query in queries))
    if not names:
        raise ToolError(
            "Name the options of the derivatives, for instance --options 'width=640&format=auto-avif'."
        )
    if len(names) > _MAX_ARGUMENT:
        raise ToolError("These are too many options for one job: run a backfill for each part of them.")
    return names


def _name_derivative(query: str, outputs: RegionalOutputs) -> str:
    use_packages()
    from image_core import OUTPUT_VERSION  # noqa: PLC0415 - see `use_packages`
    from image_url import QueryError, derivative_name, parse_query, read_sizes  # noqa: PLC0415

    values = dict(parse_qsl(query, keep_blank_values=True))
    _check_rounding(query, values, outputs)
    sizes, _ = read_sizes("sizes", outputs.sizes)
    try:
        options = parse_query(query, sizes, outputs.quality)
    except QueryError as error:
        raise ToolError(f"{query!r} is not in canonical form: {error}") from error
    return derivative_name(options, OUTPUT_VERSION)


def _check_rounding(query: str, values: dict[str, str], outputs: RegionalOutputs) -> None:
    """Check that the viewer-request function would neither drop, translate nor round a parameter."""
    if unknown := sorted(values.keys() - set(_NAMES)):
        raise ToolError(
            f"{query!r} is not in canonical form: {unknown[0]} is none of its parameters, "
            f"which are {', '.join(_NAMES)}."
        )
    rounded = "width" if "width" in values else "height"
    for name, allowed in ((rounded, outputs.widths), ("quality", outputs.qualities)):
        if name in values and values[name] not in map(str, allowed):
            raise ToolError(
                f"{query!r} is not in canonical form: CloudFront rounds the {name} of a request to one of "
                f"{', '.join(map(str, sorted(allowed)))}."
            )
