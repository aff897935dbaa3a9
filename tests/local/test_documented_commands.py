"""The documented commands of the AWS CLI, executed on the local stack."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.test_readme import DOCUMENTS
from tools.local.emulator.names import REGION
from tools.local.stack import Stack
from tools.paths import SAMPLES

pytestmark = [
    pytest.mark.xdist_group("stack"),
    pytest.mark.skipif(shutil.which("aws") is None, reason="the AWS CLI, which the project does not need"),
]
# A line with a shell variable is part of a script. That one calls the API of key value stores, whose
# signature (SigV4A) the AWS CLI of Debian cannot make.
COMMANDS = sorted(
    {
        line
        for text in DOCUMENTS.values()
        for line in re.findall(r"^ {4}(aws [a-z-][^$\n]+)$", text, re.MULTILINE)
    }
)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command(command: str, stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes((SAMPLES / "cat.jpg").read_bytes())
    values = {
        "http://127.0.0.1:PORT": stack.emulator_url,
        "BUCKET": stack.outputs["bucket_name"],
        "-id ID": f"-id {stack.outputs['distribution_ids']['edge_resize']}",
    }
    for name, value in values.items():
        command = command.replace(name, value)
    ended = subprocess.run(  # noqa: S602  # a line of our own documentation
        command,
        shell=True,
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": stack.emulator_url,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if "NAME" in command:  # the function that an earlier deployment left behind: there is none
        assert "ResourceNotFoundException" in ended.stderr
    else:
        assert ended.returncode == 0, ended.stderr
