"""The context object that Lambda passes to a handler."""

import time
from dataclasses import dataclass, field


@dataclass(frozen=True)
class LambdaContext:
    """A context whose remaining time begins with the limit of the function."""

    limit_seconds: float = 60
    started: float = field(default_factory=time.monotonic)

    def get_remaining_time_in_millis(self) -> int:
        return max(0, round((self.started + self.limit_seconds - time.monotonic()) * 1000))
