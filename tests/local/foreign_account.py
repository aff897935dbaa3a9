"""A user with an AWS account, a remote state and a profile, which a local stack must not use."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3

from tools.paths import PROJECT

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_KEY, _BUCKET, _OBJECT = "production", "production-state", "edge-images/terraform.tfstate"
_STATE = json.dumps(
    {
        "version": 4,
        "terraform_version": "1.9.0",
        "serial": 7,
        "lineage": "0d6ba9b2-8c64-4c2a-9f0e-000000000001",
        "outputs": {"bucket_name": {"value": "precious", "type": "string"}},
        "resources": [],
    }
)
# In a process of its own: all moto servers of one process share their buckets.
_SERVER = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""
_BACKEND = """
terraform {{
  backend "s3" {{
    bucket         = "{bucket}"
    key            = "{key}"
    region         = "us-east-1"
    use_path_style = true

    skip_credentials_validation = true
    skip_metadata_api_check     = true
    skip_requesting_account_id  = true

    endpoints = {{ s3 = "{url}" }}
  }}
}}
"""
_CONFIG = """
[default]
region = us-east-1
endpoint_url = {url}
credential_process = {trap}
[profile production]
region = us-east-1
endpoint_url = {url}
credential_process = {trap}
"""


@dataclass(frozen=True, kw_only=True)
class ForeignAccount:
    """A copy of the project with a backend, and a home directory with profiles.

    Attributes:
        project: working directory of the tasks.
        environment: environment variables of the tasks.
    """

    project: Path
    environment: dict[str, str]
    url: str
    trace: Path

    def traces(self) -> list[str]:
        """Return changes to the account's state and objects, and uses of its credentials."""
        s3 = _s3(self.url)
        state = s3.get_object(Bucket=_BUCKET, Key=_OBJECT)["Body"].read().decode()
        buckets = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
        keys = [found["Key"] for found in s3.list_objects_v2(Bucket=_BUCKET)["Contents"]]
        return [
            *(["the state was written"] if state != _STATE else []),
            *[f"a bucket {name}" for name in buckets if name != _BUCKET],
            *[f"an object {key}" for key in keys if key != _OBJECT],
            *(["a credential was used"] if self.trace.exists() else []),
        ]


@contextmanager
def foreign_account(folder: Path) -> Iterator[ForeignAccount]:
    """Serve S3 with a state, and write the project and the home directory below a folder."""
    command = [sys.executable, "-c", _SERVER]
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout
        url = f"http://127.0.0.1:{int(server.stdout.readline())}"
        s3 = _s3(url)
        s3.create_bucket(Bucket=_BUCKET)
        s3.put_object(Bucket=_BUCKET, Key=_OBJECT, Body=_STATE.encode())
        try:
            yield _write_account(folder, url)
        finally:
            server.terminate()


def _write_account(folder: Path, url: str) -> ForeignAccount:
    project, home, trace = folder / "project", folder / "home", folder / "credential-process-ran"
    for name in ("functions", "libs", "terraform", "tools", "dist"):
        shutil.copytree(
            PROJECT / name, project / name, ignore=shutil.ignore_patterns("__pycache__", ".terraform")
        )
    shutil.copyfile(PROJECT / "tasks.py", project / "tasks.py")
    images = project / "tests" / "images"
    shutil.copytree(PROJECT / "tests" / "images", images)
    (project / "terraform" / "backend.tf").write_text(_BACKEND.format(bucket=_BUCKET, key=_OBJECT, url=url))
    trap = folder / "trap"
    trap.write_text(
        f"#!/bin/sh\ntouch {trace}\n"
        f'echo \'{{"Version": 1, "AccessKeyId": "{_KEY}", "SecretAccessKey": "{_KEY}"}}\'\n'
    )
    trap.chmod(0o755)
    (home / ".aws").mkdir(parents=True)
    (home / ".aws" / "config").write_text(_CONFIG.format(url=url, trap=trap))
    (home / ".terraformrc").write_text('plugin_cache_dir = "/nowhere"\n')
    temporary = folder / "tmp"
    temporary.mkdir()
    environment = {
        **{name: os.environ[name] for name in ("PATH", "LANG", "TF_PLUGIN_DIR") if name in os.environ},
        "AWS_CA_BUNDLE": "/nowhere",
        "AWS_ENDPOINT_URL": url,
        "AWS_PROFILE": "production",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "HOME": str(home),
        "HTTP_PROXY": "http://127.0.0.1:9",
        "TMPDIR": str(temporary),
        "TF_CLI_ARGS_plan": "-nonsense",
        "TF_DATA_DIR": str(folder / "data"),
        "TF_VAR_quality": "production",
        "TF_WORKSPACE": "production",
    }
    return ForeignAccount(project=project, environment=environment, url=url, trace=trace)


def _s3(url: str) -> "S3Client":
    session = boto3.Session(aws_access_key_id=_KEY, aws_secret_access_key=_KEY, region_name="us-east-1")
    return session.client("s3", endpoint_url=url)
