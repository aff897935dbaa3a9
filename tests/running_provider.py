"""An AWS provider that runs already: Terraform would start five to seven for each command."""

import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def run_provider(folder: Path, environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Yield the environment of a Terraform that uses one provider process, which ends with the context.

    A process has one configuration. Only for commands that either configure no provider, such as those with
    mocks, or configure all with the same values: both configurations of a local stack are for us-east-1.

    Args:
        folder: an initialized configuration. The provider reads relative paths of zips from here.
        environment: all environment variables of Terraform and of the provider.
    """
    [program] = folder.glob(".terraform/providers/*/hashicorp/aws/*/*/terraform-provider-aws*")
    # https://developer.hashicorp.com/terraform/plugin/debugging#starting-a-provider-in-debug-mode
    with subprocess.Popen(  # noqa: S603  # the provider that Terraform installed
        [program, "-debug"],
        cwd=folder,
        # As in tools/terraform/command.py, for the same reason.
        env={"GOGC": "400", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout
        try:
            lines = (re.search("TF_REATTACH_PROVIDERS='(.+)'", line) for line in process.stdout)
            address = next((found[1] for found in lines if found), None)
            assert address, f"{program} ended before it was ready"
            yield {**environment, "TF_REATTACH_PROVIDERS": address}
        finally:
            process.terminate()
