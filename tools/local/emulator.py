"""The AWS emulator (MiniStack) as a child process, with IAM, bucket policies and signatures enforced."""

import os
import signal
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import boto3
import botocore.session
from boto3.session import Session
from botocore.config import Config

from tools.console import ToolError
from tools.local import guard
from tools.local.logs import format_log_tail
from tools.local.state import StateFolder
from tools.paths import PROJECT
from tools.process import PIPE, STDOUT, Process, TimeoutExpired, start

REGION = "us-east-1"
# MiniStack's root key. It stands for the account itself: a deployer with all rights.
ROOT_KEY = "test"
_SERVICES = "cloudfront,iam,lambda,logs,monitoring,s3,sqs,sts"
_START_SECONDS = 60.0
_STOP_SECONDS = 5.0


class Emulator:
    """A running MiniStack on a free port of 127.0.0.1, its files in the state folder."""

    def __init__(self, state: StateFolder, environment: Mapping[str, str] | None = None) -> None:
        """Describe an emulator; it starts on `with`.

        Args:
            state: where its log and its temporary files go.
            environment: more environment for it and for the functions in it, over what the stack sets.
        """
        self._state = state
        self._environment = dict(environment or {})
        self._process: Process | None = None
        self.url = ""

    def __enter__(self) -> Self:
        """Start it and wait until it answers.

        Raises:
            ToolError: it ended or stayed silent; the message has the last lines of its log.
        """
        self._state.temporary.mkdir(parents=True, exist_ok=True)
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(128)
            port: int = listener.getsockname()[1]
            self.url = f"http://127.0.0.1:{port}"
            self._spawn(listener.fileno(), port)
        try:
            self._wait_until_healthy()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()

    def _spawn(self, listener: int, port: int) -> None:
        with self._state.emulator_log.open("wb") as log:
            self._process = start(
                [sys.executable, "-P", guard.__file__, "-m", "tools.local.emulator_boot", str(listener)],
                cwd=PROJECT,
                environment=self._child_environment(port),
                pass_fds=[listener],
                stdin=PIPE,
                stdout=log,
                stderr=STDOUT,
                start_new_session=True,
            )

    def _child_environment(self, port: int) -> dict[str, str]:
        """Nothing of the user's AWS or Docker set-up gets in, and nothing is written outside the folder."""
        folder = self._state.temporary
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "AUTH": "true",
            "AWS_ACCESS_KEY_ID": ROOT_KEY,
            "AWS_SECRET_ACCESS_KEY": ROOT_KEY,
            "DOCKER_HOST": f"unix://{folder}/no-docker",
            "GATEWAY_PORT": str(port),
            "IOT_MTLS_ENABLED": "0",
            "MINISTACK_REGION": REGION,
            "SERVICES": _SERVICES,
            "SFTP_ENABLED": "0",
            **self._environment,
        }

    def _wait_until_healthy(self) -> None:
        # The socket listens before the process runs: the first request waits in its queue, nothing is polled.
        try:
            health = f"{self.url}/_ministack/health"
            # No proxy of the user's: the address is one of this machine.
            direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with direct.open(health, timeout=_START_SECONDS) as answer:
                answer.read()
        except (OSError, urllib.error.URLError) as error:
            raise ToolError(
                f"The AWS emulator did not start.\n{format_log_tail(self._state.emulator_log)}"
            ) from error

    @property
    def pid(self) -> int:
        """Of the guard, which the emulator ends with; 0 when there is none."""
        return self._process.pid if self._process else 0

    @property
    def crashed(self) -> bool:
        """Whether the process ended without being told to."""
        return self._process is not None and self._process.poll() is not None

    def stop(self) -> None:
        """End the process and the functions in it."""
        if self._process is None:
            return
        process, self._process = self._process, None
        with process:
            if process.poll() is not None:
                return
            # The guard leads a process group of its own, with the sandboxes of the functions in it.
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(_STOP_SECONDS)
            except TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)

    def session(self) -> Session:
        """A boto3 session with the root key; its clients need `endpoint_url=emulator.url`."""
        return root_session()


def root_session() -> Session:
    """Return a boto3 session with the root key and nothing of the user's: no profile, setting or proxy."""
    defaults = botocore.session.Session.SESSION_VARIABLES
    # Each is (name in a profile, name in the environment, default, type), of which the defaults stay.
    variables = {name: (None, None, default, cast) for name, (_, _, default, cast) in defaults.items()}
    variables |= dict.fromkeys(("config_file", "credentials_file"), (None, None, os.devnull, None))
    core = botocore.session.Session(session_vars=variables)
    core.set_default_client_config(Config(proxies={}))
    return boto3.Session(
        aws_access_key_id=ROOT_KEY,
        aws_secret_access_key=ROOT_KEY,
        region_name=REGION,
        botocore_session=core,
    )
