"""Interruptions of a command, before or after one of its requests to AWS."""

from dataclasses import dataclass
from typing import Any, Self

from tools.deployment import Deployment
from tools.erase.outputs import Outputs

STEPS = frozenset(
    {
        "AbortMultipartUpload",
        "CreateInvalidation",
        "DeleteObject",
        "DeleteObjects",
        "GetBucketVersioning",
        "GetInvalidation",
    }
)
"""Requests that change something, and those that come before and after all changes."""


class InterruptedByTestError(Exception):
    """The process was killed."""


@dataclass(kw_only=True)
class Interruption:
    """Kills a command at one of its steps.

    Attributes:
        deployment: deployment whose clients are interrupted.
        step: number of the request, from 0.
        after: kill after the request had its effect, not before the request is sent.
        seen: names of the steps until now.
    """

    deployment: Deployment[Outputs]
    step: int
    after: bool
    seen: list[str]

    def __enter__(self) -> Self:
        for client in (self.deployment.s3, self.deployment.cloudfront):
            client.meta.events.register("before-call", self._before)
            client.meta.events.register("after-call", self._after)
        return self

    def __exit__(self, *_: object) -> None:
        for client in (self.deployment.s3, self.deployment.cloudfront):
            client.meta.events.unregister("before-call", self._before)
            client.meta.events.unregister("after-call", self._after)

    def _before(self, *, model: Any, **_: object) -> None:
        if model.name in STEPS:
            self.seen.append(model.name)
            self._kill(model.name, after=False)

    def _after(self, *, model: Any, **_: object) -> None:
        self._kill(model.name, after=True)

    def _kill(self, name: str, *, after: bool) -> None:
        if name in STEPS and after is self.after and len(self.seen) == self.step + 1:
            raise InterruptedByTestError(f"{name} number {self.step}")
